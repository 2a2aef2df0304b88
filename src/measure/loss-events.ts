import { flatSteps } from '../core/drill.js';
import type { FaultMeasurement, RestoreMeasurement } from '../core/measurement.js';
import { type Bilingual, bi } from '../core/text.js';
import type { EventIndex } from './event-index.js';
import { isConfirmed } from './faults.js';

/** Something that took acknowledged data away. */
export interface LossEvent {
  readonly step: string | null;
  readonly isFault: boolean;
  readonly atMs: number;
  /** The only service whose entries it can have taken; null = any. */
  readonly service: string | null;
  readonly cause: Bilingual;
  readonly evidence: readonly number[];
}

export const inOrder = (events: readonly LossEvent[]): readonly LossEvent[] =>
  [...events].sort((a, b) => a.atMs - b.atMs);

export interface World {
  readonly faults: readonly FaultMeasurement[];
  readonly restores: readonly RestoreMeasurement[];
}

/** Faults on data, and the moment at which a restore puts the old data out of the way. */
export function lossEvents(index: EventIndex, { faults, restores }: World): readonly LossEvent[] {
  const services = servicesOfSteps(index);
  const wipes = faultEvents(faults, 'data').map((event) => ({
    ...event,
    service: services.get(event.step ?? '') ?? null,
  }));
  const overwritten = restores.flatMap((restore): readonly LossEvent[] => {
    const name = restore.scope === 'all' ? 'clear' : 'restore';
    const substep = restore.substeps.find((row) => row.name === name);
    if (substep === undefined) return [];
    const { step, service } = restore;
    const cause = bi(`restore (${step}): ${name}`, `恢复（${step}）：${name}`);
    return [{ step, isFault: false, atMs: substep.startMs, service, cause, evidence: substep.evidence }];
  });
  return inOrder([...wipes, ...overwritten]);
}

export const breakingFaults = (faults: readonly FaultMeasurement[]): readonly LossEvent[] =>
  inOrder(faultEvents(faults, 'node'));

const faultEvents = (faults: readonly FaultMeasurement[], scope: FaultMeasurement['scope']): readonly LossEvent[] =>
  faults
    .filter(isConfirmed)
    .filter((fault) => fault.scope === scope)
    .map(({ step, name, effectiveAtMs, evidence }) => ({
      step,
      isFault: true,
      atMs: effectiveAtMs,
      service: null,
      cause: bi(`fault ${name} (${step})`, `故障 ${name}（${step}）`),
      evidence,
    }));

/** The one service that an inject step names. */
function servicesOfSteps({ opened }: EventIndex): ReadonlyMap<string, string> {
  const services = new Map<string, string>();
  for (const { step } of opened === null ? [] : flatSteps(opened.drill)) {
    if (step.verb === 'inject' && typeof step.params.service === 'string') services.set(step.id, step.params.service);
  }
  return services;
}
