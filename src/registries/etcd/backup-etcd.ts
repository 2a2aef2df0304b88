import { createHash } from 'node:crypto';
import type { NodeSpec } from '../../core/drill.js';
import type { Answer, NativeBackup } from '../../core/registry.js';
import { parseObject, readBytes, within } from './answer.js';
import type { Gateway } from './gateway.js';
import { integerAt, isObject, textAt } from './json.js';
import { restoreSnapshot } from './snapshot-restore.js';

const PAGE = 512;
const HASH = 32;

/** etcd's snapshot: its database, followed by the SHA-256 of it. Placing it is the work of etcd's own tool. */
export const etcdBackup = (gatewayOf: (node: string) => Gateway, nodes: readonly NodeSpec[]): NativeBackup => ({
  fileName: 'etcd-snapshot.db',
  exportFrom: (node, options) =>
    within(options, async (signal) => {
      const answer = readBytes(await gatewayOf(node).post('/v3/maintenance/snapshot', {}, signal));
      return answer.outcome === 'ok' ? joinBlobs(answer.value.toString()) : answer;
    }),
  check: snapshotProblem,
  place: (bytes, node) => restoreSnapshot({ bytes, node, nodes }),
});

/** The stream is one JSON object a line; the last says that nothing remains by leaving it out. */
function joinBlobs(stream: string): Answer<Uint8Array> {
  const blobs: Buffer[] = [];
  let remaining = Number.NaN;
  for (const line of stream.split('\n').filter((text) => text !== '')) {
    const part = parseObject(line);
    if (part === null || !isObject(part.result)) return { outcome: 'unknown', reason: line.slice(0, 300) };
    blobs.push(Buffer.from(textAt(part.result, 'blob') ?? '', 'base64'));
    remaining = integerAt(part.result, 'remaining_bytes');
  }
  if (remaining !== 0) return { outcome: 'unknown', reason: `the snapshot broke off, ${remaining} bytes remain` };
  return { outcome: 'ok', value: Buffer.concat(blobs) };
}

function snapshotProblem(bytes: Uint8Array): string | null {
  if (bytes.length % PAGE !== HASH)
    return `its length of ${bytes.length} bytes is not that of a snapshot with its hash`;
  const said = Buffer.from(bytes.subarray(-HASH)).toString('hex');
  const found = createHash('sha256').update(bytes.subarray(0, -HASH)).digest('hex');
  return said === found ? null : `its SHA-256 is ${found}, the trailer says ${said}`;
}
