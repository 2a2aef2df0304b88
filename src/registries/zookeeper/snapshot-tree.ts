/** The nodes in a snapshot file, as the server serialises its tree. */
import { juteReader } from './jute.js';

export interface SnapshotNode {
  readonly path: string;
  readonly data: string;
  readonly ephemeral: boolean;
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
  // Access lists by number: permissions, scheme, id.
  times(body.int(), () => {
    body.long();
    times(body.int(), () => [body.int(), body.text(), body.text()]);
  });
  const nodes: SnapshotNode[] = [];
  for (let path = body.text(); path !== END; path = body.text()) {
    const data = body.bytes().toString();
    body.long();
    times(4, body.long);
    times(3, body.int);
    const owner = body.long();
    body.long();
    nodes.push({ path, data, ephemeral: owner !== 0n && owner !== CONTAINER_OWNER });
  }
  return { nodes, endsAt: body.position() };
}
