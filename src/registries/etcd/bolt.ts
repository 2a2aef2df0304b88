/**
 * Reads a bbolt database, which etcd's snapshot is: pages of B+ trees, little-endian. Only what a reader needs; the
 * layout is that of `page.go`, `bucket.go` and `meta.go` of go.etcd.io/bbolt. Throws with what is wrong.
 */
const MAGIC = 0xed0cdaed;
const HEADER = 16;
const ELEMENT = 16;
const BRANCH = 0x01;
const LEAF = 0x02;
const META = 0x04;
const IS_BUCKET = 0x01;
/** A healthy tree is four or five pages deep. */
const MAX_DEPTH = 64;

interface Bolt {
  readonly bytes: Buffer;
  readonly pageSize: number;
}

interface Meta {
  readonly pageSize: number;
  readonly root: number;
  readonly txid: bigint;
}

type Visit = (key: Buffer, value: Buffer) => void;

/** Every pair of the bucket in the order of the keys; false = the database has no such bucket. */
export function visitBucket(database: Uint8Array, name: string, visit: Visit): boolean {
  const bytes = Buffer.from(database.buffer, database.byteOffset, database.byteLength);
  const { pageSize, root } = newestMeta(bytes);
  const bolt = { bytes, pageSize };
  let found: Buffer | null = null;
  walk(bolt, pageAt(bolt, root), (key, value, isBucket) => {
    if (isBucket && key.toString() === name) found = value;
  });
  if (found === null) return false;
  walk(bolt, rootOf(bolt, found), visit);
  return true;
}

/** Two meta pages take turns: the newer one of those that are whole tells where the tree begins. */
function newestMeta(bytes: Buffer): Meta {
  const first = metaAt(bytes, 0);
  const sizes = first === null ? [4_096, 8_192, 16_384, 65_536] : [first.pageSize];
  const metas = [first, ...sizes.map((size) => metaAt(bytes, size))].filter((meta) => meta !== null);
  const [newest] = metas.sort((a, b) => Number(b.txid - a.txid));
  if (newest === undefined) throw new Error('it is not a database of etcd: neither meta page is whole');
  return newest;
}

function metaAt(bytes: Buffer, at: number): Meta | null {
  if (bytes.length < at + HEADER + 64) return null;
  const body = at + HEADER;
  if ((bytes.readUInt16LE(at + 8) & META) === 0 || bytes.readUInt32LE(body) !== MAGIC) return null;
  if (bytes.readBigUInt64LE(body + 56) !== fnv1a(bytes.subarray(body, body + 56))) return null;
  return {
    pageSize: bytes.readUInt32LE(body + 8),
    root: Number(bytes.readBigUInt64LE(body + 16)),
    txid: bytes.readBigUInt64LE(body + 48),
  };
}

function fnv1a(bytes: Buffer): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

/** From the page's first byte to the end of its last overflow page. */
function pageAt({ bytes, pageSize }: Bolt, id: number): Buffer {
  const at = id * pageSize;
  if (at + HEADER > bytes.length) throw new Error(`its page ${id} is beyond its end`);
  const end = at + (bytes.readUInt32LE(at + 12) + 1) * pageSize;
  if (end > bytes.length) throw new Error(`its page ${id} goes beyond its end`);
  return bytes.subarray(at, end);
}

/** A small bucket has its only page inside its own value. */
function rootOf(bolt: Bolt, bucket: Buffer): Buffer {
  const root = Number(bucket.readBigUInt64LE(0));
  return root === 0 ? bucket.subarray(HEADER) : pageAt(bolt, root);
}

function walk(bolt: Bolt, root: Buffer, visit: (key: Buffer, value: Buffer, isBucket: boolean) => void): void {
  const walkFrom = (page: Buffer, depth: number): void => {
    const flags = page.readUInt16LE(8);
    if (depth > MAX_DEPTH) throw new Error('its tree goes round in circles');
    if ((flags & (BRANCH | LEAF)) === 0) throw new Error(`a page of its tree has the flags ${flags}`);
    const isBranch = (flags & BRANCH) !== 0;
    for (let index = 0; index < page.readUInt16LE(10); index += 1) {
      const at = HEADER + index * ELEMENT;
      if (isBranch) walkFrom(pageAt(bolt, Number(page.readBigUInt64LE(at + 8))), depth + 1);
      else visitElement(page, at, visit);
    }
  };
  walkFrom(root, 0);
}

function visitElement(page: Buffer, at: number, visit: Parameters<typeof walk>[2]): void {
  const begin = at + page.readUInt32LE(at + 4);
  const middle = begin + page.readUInt32LE(at + 8);
  const end = middle + page.readUInt32LE(at + 12);
  if (end > page.length) throw new Error('an element of its tree goes beyond its page');
  visit(page.subarray(begin, middle), page.subarray(middle, end), (page.readUInt32LE(at) & IS_BUCKET) !== 0);
}
