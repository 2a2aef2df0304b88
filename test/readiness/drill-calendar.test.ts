import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drillDue, periodOf } from '../../src/core/drill-calendar.js';
import { DRILL_INTERVALS } from '../../src/core/recovery-plan.js';

const ms = (text: string): number => Date.parse(text);
const due = (last: string | null, now: string, timeZone = 'UTC') =>
  drillDue(last === null ? null : ms(last), 'quarterly', { nowMs: ms(now), timeZone });

describe('when a drill is due', () => {
  test.each([
    ['held in this quarter', '2026-01-05T00:00:00Z', '2026-03-31T23:59:59Z', 'done', '2026-07-01T00:00:00Z'],
    ['held in the last one', '2025-12-31T00:00:00Z', '2026-01-01T00:00:00Z', 'due', '2026-04-01T00:00:00Z'],
    ['still due on the last day', '2025-10-01T00:00:00Z', '2026-03-31T23:59:59Z', 'due', '2026-04-01T00:00:00Z'],
    ['a whole quarter without it', '2025-12-31T00:00:00Z', '2026-04-01T00:00:00Z', 'overdue', '2026-04-01T00:00:00Z'],
  ])('%s', (_name, last, now, state, by) => {
    expect(due(last, now)).toMatchObject({ state, byMs: ms(by) });
  });

  test('never held is overdue', () => {
    expect(due(null, '2026-01-01T00:00:00Z')).toEqual({ state: 'overdue', byMs: null, lastMs: null });
  });

  test('the quarter begins when it begins in the zone', () => {
    expect(due('2025-12-31T17:00:00Z', '2026-03-31T15:59:59Z', 'Asia/Shanghai').state).toBe('done');
    expect(due('2025-12-31T15:00:00Z', '2026-03-31T15:59:59Z', 'Asia/Shanghai').state).toBe('due');
  });

  test('every moment lies in its period, and periods follow each other', () => {
    const zones = ['UTC', 'Asia/Shanghai', 'America/New_York', 'Australia/Lord_Howe'];
    const moments = fc.integer({ min: ms('2020-01-01T00:00:00Z'), max: ms('2035-01-01T00:00:00Z') });
    fc.assert(
      fc.property(moments, fc.constantFrom(...DRILL_INTERVALS), fc.constantFrom(...zones), (at, interval, zone) => {
        const period = periodOf(at, interval, zone);
        expect(at >= period.startMs && at < period.endMs).toBe(true);
        expect(periodOf(period.endMs, interval, zone).startMs).toBe(period.endMs);
        expect(periodOf(period.endMs - 1, interval, zone)).toEqual(period);
      }),
      { numRuns: 200 },
    );
  });
});
