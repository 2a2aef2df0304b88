import { describe, expect, it } from 'vitest';
import type { RecoveryMeasurement } from '../../src/core/measurement.js';
import { measure } from '../../src/measure/index.js';
import {
  attempt,
  baseline,
  beats,
  byTime,
  drillOf,
  ended,
  fault,
  journalOf,
  opened,
  reverted,
  type Timed,
} from './builder.js';

// stableFor 1 s, 99 %: a window holds 10 attempts, so a single failure in it is too much.
const measured = (...events: readonly (readonly Timed[])[]) =>
  measure(journalOf([opened(drillOf()), ...byTime(events.flat())]));
const register = (rows: readonly RecoveryMeasurement[], step = 'kill') =>
  rows.find((row) => row.operation === 'register' && row.step === step);
const kill = fault({ requestedMs: 6_000, observedMs: 6_020 });

describe('recovery time', () => {
  it('runs from the confirmed effect to the end of the first success that stays', () => {
    // Attempts every 100 ms; 6000…7200 fail, 7300 is the first success and ends at 7305.
    const m = measured(
      baseline(),
      kill,
      beats({ op: 'register', fromMs: 6_000, toMs: 7_300, tookMs: 50, outcome: 'unknown' }),
      beats({ op: 'register', fromMs: 7_300, toMs: 9_000 }),
      [ended(9_000)],
    );
    // 7305 − 6020 = 1285; error: 7305 − 7200 (newest failure) + 20 (bracket) = 125.
    expect(register(m.recovery)).toMatchObject({
      state: 'recovered',
      recoveredMs: 7_305,
      recoveryMs: 1_285,
      errorMs: 125,
      lastGoodMs: 5_905,
      firstBadMs: 6_000,
      failedAttempts: 13,
    });
  });

  it('is not told by what was felt after the last good look at a node that died of its own', () => {
    const died = (ms: number, nodesWellMs?: number): Timed => [
      ms,
      {
        type: 'run.stopping',
        cause: 'node-died',
        detail: { en: 'n2 is gone', zh: 'n2 消失' },
        ...(nodesWellMs === undefined ? {} : { nodesWellMs }),
      },
    ];
    const events = [
      baseline(),
      kill,
      beats({ op: 'register', fromMs: 6_000, toMs: 6_500 }),
      // One of them was sent before the death, and hung.
      beats({ op: 'register', fromMs: 6_500, toMs: 7_000, tookMs: 300, outcome: 'unknown' }),
    ] as const;
    const m = measured(...events, [died(7_000, 6_600), ended(7_100)]);
    expect(register(m.recovery)).toMatchObject({
      state: 'unknown',
      failedAttempts: 0,
      firstBadMs: null,
      leastMs: null,
    });
    // Of another end of the run nothing says so: those failures stay the fault's.
    const other = measured(...events, [died(7_000), ended(7_100)]);
    expect(register(other.recovery)).toMatchObject({ failedAttempts: 5 });
  });

  it('is the first success after the fault when nothing failed, with the gap before it as error', () => {
    const m = measured(baseline(), kill, beats({ op: 'register', fromMs: 6_000, toMs: 9_000 }), [ended(9_000)]);
    // 6000 was issued before the effect; 6100 ends at 6105: 85 ms; error 6105 − 6000 + 20 = 125.
    expect(register(m.recovery)).toMatchObject({ recoveryMs: 85, errorMs: 125, firstBadMs: null, failedAttempts: 0 });
  });

  it('does not take a request to the dead node for a sign that the others were not back', () => {
    const tried = (issuedMs: number, node: string, outcome: 'ok' | 'failed') =>
      attempt({ op: 'register', entry: 's/x', issuedMs, node, outcome });
    const m = measured(
      baseline(),
      kill,
      [tried(6_100, 'n2', 'failed'), tried(6_200, 'n1', 'failed')],
      beats({ op: 'register', fromMs: 6_300, toMs: 9_000 }),
      [ended(9_000)],
    );
    // n1 is the dead one: the newest that speaks for the rest is 6100. 6305 − 6100 + 20 (bracket) = 225.
    expect(register(m.recovery)).toMatchObject({ recoveredMs: 6_305, errorMs: 225 });
  });

  it('of lost data is known only when every service has been looked at', () => {
    const discover = (entry: string, issuedMs: number, outcome: 'ok' | 'failed' = 'ok') =>
      attempt({ op: 'discover', entry, issuedMs, outcome });
    const rounds = Array.from({ length: 40 }, (_, i) => {
      const issuedMs = 6_050 + i * 100;
      const service = `s${i % 4}`;
      return discover(service, issuedMs, service === 's0' && issuedMs < 7_300 ? 'failed' : 'ok');
    });
    const inData = (scope: 'node' | 'data') => {
      const [row] = measured(baseline(), fault({ scope, requestedMs: 6_000, observedMs: 6_020 }), rounds, [
        ended(10_000),
      ]).recovery.filter(({ operation }) => operation === 'discover');
      return row;
    };
    // s0 fails for the last time at 7250; 7350 is s1’s, and s0 itself is seen at 7650 and not before.
    expect(inData('data')).toMatchObject({ recoveredMs: 7_355, errorMs: 7_655 - 7_355 + 20 });
    // A node that is back is back for all services at one time.
    expect(inData('node')).toMatchObject({ recoveredMs: 7_355, errorMs: 7_355 - 7_250 + 20 });
  });

  it('of lost data is not over while one service of many is missing, however small its share of the looks is', () => {
    const looks = Array.from({ length: 1_000 }, (_, i) => {
      const issuedMs = 6_050 + i * 10;
      const entry = `s${i % 120}`;
      return attempt({
        op: 'discover',
        entry,
        issuedMs,
        outcome: entry === 's0' && issuedMs < 12_000 ? 'failed' : 'ok',
      });
    });
    const [row] = measured(baseline(), fault({ scope: 'data', requestedMs: 6_000, observedMs: 6_020 }), looks, [
      ended(17_000),
    ]).recovery.filter(({ operation }) => operation === 'discover');
    // s0 is looked at every 1,200 ms and fails for the last time at 10,850: 10,860 is the first look that all others follow.
    expect(row).toMatchObject({ state: 'recovered', recoveredMs: 10_865 });
  });

  it('says so when nobody tried because the writers were paused', () => {
    const writers = (ms: number, state: 'paused' | 'resumed'): Timed => [
      ms,
      { type: 'traffic.writers', state, why: { en: 'x', zh: 'x' } },
    ];
    const m = measured(
      baseline(),
      fault({ scope: 'data', requestedMs: 6_000, observedMs: 6_020 }),
      [writers(6_030, 'paused'), writers(7_000, 'resumed')],
      beats({ op: 'register', fromMs: 7_000, toMs: 9_000 }),
      [ended(9_000)],
    );
    expect(register(m.recovery)).toMatchObject({ state: 'recovered', recoveredMs: 7_005, failedAttempts: 0 });
    expect(register(m.recovery)?.why?.en).toContain('paused');
  });

  it('does not take a short revival for recovery', () => {
    const m = measured(
      baseline(),
      kill,
      beats({ op: 'register', fromMs: 6_000, toMs: 6_500, outcome: 'unknown' }),
      beats({ op: 'register', fromMs: 6_500, toMs: 7_000 }),
      beats({ op: 'register', fromMs: 7_000, toMs: 7_200, outcome: 'failed' }),
      beats({ op: 'register', fromMs: 7_200, toMs: 9_000 }),
      [ended(9_000)],
    );
    expect(register(m.recovery)).toMatchObject({ recoveredMs: 7_205, errorMs: 7_205 - 7_100 + 20 });
  });

  it('is not recovered when samples go on to the end and never stay good', () => {
    const m = measured(baseline(), kill, beats({ op: 'register', fromMs: 6_000, toMs: 9_000, outcome: 'unknown' }), [
      ended(9_000),
    ]);
    expect(register(m.recovery)).toMatchObject({ state: 'not-recovered', recoveryMs: null, failedAttempts: 30 });
  });

  it('is not recovered when it flaps to the end', () => {
    const flapping = Array.from({ length: 30 }, (_, i) =>
      attempt({ op: 'register', entry: `s/f${i}`, issuedMs: 6_050 + i * 100, outcome: i % 2 === 0 ? 'unknown' : 'ok' }),
    );
    const m = measured(baseline(), kill, flapping, [ended(9_100)]);
    expect(register(m.recovery)?.state).toBe('not-recovered');
  });

  it('is unknown when the window is cut short', () => {
    const m = measured(
      baseline(),
      kill,
      beats({ op: 'register', fromMs: 6_000, toMs: 7_000, outcome: 'unknown' }),
      beats({ op: 'register', fromMs: 7_000, toMs: 7_800 }),
      [[7_800, { type: 'traffic.stopped' }], ended(7_800)],
    );
    expect(register(m.recovery)).toMatchObject({ state: 'unknown', recoveryMs: null });
  });

  it('is unknown from one single probe', () => {
    const m = measured(kill, [attempt({ op: 'register', entry: 's/one', issuedMs: 6_100 }), ended(9_000)]);
    expect(register(m.recovery)?.state).toBe('unknown');
  });

  it('is unknown from a handful of attempts, however good they are', () => {
    // One attempt every 900 ms: a second holds one or two of them, and no failure could ever show in so few.
    const rare = (fromMs: number, outcome: 'ok' | 'failed') =>
      beats({ op: 'register', fromMs, toMs: fromMs + 4_500, everyMs: 900, outcome });
    const m = measured(kill, rare(6_100, 'ok'), [ended(12_000)]);
    expect(register(m.recovery)).toMatchObject({ state: 'unknown', recoveredMs: null });
    expect(register(m.recovery)?.why?.en).toContain('fewer than 5 attempts');
    // Failing to the end is certain at any rate.
    const dead = measured(kill, rare(6_100, 'failed'), [ended(10_600)]);
    expect(register(dead.recovery)?.state).toBe('not-recovered');
  });

  it('needs five attempts in the window', () => {
    const every = (everyMs: number) =>
      register(measured(kill, beats({ op: 'register', fromMs: 6_100, toMs: 9_000, everyMs }), [ended(9_000)]).recovery);
    expect(every(200)?.state).toBe('recovered');
    expect(every(260)?.state).toBe('unknown');
  });

  it('is unknown when nothing was tried after the fault', () => {
    const m = measured(baseline(), kill, [ended(9_000)]);
    expect(register(m.recovery)?.state).toBe('unknown');
  });

  it('is unknown, not failed, when the samples end long before the run', () => {
    const m = measured(baseline(), kill, beats({ op: 'register', fromMs: 6_000, toMs: 6_300, outcome: 'unknown' }), [
      [9_000, { type: 'traffic.stopped' }],
      ended(9_000),
    ]);
    expect(register(m.recovery)?.state).toBe('unknown');
  });

  it('does not count what only the final undo repaired', () => {
    const m = measured(
      baseline(),
      kill,
      beats({ op: 'register', fromMs: 6_000, toMs: 8_000, outcome: 'unknown' }),
      [reverted(8_000, { cause: 'final' })],
      beats({ op: 'register', fromMs: 8_000, toMs: 11_000 }),
      [ended(11_000)],
    );
    expect(register(m.recovery)?.state).toBe('not-recovered');
  });

  it('does not count requests that hung until the undo freed them', () => {
    const m = measured(
      baseline(),
      kill,
      beats({ op: 'register', fromMs: 6_000, toMs: 7_500, outcome: 'unknown' }),
      beats({ op: 'register', fromMs: 7_500, toMs: 8_000, tookMs: 600 }),
      [reverted(8_000, { cause: 'stop' }), ended(11_000)],
    );
    expect(register(m.recovery)?.state).toBe('not-recovered');
  });

  it('ignores a final undo that had nothing left to do', () => {
    const m = measured(
      baseline(),
      kill,
      beats({ op: 'register', fromMs: 6_000, toMs: 7_000, outcome: 'unknown' }),
      [reverted(7_000), reverted(7_100, { undo: 'u2', cause: 'final', nothingToDo: true })],
      beats({ op: 'register', fromMs: 7_000, toMs: 9_000 }),
      [ended(9_000)],
    );
    expect(register(m.recovery)).toMatchObject({ state: 'recovered', recoveredMs: 7_005 });
  });

  it('waits for a window without a further fault inside it, and says so', () => {
    const m = measured(
      baseline(),
      kill,
      fault({ step: 'kill-2', undo: 'u2', requestedMs: 7_000, observedMs: 7_010 }),
      beats({ op: 'register', fromMs: 6_000, toMs: 6_300, outcome: 'unknown' }),
      beats({ op: 'register', fromMs: 6_300, toMs: 9_000 }),
      [ended(9_000)],
    );
    // Stable from 6300 on, but the second fault lies in that window: 7100 is the first with a window of its own.
    // The error reaches back to the last failure (6200), so the true 6305 lies within it.
    const first = register(m.recovery);
    expect(first).toMatchObject({ recoveredMs: 7_105, errorMs: 7_105 - 6_200 + 20 });
    expect(first?.why?.en).toContain('further fault');
    expect((first?.recoveredMs ?? 0) - (first?.errorMs ?? 0)).toBeLessThanOrEqual(6_305);
    expect(register(m.recovery, 'kill-2')).toMatchObject({ recoveryMs: 95, why: null });
  });

  it('keeps the true time within its error when the canary itself was busy', () => {
    // The registry is back at 7000; the canary issues nothing between 6800 and 7400, then goes on.
    const m = measured(
      baseline(),
      kill,
      beats({ op: 'register', fromMs: 6_000, toMs: 6_900, outcome: 'unknown' }),
      beats({ op: 'register', fromMs: 7_400, toMs: 9_000 }),
      [ended(9_000)],
    );
    const row = register(m.recovery);
    expect(row).toMatchObject({ recoveredMs: 7_405, errorMs: 7_405 - 6_800 + 20 });
    expect((row?.recoveredMs ?? 0) - (row?.errorMs ?? 0)).toBeLessThanOrEqual(7_000);
  });

  it('does not vouch for a gap inside the window', () => {
    // Good at 6100…6300, silence until 8000, good from there: only the later window is watched all through.
    const m = measured(
      baseline(),
      kill,
      beats({ op: 'register', fromMs: 6_100, toMs: 6_400 }),
      beats({ op: 'register', fromMs: 8_000, toMs: 10_000 }),
      [ended(10_000)],
    );
    expect(register(m.recovery)?.recoveredMs).toBe(8_005);
  });

  it('does not vouch for register while the writers are paused', () => {
    const m = measured(
      baseline(),
      kill,
      beats({ op: 'register', fromMs: 6_100, toMs: 6_400 }),
      [
        [6_400, { type: 'traffic.writers', state: 'paused', why: { en: '', zh: '' } }],
        [6_600, { type: 'traffic.writers', state: 'resumed', why: { en: '', zh: '' } }],
      ],
      beats({ op: 'register', fromMs: 6_700, toMs: 9_000 }),
      [ended(9_000)],
    );
    expect(register(m.recovery)?.recoveredMs).toBe(6_705);
  });

  it('has no row for a fault that was not confirmed', () => {
    const m = measured(baseline(), fault({ requestedMs: 6_000, observedMs: 6_020, bitten: false }), [ended(9_000)]);
    expect(m.recovery).toEqual([]);
    expect(m.faults[0]).toMatchObject({ confirmed: false, effectiveAtMs: null });
  });
});
