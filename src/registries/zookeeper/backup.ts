/**
 * The AdminServer's snapshot, and its file put in place on a stopped, emptied server. Not the AdminServer's `restore`:
 * that is in memory only, and the next restart brings the old state back.
 */
import { mkdir, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { NodeSpec } from '../../core/drill.js';
import { syncFolder } from '../../core/durable-file.js';
import { WorldError } from '../../core/errors.js';
import type { Answer, NativeBackup } from '../../core/registry.js';
import { bi } from '../../core/text.js';
import { within } from '../within.js';
import type { Admin } from './admin.js';
import { lostAnswer } from './answer.js';
import { contentOfSnapshot, type Place } from './snapshot-content.js';
import { snapshotProblem, zxidOf } from './snapshot-file.js';

export const ZOOKEEPER_COPY = 'zookeeper-snapshot.zksn';

/** ZooKeeper keeps snapshots and logs in this folder below its `dataDir`. */
const DATA_FOLDER = 'version-2';

export const zookeeperBackup = (adminOf: (node: string) => Admin | null, where: Place): NativeBackup => ({
  fileName: ZOOKEEPER_COPY,
  exportFrom: (node, options) => within(options, (signal) => onceServed(adminOf(node), signal)),
  check: snapshotProblem,
  contentOf: (bytes) => contentOfSnapshot(bytes, where),
  place: async (bytes, node) => {
    const problem = snapshotProblem(bytes);
    if (problem !== null) throw placeFailed(node, `the snapshot is damaged: ${problem}`);
    return [await placed(bytes, node)];
  },
});

/** A server that has just lost its quorum serves nobody for two seconds; then, if it may, its own copy. */
async function onceServed(admin: Admin | null, signal: AbortSignal): Promise<Answer<Uint8Array>> {
  for (let looks = 1; ; looks += 1) {
    const answer = await exportSnapshot(admin, signal);
    const isPassing = answer.outcome === 'unknown' && NOT_SERVING.test(answer.reason);
    if (!isPassing || looks === MAX_LOOKS || signal.aborted) return answer;
    await setTimeout(LOOK_AGAIN_MS);
  }
}

const NOT_SERVING = /not currently serving|not initialized/;
const MAX_LOOKS = 50;
const LOOK_AGAIN_MS = 100;

const NO_ADMIN = 'a snapshot needs ZooKeeper’s AdminServer: give the node an `adminUrl`';

export async function exportSnapshot(admin: Admin | null, signal: AbortSignal): Promise<Answer<Uint8Array>> {
  if (admin === null) return { outcome: 'failed', reason: NO_ADMIN };
  const reply = await admin('snapshot?streaming=true', signal);
  if (reply.kind === 'refused' && /unknown command/i.test(reply.reason)) {
    return { outcome: 'failed', reason: `${reply.reason} (a snapshot needs ZooKeeper 3.9 or newer)` };
  }
  if (reply.kind === 'refused' && /authori[sz]/i.test(reply.reason)) {
    return {
      outcome: 'failed',
      reason: `${reply.reason} (a snapshot needs all rights on the node /: see \`credentials\`)`,
    };
  }
  if (reply.kind === 'refused') return { outcome: 'unknown', reason: reply.reason };
  if (reply.kind === 'answered') return { outcome: 'unknown', reason: 'the answer is not a snapshot' };
  if (reply.kind !== 'bytes') return lostAnswer(reply);
  const { body, headers } = reply;
  const announced = Number(headers.snapshot_size);
  if (announced !== body.length) {
    return { outcome: 'unknown', reason: `${body.length} bytes came, ${announced} were announced` };
  }
  const problem = snapshotProblem(body);
  return problem === null ? { outcome: 'ok', value: body } : { outcome: 'unknown', reason: problem };
}

async function placed(bytes: Uint8Array, node: NodeSpec): Promise<string> {
  const { data } = node;
  if (data === undefined || basename(data) !== DATA_FOLDER) {
    throw placeFailed(node, `its \`data\` must be the folder ${DATA_FOLDER} below its dataDir, and is ${data}`);
  }
  const path = join(data, `snapshot.${zxidOf(bytes).toString(16)}`);
  try {
    // Not recursive: it never goes into data that somebody forgot to clear.
    await mkdir(data);
  } catch (error) {
    throw placeFailed(node, `${data} could not be made: ${error}`, error);
  }
  try {
    const file = await open(path, 'wx');
    await file.writeFile(bytes);
    await file.sync();
    await file.close();
    await syncFolder(data);
    await syncFolder(dirname(data));
    return path;
  } catch (error) {
    await rm(data, { recursive: true, force: true });
    throw placeFailed(node, `${path} could not be written: ${error}`, error);
  }
}

const placeFailed = (node: NodeSpec, why: string, cause?: unknown): WorldError =>
  new WorldError({
    code: 'place-failed',
    message: bi(
      `the snapshot could not be put in place of the data of ${node.name}: ${why}`,
      `无法用快照替换 ${node.name} 的数据：${why}`,
    ),
    cause,
  });
