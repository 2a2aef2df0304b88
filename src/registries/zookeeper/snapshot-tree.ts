/** The nodes in a snapshot file, as the server serialises its tree. */
import { type JuteReader, juteReader } from './jute.js';
import { type Acl, OPEN } from './ops.js';

export interface SnapshotNode {
  readonly path: string;
  readonly data: string;
  readonly ephemeral: boolean;
  /** The transaction that made it or changed its data last. */
  readonly changedAt: number;
  readonly rules: readonly Acl[];
}

const HEADER = { magicAndVersion: 2, databaseId: 1 } as const;
const CONTAINER_OWNER = -0x8000_0000_0000_0000n;
/** The path that ends the tree: the root itself goes by the empty one. */
const END = '/';

/** Throws a RangeError where the bytes end too soon. */
export function treeIn(bytes: Uint8Array): { readonly nodes: readonly SnapshotNode[]; readonly endsAt: number } {
  const body = juteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const times = (count: number, read: () => unknown): void => {
    for (let i = 0; i < count; i += 1) read();
  };
  times(HEADER.magicAndVersion, body.int);
  times(HEADER.databaseId, body.long);
  // Sessions with their timeouts.
  times(body.int(), () => [body.long(), body.int()]);
  const lists = new Map<bigint, readonly Acl[]>();
  times(body.int(), () => lists.set(body.long(), aclsIn(body)));
  const nodes: SnapshotNode[] = [];
  for (let path = body.text(); path !== END; path = body.text()) {
    const data = body.bytes().toString();
    // The open list has a number of its own that the table leaves out.
    const rules = lists.get(body.long()) ?? OPEN;
    body.long();
    const changedAt = Number(body.long());
    times(2, body.long);
    times(3, body.int);
    const owner = body.long();
    body.long();
    nodes.push({ path, data, ephemeral: owner !== 0n && owner !== CONTAINER_OWNER, changedAt, rules });
  }
  return { nodes, endsAt: body.position() };
}

const aclsIn = (body: JuteReader): readonly Acl[] =>
  Array.from({ length: body.int() }, () => ({ rights: body.int(), scheme: body.text(), id: body.text() }));
