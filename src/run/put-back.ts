import { describeError } from '../core/errors.js';
import type { UndoRecord } from '../core/fault.js';
import { type Bilingual, bi } from '../core/text.js';
import { CANARY, stopTraffic } from './canary.js';
import { type Run, worldOf } from './context.js';
import { bounded } from './deadline.js';
import { isPicture, leftAround } from './surroundings.js';

const LOOK_WITHIN_MS = 15_000;
const LOOK_GRACE_MS = 1_000;

export type Left = readonly { readonly undo: string; readonly what: Bilingual }[];

/**
 * Ends the canary clients, reverts everything, newest first, and looks at the world for what is left. The faults are
 * looked at before the canary's entries go: one of them may be about such an entry. What is around the target comes last.
 * Never rejects.
 */
export async function putBack(run: Run): Promise<Left> {
  await run.timers.cancel();
  await stopTraffic(run);
  if (run.cluster === null) return [];
  const cause = run.stop.signal.aborted || run.progress.gaveUp !== null ? 'stop' : 'final';
  const isCanary = (record: UndoRecord): boolean => record.undoer === CANARY;
  const records = run.undo.answerable();
  const isChange = (record: UndoRecord): boolean => !isCanary(record) && !isPicture(run, record);
  await run.undo.revertAll(cause, isChange);
  const left = await residueOf(run, records.filter(isChange));
  await run.undo.revertAll(cause, isCanary);
  left.push(...(await residueOf(run, records.filter(isCanary))));
  left.push(...(await leftAround(run, cause)));
  run.journal.note({ type: 'residue.checked', by: 'run', checked: records.length, left });
  return [...left, ...unproven(run, left)];
}

async function residueOf(run: Run, records: readonly UndoRecord[]): Promise<{ undo: string; what: Bilingual }[]> {
  const left = [];
  for (const record of records) {
    for (const what of await lookForResidue(run, record)) left.push({ undo: record.id, what });
  }
  return left;
}

/** What cannot be looked at is not clean. */
async function lookForResidue(run: Run, record: UndoRecord): Promise<readonly Bilingual[]> {
  const undoer = run.services.undoers.find(record.undoer);
  if (undoer === undefined) return [bi(`no way to look for ${record.undoer}`, `无法检查 ${record.undoer} 的残留`)];
  const limits = { clock: run.services.clock, withinMs: LOOK_WITHIN_MS, parent: null, graceMs: LOOK_GRACE_MS };
  const ended = await bounded((signal) => undoer.residue(worldOf(run, signal), record.data), limits);
  if (ended.ended === 'value') return ended.value;
  const why =
    ended.ended === 'thrown' ? describeError(ended.error) : bi(`${LOOK_WITHIN_MS} ms`, `${LOOK_WITHIN_MS} 毫秒`);
  return [bi(`could not be looked at (${record.undoer}): ${why.en}`, `无法检查（${record.undoer}）：${why.zh}`)];
}

/** A record whose revert failed stays on the disk for `recover`, even where nothing of it shows. */
const unproven = (run: Run, left: Left): Left =>
  run.undo
    .outstanding()
    .filter((record) => !left.some(({ undo }) => undo === record.id))
    .map((record) => ({
      undo: record.id,
      what: run.undo.lastFailure(record.id) ?? bi('its undo record could not be removed', '其撤销记录无法删除'),
    }));
