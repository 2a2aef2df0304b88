import { pollUntil } from '../core/clock.js';
import type { NodeSpec, Scalar } from '../core/drill.js';
import { describeError } from '../core/errors.js';
import type { Confirmation, Fault, UndoData, UndoRecord } from '../core/fault.js';
import { bi } from '../core/text.js';
import { type Run, worldOf } from './context.js';
import { bounded } from './deadline.js';

const CONFIRM_WITHIN_MS = 10_000;
const CONFIRM_EVERY_MS = 3;
const CONFIRM_GRACE_MS = 500;

export interface FaultPlan {
  readonly fault: Fault;
  readonly step: string;
  readonly nodes: readonly NodeSpec[];
  readonly params: Readonly<Record<string, Scalar>>;
}

/** Reads what undoing needs; changes nothing. */
export function prepareFault(
  run: Run,
  { fault, step, nodes, params }: FaultPlan,
  signal: AbortSignal,
): Promise<UndoData> {
  return fault.prepare(worldOf(run, signal), { nodes, params, step });
}

/**
 * Sends the request, then looks at the world until the fault bites. The request is never cut off half-way: what it
 * turned on late would be missed by the reverts.
 */
export async function injectArmed(
  run: Run,
  on: { readonly plan: FaultPlan; readonly record: UndoRecord },
  signal: AbortSignal,
): Promise<Confirmation> {
  const { fault, step } = on.plan;
  const { clock } = run.services;
  const { id: undo, nodes, data } = on.record;
  const { toRunMs, note } = run.journal;
  signal.throwIfAborted();
  run.progress.touched = true;
  const requestedMs = toRunMs(clock.monotonicMs());
  // An inject that throws half-way may have turned it on: that it began is told before.
  note({ type: 'fault.requested', undo, step, fault: fault.name, nodes, requestedMs });
  await fault.inject(worldOf(run), data);
  const returnedMs = toRunMs(clock.monotonicMs());
  note({ type: 'fault.injected', undo, step, fault: fault.name, nodes, requestedMs, returnedMs });
  const { bitten, detail, observedMs: seenMs } = await confirmBite(run, on, signal);
  const observedMs = toRunMs(seenMs);
  const { scope } = fault;
  note({
    type: 'fault.confirmed',
    undo,
    step,
    fault: fault.name,
    nodes,
    scope,
    bitten,
    requestedMs,
    observedMs,
    detail,
  });
  return { bitten, detail, observedMs };
}

async function confirmBite(
  run: Run,
  on: { readonly plan: FaultPlan; readonly record: UndoRecord },
  signal: AbortSignal,
): Promise<Confirmation> {
  const { clock } = run.services;
  const { fault } = on.plan;
  let last: Confirmation | null = null;
  const look = async (cut: AbortSignal): Promise<Confirmation> => {
    last = await fault.confirm(worldOf(run, cut), on.record.data).catch((error: unknown) => ({
      bitten: null,
      observedMs: clock.monotonicMs(),
      detail: describeError(error),
    }));
    return last;
  };
  const ended = await bounded(
    (cut) =>
      pollUntil(
        () => look(cut),
        ({ bitten }) => bitten === true,
        {
          clock,
          withinMs: CONFIRM_WITHIN_MS,
          everyMs: CONFIRM_EVERY_MS,
          signal: cut,
        },
      ),
    { clock, withinMs: CONFIRM_WITHIN_MS + CONFIRM_GRACE_MS, parent: signal, graceMs: CONFIRM_GRACE_MS },
  );
  if (ended.ended === 'value') return ended.value.value;
  // Cut off: that it was not seen to bite so far does not prove that it did not.
  const seen: Confirmation | null = last;
  if (seen !== null && (seen as Confirmation).bitten === true) return seen;
  const detail =
    ended.ended === 'thrown'
      ? describeError(ended.error)
      : bi('the effect could not be told before the step was cut off', '步骤被中断前未能判断故障是否生效');
  return { bitten: null, observedMs: clock.monotonicMs(), detail };
}
