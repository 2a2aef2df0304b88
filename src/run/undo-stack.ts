import { describeError, InvariantError, invariant, WorldError } from '../core/errors.js';
import type { RevertResult, UndoRecord } from '../core/fault.js';
import type { RevertCause } from '../core/journal.js';
import { type Bilingual, bi } from '../core/text.js';
import { type Reverting, retireRecord, revertEach, revertRecord, untilInSight } from './undo.js';

/** The undo records of this run: what was armed here, newest last. Records armed before belong to the caller. */
export interface UndoStack {
  /** On disk and journaled when it resolves; when it rejects, nothing may be changed. */
  readonly arm: (record: Omit<UndoRecord, 'id'>) => Promise<UndoRecord>;
  /**
   * Never rejects. A record is reverted by one caller at a time, and once: a `for` that runs out after a heal must not
   * lift what was turned on since. Other callers get the same answer.
   */
  readonly revert: (record: UndoRecord, cause: RevertCause) => Promise<RevertResult>;
  /** All outstanding ones that pass, newest first; then those that failed once more, in one deadline. Never rejects. */
  readonly revertAll: (cause: RevertCause, filter: (record: UndoRecord) => boolean) => Promise<void>;
  /** There is nothing to put back (any more): a restore took the place of the old state (`recover-step`), or all is as it was. */
  readonly supersede: (record: UndoRecord, detail: Bilingual, cause?: RevertCause) => Promise<void>;
  readonly outstanding: () => readonly UndoRecord[];
  /** Everything ever armed here but the superseded: what the residue check looks at. */
  readonly answerable: () => readonly UndoRecord[];
  readonly lastFailure: (undoId: string) => Bilingual | null;
}

export interface UndoStackOptions extends Reverting {
  readonly flush: () => Promise<boolean>;
  /** An undo could not be put on disk: the drill must stop. */
  readonly onUnwritable: (detail: Bilingual) => void;
}

export function undoStack(on: UndoStackOptions): UndoStack {
  const armed = new Map<string, UndoRecord>();
  const superseded = new Set<string>();
  const reverted = new Map<string, RevertResult>();
  const failures = new Map<string, Bilingual>();
  const underway = new Map<string, Promise<RevertResult>>();
  let next = 1 + Math.max(0, ...on.undoLog.outstanding().map((record) => Number(/^u(\d+)$/.exec(record.id)?.[1] ?? 0)));

  const outstanding = (): readonly UndoRecord[] => on.undoLog.outstanding().filter((record) => armed.has(record.id));

  async function arm(fields: Omit<UndoRecord, 'id'>): Promise<UndoRecord> {
    const record: UndoRecord = { id: `u${next++}`, ...fields };
    invariant(on.undoers.find(record.undoer) !== undefined, `there is no undoer named ${record.undoer}`);
    await putOnDisk(record, on);
    armed.set(record.id, record);
    const { id: undo, undoer, step, nodes } = record;
    on.note({ type: 'undo.armed', undo, undoer, step, nodes });
    if (!(await on.flush())) throw unwritten(record);
    return record;
  }

  async function revertOnce(record: UndoRecord, cause: RevertCause, limitMs: number): Promise<RevertResult> {
    const result = await revertRecord(record, cause, { ...on, limitMs });
    if (result.reverted) reverted.set(record.id, result);
    else failures.set(record.id, result.detail);
    underway.delete(record.id);
    return result;
  }

  function revert(record: UndoRecord, cause: RevertCause, limitMs = on.limitMs): Promise<RevertResult> {
    const done = reverted.get(record.id);
    if (done !== undefined) return Promise.resolve(done);
    const running = underway.get(record.id) ?? revertOnce(record, cause, limitMs);
    underway.set(record.id, running);
    return running;
  }

  return {
    arm,
    revert: (record, cause) => revert(record, cause),
    revertAll: (cause, filter) => {
      const records = [...outstanding()].reverse().filter(filter);
      return revertEach(records, waiting(on), (record, limitMs) => revert(record, cause, limitMs));
    },
    supersede: async (record, detail, cause = 'recover-step') => {
      superseded.add(record.id);
      reverted.set(record.id, { reverted: true, nothingToDo: true, detail });
      const { id: undo, undoer, step } = record;
      on.note({
        type: 'undo.reverted',
        undo,
        undoer,
        step,
        cause,
        reverted: true,
        nothingToDo: true,
        detail,
      });
      await retireRecord(record, cause, on);
    },
    outstanding,
    answerable: () => [...armed.values()].filter((record) => !superseded.has(record.id)),
    lastFailure: (undoId) => failures.get(undoId) ?? null,
  };
}

const waiting = (on: Reverting) => ({ ...on, beforeAgain: () => untilInSight(on.world, on.limitMs) });

/** In a drill without a target nothing can be changed. */
export const noUndo: UndoStack = {
  arm: () => Promise.reject(new InvariantError('something was to be changed in a drill without a target')),
  revert: (record) => Promise.reject(new InvariantError(`${record.id} was never armed`)),
  revertAll: async () => {},
  supersede: async () => {},
  outstanding: () => [],
  answerable: () => [],
  lastFailure: () => null,
};

async function putOnDisk(record: UndoRecord, on: UndoStackOptions): Promise<void> {
  try {
    await on.undoLog.arm(record);
  } catch (error) {
    on.onUnwritable(describeError(error));
    throw error;
  }
}

const unwritten = (record: UndoRecord): WorldError =>
  new WorldError({
    code: 'undo-not-journaled',
    message: bi(
      `The journal could not be flushed before ${record.step}, so nothing was changed.`,
      `在 ${record.step} 之前无法把日志写入磁盘，因此未做任何改动。`,
    ),
  });
