import { flatSteps } from '../core/drill.js';
import type { EventOf } from '../core/journal.js';
import type { FaultMeasurement } from '../core/measurement.js';
import { bi } from '../core/text.js';
import type { EventIndex } from './event-index.js';
import { isHousekeeper, isStepsOwn } from './run.js';

/** A fault whose effect was seen from outside, with the times that recovery is counted from. */
export type ConfirmedFault = FaultMeasurement & { readonly effectiveAtMs: number; readonly bracketMs: number };

export const isConfirmed = (fault: FaultMeasurement): fault is ConfirmedFault =>
  fault.confirmed && fault.effectiveAtMs !== null && fault.bracketMs !== null;

/** One row per armed fault, so that one which died between undo record and injection shows as well. */
export function measureFaults(index: EventIndex): readonly FaultMeasurement[] {
  const dataSteps = stepsOnData(index);
  return index
    .of('undo.armed')
    .filter((armed) => !isHousekeeper(armed.undoer) && !isStepsOwn(armed.undoer))
    .map((armed) => measureFault(index, armed, dataSteps));
}

function measureFault(
  index: EventIndex,
  armed: EventOf<'undo.armed'>,
  dataSteps: ReadonlySet<string>,
): FaultMeasurement {
  const injected = index.of('fault.injected').find((event) => event.undo === armed.undo);
  const requested = index.of('fault.requested').find((event) => event.undo === armed.undo);
  const looks = index.of('fault.confirmed').filter((event) => event.undo === armed.undo);
  const bite = looks.find((event) => event.bitten === true);
  const look = bite ?? looks.at(-1);
  const reverted = index.of('undo.reverted').find((event) => event.undo === armed.undo && event.reverted);
  const requestedAtMs = injected?.requestedMs ?? requested?.requestedMs ?? look?.requestedMs ?? armed.ms ?? 0;
  return {
    step: armed.step,
    name: injected?.fault ?? armed.undoer,
    targets: injected?.nodes ?? armed.nodes,
    scope: look?.scope ?? (dataSteps.has(armed.step) ? 'data' : 'node'),
    requestedAtMs,
    effectiveAtMs: bite?.observedMs ?? null,
    bracketMs: bite === undefined ? null : Math.max(0, bite.observedMs - requestedAtMs),
    confirmed: bite !== undefined,
    reverted: reverted !== undefined,
    revertedAtMs: reverted?.ms ?? null,
    revertedBy: reverted?.cause ?? null,
    detail:
      look?.detail ??
      (injected !== undefined
        ? bi('injected; its effect was never looked at', '已注入；未曾确认其效果')
        : requested !== undefined
          ? bi('its injection began and did not come back', '注入已开始，但未见返回')
          : bi('armed, but the run ended before it was injected', '已登记撤销方法，但运行在注入之前结束')),
    evidence: [armed, requested, injected, look, reverted]
      .filter((event) => event !== undefined)
      .map((event) => event.seq),
  };
}

function stepsOnData(index: EventIndex): ReadonlySet<string> {
  if (index.opened === null) return new Set();
  const steps = flatSteps(index.opened.drill).map((row) => row.step);
  return new Set(steps.filter((step) => step.verb === 'inject' && step.on === null).map((step) => step.id));
}
