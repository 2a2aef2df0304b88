/**
 * ZooKeeper's snapshot file: begins with ZKSN; the tree, perhaps a digest, and the newest transaction, each sealed with the
 * Adler-32 of all before it and the path `/`.
 */
import { adler32 } from './adler32.js';
import { treeIn } from './snapshot-tree.js';

const MAGIC = 'ZKSN';
const SEAL_BYTES = 13;
const DIGEST_BYTES = 20;
const ZXID_BYTES = 8;
const ROOT = Buffer.from([0, 0, 0, 1, 0x2f]);

/** Why these bytes cannot be a whole snapshot; null = sound. A server would ignore them, and serve an empty tree. */
export function snapshotProblem(bytes: Uint8Array): string | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const magic = file.subarray(0, MAGIC.length).toString('latin1');
  if (magic !== MAGIC) return `it begins with “${magic.replace(/[^\x20-\x7e]/g, '?')}”, not with ${MAGIC}`;
  if (file.length < 3 * SEAL_BYTES) return `${file.length} bytes are too few`;
  if (!file.subarray(-ROOT.length).equals(ROOT)) return 'its end is missing';
  const said = file.readBigInt64BE(file.length - SEAL_BYTES);
  const found = BigInt(adler32(file.subarray(0, -SEAL_BYTES)));
  if (said !== found) return `its Adler-32 is ${found.toString(16)}, its end says ${said.toString(16)}`;
  return endProblem(file);
}

/** Cut off right after a seal it would look whole. Servers from 3.9 on end it with the newest transaction. */
function endProblem(file: Buffer): string | null {
  const zxid = SEAL_BYTES + ZXID_BYTES + SEAL_BYTES;
  const wanted = [zxid, zxid + DIGEST_BYTES + SEAL_BYTES];
  try {
    const rest = file.length - treeIn(file).endsAt;
    return wanted.includes(rest) ? null : `${rest} bytes follow the tree instead of ${wanted.join(' or ')}`;
  } catch (error) {
    return `its tree cannot be read: ${error instanceof Error ? error.message : error}`;
  }
}

/** The newest transaction in it, which servers from 3.9 on write before the last seal. The file is named after it. */
export const zxidOf = (bytes: Uint8Array): bigint =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readBigInt64BE(bytes.length - SEAL_BYTES - ZXID_BYTES);
