import type { Catalog } from '../core/catalog.js';
import { pollUntil } from '../core/clock.js';
import { describeError } from '../core/errors.js';
import type { RevertResult, Undoer, UndoRecord, World } from '../core/fault.js';
import type { EventBody, RevertCause } from '../core/journal.js';
import { type Bilingual, bi } from '../core/text.js';
import { bounded } from './deadline.js';

/** The undo records on disk. `arm` resolves after the fsync; `outstanding` is in the order of arming. */
export interface UndoLog {
  readonly arm: (record: UndoRecord) => Promise<void>;
  readonly retire: (undoId: string, cause: RevertCause) => Promise<void>;
  readonly outstanding: () => readonly UndoRecord[];
}

export interface Reverting {
  readonly undoLog: UndoLog;
  readonly undoers: Catalog<Undoer>;
  /** Without a signal: reverting ignores whatever ended the drill and has a deadline of its own. */
  readonly world: Omit<World, 'signal'>;
  readonly note: (body: EventBody) => void;
  /** Deadline of each single revert. */
  readonly limitMs: number;
}

export const REVERT_LIMIT_MS = 60_000;
const REVERT_GRACE_MS = 2_000;
const LOOK_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 200;

/** Reverts one record, journals it, and takes it off the disk when it worked. Never rejects. */
export async function revertRecord(record: UndoRecord, cause: RevertCause, on: Reverting): Promise<RevertResult> {
  const result = await tryRevert(record, on);
  on.note({
    type: 'undo.reverted',
    undo: record.id,
    undoer: record.undoer,
    step: record.step,
    cause,
    reverted: result.reverted,
    nothingToDo: result.reverted && result.nothingToDo,
    detail: result.detail,
  });
  if (result.reverted) await retireRecord(record, cause, on);
  return result;
}

/**
 * Reverts in the order given. Those that failed get a second try when all have been tried: a data revert may need the
 * quorum that an older one brings back. All second tries share one deadline, each with its part of what is left: what
 * hangs takes nothing from the others.
 */
export async function revertEach(
  records: readonly UndoRecord[],
  {
    world,
    limitMs,
    beforeAgain,
  }: Pick<Reverting, 'world' | 'limitMs'> & { readonly beforeAgain?: () => Promise<void> },
  revert: (record: UndoRecord, limitMs: number) => Promise<RevertResult>,
): Promise<void> {
  const failed: UndoRecord[] = [];
  for (const record of records) {
    if (!(await revert(record, limitMs)).reverted) failed.push(record);
  }
  if (failed.length > 0) await beforeAgain?.();
  const untilMs = world.clock.monotonicMs() + limitMs;
  for (const [index, record] of failed.entries()) {
    const leftMs = untilMs - world.clock.monotonicMs();
    await revert(record, Math.max(1, leftMs / (failed.length - index)));
  }
}

/** Waits until the nodes can be looked at, whatever they are found to be: a container engine may be coming up again. */
export async function untilInSight({ cluster, clock }: Reverting['world'], withinMs: number): Promise<void> {
  const { binding, driver } = cluster;
  const look = async (signal: AbortSignal): Promise<boolean> => {
    const limits = { clock, withinMs: LOOK_WITHIN_MS, parent: signal, graceMs: 0 };
    const looks = binding.nodes.map((node) => bounded(() => driver.inspect(node), limits));
    return (await Promise.all(looks)).every(({ ended }) => ended === 'value');
  };
  await bounded(
    (signal) => pollUntil(() => look(signal), Boolean, { clock, withinMs, everyMs: LOOK_EVERY_MS, signal }),
    { clock, withinMs, parent: null, graceMs: 0 },
  );
}

/** A record that cannot be retired stays outstanding: `recover` then finds nothing to do and removes it. */
export async function retireRecord(
  record: UndoRecord,
  cause: RevertCause,
  on: Pick<Reverting, 'undoLog' | 'note'>,
): Promise<void> {
  try {
    await on.undoLog.retire(record.id, cause);
  } catch (error) {
    on.note({ type: 'run.error', where: `undo record ${record.id}`, message: describeError(error) });
  }
}

async function tryRevert(record: UndoRecord, on: Reverting): Promise<RevertResult> {
  const undoer = on.undoers.find(record.undoer);
  if (undoer === undefined)
    return notReverted(bi(`nobody knows how to undo "${record.undoer}"`, `没有“${record.undoer}”的撤销方法`));
  const { world } = on;
  const limitMs = Math.ceil(on.limitMs);
  const ended = await bounded((signal) => undoer.revert({ ...world, signal }, record.data), {
    clock: world.clock,
    withinMs: on.limitMs,
    parent: null,
    graceMs: REVERT_GRACE_MS,
  });
  switch (ended.ended) {
    case 'value':
      return ended.value;
    case 'thrown':
      return notReverted(describeError(ended.error));
    case 'late':
    case 'stopped':
      return notReverted(bi(`not done within ${limitMs} ms`, `${limitMs} 毫秒内未完成`));
  }
}

const notReverted = (detail: Bilingual): RevertResult => ({ reverted: false, detail });
