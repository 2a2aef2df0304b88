import { describeError } from '../core/errors.js';
import { isChange, type UndoRecord } from '../core/fault.js';
import type { RevertCause } from '../core/journal.js';
import { bi } from '../core/text.js';
import { type Run, worldOf } from './context.js';
import { bounded } from './deadline.js';
import type { Left } from './put-back.js';

const LOOK_WITHIN_MS = 30_000;
const LOOK_GRACE_MS = 1_000;

export const isPicture = (run: Run, { undoer }: UndoRecord): boolean => undoer === run.services.surroundings?.undoer;

/** Takes the picture that the end is compared with, before anything of ours is there. */
export async function armSurroundings(run: Run): Promise<void> {
  const { surroundings } = run.services;
  if (run.cluster === null || surroundings === undefined) return;
  const data = await surroundings.look(worldOf(run));
  await run.undo.arm({ undoer: surroundings.undoer, step: 'surroundings', nodes: [], data });
}

/** Looks when all else is undone. A node that died of its own is no residue of ours: the run has told of it. Never rejects. */
export async function leftAround(run: Run, cause: RevertCause): Promise<Left> {
  const { surroundings } = run.services;
  const record = run.undo.outstanding().find((one) => isPicture(run, one));
  if (record === undefined || surroundings === undefined) return [];
  const limits = { clock: run.services.clock, withinMs: LOOK_WITHIN_MS, parent: null, graceMs: LOOK_GRACE_MS };
  const ended = await bounded((signal) => surroundings.changes(worldOf(run, signal), record.data), limits);
  if (ended.ended !== 'value') {
    const why =
      ended.ended === 'thrown' ? describeError(ended.error) : bi(`${LOOK_WITHIN_MS} ms`, `${LOOK_WITHIN_MS} 毫秒`);
    const what = bi(`what is around the target could not be looked at: ${why.en}`, `无法检查目标周围的状况：${why.zh}`);
    return [{ undo: record.id, what }];
  }
  const died = run.nodes.died();
  // Of what could not be undone, its own record tells.
  const told = new Set(
    run.undo
      .outstanding()
      .filter(isChange)
      .flatMap(({ nodes }) => nodes),
  );
  const left = ended.value.filter(({ node, gone }) => node === null || !(told.has(node) || (gone && died.has(node))));
  if (left.length > 0) return left.map(({ what }) => ({ undo: record.id, what }));
  await run.undo.supersede(record, AS_BEFORE, cause);
  return [];
}

const AS_BEFORE = bi(
  'node states, networks, packet rules and proxies are as before the drill',
  '节点状态、网络、数据包规则与代理均与演练前一致',
);
