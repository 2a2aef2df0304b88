import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../src/core/journal.js';
import type { Measurements, ObjectiveMeasurement } from '../../src/core/measurement.js';
import type { Outcome } from '../../src/core/outcome.js';
import { bi } from '../../src/core/text.js';
import { measure } from '../../src/measure/index.js';
import { verdictOf } from '../../src/measure/objectives.js';
import { score } from '../../src/score/index.js';
import { longJournal } from '../measure/long-journal.js';

const whole = measure(longJournal);
const [first] = longJournal;
if (first?.type !== 'run.opened') throw new Error('the journal begins with run.opened');
const opened: EventOf<'run.opened'> = first;
const RTO = 10_000;
const RPO = { records: 3, timeMs: 5_000 };
const strict: EventOf<'run.opened'> = {
  ...opened,
  drill: {
    ...opened.drill,
    objectives: { ...opened.drill.objectives, rtoMs: RTO, rpoRecords: RPO.records, rpoTimeMs: RPO.timeMs },
  },
};

interface World {
  readonly recoveryMs: number | null;
  readonly errorMs: number;
  readonly records: number;
  readonly lossMs: number;
  readonly checks: readonly [Outcome, Outcome, Outcome];
  readonly late: readonly boolean[];
}

function withWorld(world: World): Measurements {
  const why = bi('x', 'x');
  const rto: ObjectiveMeasurement = {
    id: 'rto',
    limit: RTO,
    measured: world.recoveryMs,
    error: world.errorMs,
    verdict: world.recoveryMs === null ? 'missed' : verdictOf(world.recoveryMs, world.errorMs, RTO),
    why,
    evidence: [1],
  };
  const [count, hash, functional] = world.checks;
  const loss = {
    records: world.records,
    lostUpdates: 0,
    timeMs: world.lossMs,
    lossAtMs: 0,
    cause: why,
    afterFault: 0,
    recoveryPointAgeMs: null,
    evidence: [2],
  };
  const steps = whole.steps.map((step, i) => ({ ...step, late: world.late[i % world.late.length] === true }));
  return { ...whole, objectives: [rto], loss, integrity: { count, hash, functional, evidence: [3] }, steps };
}

const outcome = fc.constantFrom<Outcome>('pass', 'fail', 'unknown', 'skipped', 'error');
const worlds = fc.record<World>({
  recoveryMs: fc.option(fc.nat({ max: 40_000 })),
  errorMs: fc.nat({ max: 3_000 }),
  records: fc.nat({ max: 10 }),
  lossMs: fc.nat({ max: 20_000 }),
  checks: fc.tuple(outcome, outcome, outcome),
  late: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
});
const scoreOf = (world: World) => {
  const result = score(withWorld(world), strict).score;
  if (result === null) throw new Error('the journal is valid');
  return result;
};
const earnedOf = (world: World, id: string): number =>
  scoreOf(world)
    .dimensions.flatMap((d) => d.criteria)
    .find((c) => c.id === id)?.earned ?? Number.NaN;

const isAssessed = (world: Parameters<typeof scoreOf>[0]): boolean =>
  scoreOf(world)
    .dimensions.flatMap((dimension) => dimension.criteria)
    .some(({ id, state }) => id === 'integrity' && state === 'assessed');

describe('laws of the score', () => {
  it('earned is never more than possible, and what is not assessed earns nothing', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const result = scoreOf(world);
        for (const { earned, possible, state, evidence } of result.dimensions.flatMap((d) => d.criteria)) {
          expect(earned).toBeGreaterThanOrEqual(0);
          expect(earned).toBeLessThanOrEqual(possible);
          if (state !== 'assessed') expect(earned).toBe(0);
          if (earned > 0) expect(evidence.length).toBeGreaterThan(0);
        }
        expect(result.earned).toBeLessThanOrEqual(result.assessable);
        expect(result.percent === null).toBe(result.assessable < 60);
      }),
    );
  });

  it('slower never scores higher, and not recovered scores lowest', () => {
    fc.assert(
      fc.property(worlds, fc.nat({ max: 40_000 }), (world, moreMs) => {
        const recoveryMs = world.recoveryMs ?? 0;
        const fast = earnedOf({ ...world, recoveryMs }, 'rto');
        expect(earnedOf({ ...world, recoveryMs: recoveryMs + moreMs }, 'rto')).toBeLessThanOrEqual(fast);
        expect(earnedOf({ ...world, recoveryMs: null }, 'rto')).toBeLessThanOrEqual(fast);
      }),
    );
  });

  it('more loss never scores higher', () => {
    fc.assert(
      fc.property(worlds, fc.nat({ max: 5 }), fc.nat({ max: 9_000 }), (world, more, moreMs) => {
        const worse = { ...world, records: world.records + more, lossMs: world.lossMs + moreMs };
        // Not assessed is no score of 0: it leaves the total as well.
        fc.pre(isAssessed(world));
        expect(isAssessed(worse)).toBe(true);
        expect(earnedOf(worse, 'integrity')).toBeLessThanOrEqual(earnedOf(world, 'integrity'));
      }),
    );
  });

  it('a known loss is never hidden by a check that was not made', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        expect(isAssessed({ ...world, records: world.records + 1 })).toBe(true);
      }),
    );
  });

  it('full marks for data need all three checks', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const allPass = world.checks.every((check) => check === 'pass');
        if (!allPass) expect(earnedOf({ ...world, records: 0, lossMs: 0 }, 'integrity')).toBeLessThan(25);
      }),
    );
  });

  it('keeps the order of the rubric', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const ids = scoreOf(world).dimensions.flatMap((d) => d.criteria.map((c) => c.id));
        expect(ids).toEqual(opened.rubric.dimensions.flatMap((d) => d.criteria.map((c) => c.id)));
      }),
      { numRuns: 5 },
    );
  });
});
