/** What a degradation level kept working and what it cost. The registry's own answers are never mixed with it. */
import { JUDGED_OPERATIONS } from '../core/drill.js';
import type { EventOf } from '../core/journal.js';
import type { DegradationMeasurement, FaultMeasurement } from '../core/measurement.js';
import { bilingual } from '../core/text.js';
import { type EventIndex, firstMs } from './event-index.js';
import { isConfirmed } from './faults.js';

type Degraded = EventOf<'degraded.attempt'>;

export function measureDegradations(
  index: EventIndex,
  faults: readonly FaultMeasurement[],
): readonly DegradationMeasurement[] {
  return index.of('degrade.entered').map((entered) => stayOf(index, entered, faults));
}

function stayOf(
  index: EventIndex,
  entered: EventOf<'degrade.entered'>,
  faults: readonly FaultMeasurement[],
): DegradationMeasurement {
  const { step, level, title, loses, commands, enteredMs, planMs, seq } = entered;
  const left = index.of('degrade.left').find((event) => event.step === step && event.seq > seq);
  const endMs = left?.leftMs ?? firstMs(index.of('traffic.stopped')) ?? Number.POSITIVE_INFINITY;
  const during = index.of('degraded.attempt').filter((event) => event.level === level && isIn(event));
  const served = during.find(({ op, outcome }) => op === 'discover' && outcome === 'ok');
  const before = faults.filter(isConfirmed).filter(({ effectiveAtMs }) => effectiveAtMs <= enteredMs);
  const faultMs = before.length === 0 ? null : Math.max(...before.map(({ effectiveAtMs }) => effectiveAtMs));
  const fromMs = faultMs ?? entered.startedMs;
  const reachMs = served === undefined ? null : served.endedMs - fromMs;
  return {
    step,
    level,
    title: bilingual(title),
    loses: bilingual(loses),
    commands,
    enteredMs,
    leftMs: left?.leftMs ?? null,
    servedMs: served?.endedMs ?? null,
    reachMs,
    reachFrom: faultMs === null ? 'step' : 'fault',
    planMs,
    inTime: reachMs === null || planMs === null ? null : reachMs <= planMs,
    applications: groupsOf(during),
    registry: JUDGED_OPERATIONS.flatMap((operation) => {
      const own = index.of('attempt').filter((event) => event.op === operation && isIn(event));
      const ok = own.filter(({ outcome }) => outcome === 'ok').length;
      return own.length === 0 ? [] : [{ operation, attempts: own.length, ok }];
    }),
    staleMs: most(during.map(({ ageMs }) => ageMs)),
    unseen: most(during.map(({ unseen }) => unseen)),
    gone: most(during.map(({ gone }) => gone)),
    evidence: [entered, served, left].flatMap((event) => (event === undefined ? [] : [event.seq])),
  };

  function isIn({ issuedMs }: { readonly issuedMs: number }): boolean {
    return issuedMs >= enteredMs && issuedMs < endMs;
  }
}

function groupsOf(attempts: readonly Degraded[]): DegradationMeasurement['applications'] {
  const groups = new Map<
    string,
    { operation: Degraded['op']; servedBy: Degraded['servedBy']; attempts: number; ok: number }
  >();
  for (const { op: operation, servedBy, outcome } of attempts) {
    const key = `${operation} ${servedBy}`;
    const group = groups.get(key) ?? { operation, servedBy, attempts: 0, ok: 0 };
    groups.set(key, group);
    group.attempts += 1;
    if (outcome === 'ok') group.ok += 1;
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

function most(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.reduce<number | null>((top, value) => Math.max(top ?? value, value), null);
}
