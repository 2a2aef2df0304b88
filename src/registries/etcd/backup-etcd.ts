import { createHash } from 'node:crypto';
import type { NodeSpec } from '../../core/drill.js';
import type { Answer, NativeBackup } from '../../core/registry.js';
import { parseObject, readBytes, within } from './answer.js';
import type { Gateway, Reply, Stream } from './gateway.js';
import { integerAt, isObject, textAt } from './json.js';
import { linesOf } from './lines.js';
import { contentOfSnapshot } from './snapshot-content.js';
import { restoreSnapshot } from './snapshot-restore.js';

export const ETCD_COPY = 'etcd-snapshot.db';
const PAGE = 512;
const HASH = 32;

interface EtcdBackupParts {
  readonly gatewayOf: (node: string) => Gateway;
  readonly nodes: readonly NodeSpec[];
  /** Ends with a slash. */
  readonly prefix: string;
}

/** etcd's snapshot: its database, followed by the SHA-256 of it. Placing it is the work of etcd's own tool. */
export const etcdBackup = ({ gatewayOf, nodes, prefix }: EtcdBackupParts): NativeBackup => ({
  fileName: ETCD_COPY,
  exportFrom: (node, options) =>
    within(options, async (signal) => {
      const reply = await gatewayOf(node).stream('/v3/maintenance/snapshot', {}, signal);
      if (isStream(reply)) return joinBlobs(reply, signal);
      const answer = readBytes(reply);
      if (answer.outcome === 'ok') return { outcome: 'unknown', reason: 'the answer is not a snapshot' };
      return NO_RIGHT.test(answer.reason) ? { ...answer, reason: `${answer.reason} (${NEEDED})` } : answer;
    }),
  check: snapshotProblem,
  contentOf: (bytes) => contentOfSnapshot(bytes, prefix),
  place: (bytes, node) => restoreSnapshot({ bytes, node, nodes }),
});

const NO_RIGHT = /permission denied|user name is empty|auth: user not found/;
const NEEDED = 'a snapshot is given to users with the role root only: name one in `credentials`';

const isStream = (reply: Reply | Stream): reply is Stream => reply.kind === 'streaming';

/** One JSON object a line; the last says that nothing remains by leaving it out. Never held as text: it may be large. */
async function joinBlobs({ parts }: Stream, signal: AbortSignal): Promise<Answer<Uint8Array>> {
  let bytes: Buffer | null = null;
  let length = 0;
  let remaining = Number.NaN;
  try {
    for await (const line of linesOf(parts)) {
      const message = parseObject(line);
      if (message === null || !isObject(message.result)) return { outcome: 'unknown', reason: line.slice(0, 300) };
      const blob = Buffer.from(textAt(message.result, 'blob') ?? '', 'base64');
      remaining = integerAt(message.result, 'remaining_bytes');
      bytes ??= Buffer.allocUnsafeSlow(blob.length + remaining + HASH);
      if (length + blob.length > bytes.length) return { outcome: 'unknown', reason: 'more came than was announced' };
      length += blob.copy(bytes, length);
    }
  } catch (error) {
    const why = signal.aborted ? signal.reason : error;
    return { outcome: 'unknown', reason: why instanceof Error ? why.message : String(why) };
  }
  if (bytes === null || remaining !== 0) {
    return { outcome: 'unknown', reason: `the snapshot broke off after ${length} bytes` };
  }
  return { outcome: 'ok', value: bytes.subarray(0, length) };
}

/** etcd itself may start on a copy that was cut off, with what is left of it. */
export function snapshotProblem(bytes: Uint8Array): string | null {
  if (bytes.length % PAGE !== HASH)
    return `its length of ${bytes.length} bytes is not that of a snapshot with its hash`;
  const said = Buffer.from(bytes.subarray(-HASH)).toString('hex');
  const found = createHash('sha256').update(bytes.subarray(0, -HASH)).digest('hex');
  return said === found ? null : `its SHA-256 is ${found}, the trailer says ${said}`;
}
