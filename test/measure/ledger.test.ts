import { describe, expect, it } from 'vitest';
import { measure } from '../../src/measure/index.js';
import {
  attempt,
  byTime,
  ended,
  fault,
  journalOf,
  ledgerRead,
  opened,
  sixStepRestore,
  type Timed,
  trafficStarted,
} from './builder.js';

const measured = (...events: readonly (readonly Timed[])[]) =>
  measure(journalOf([opened(), trafficStarted(0), ...byTime(events.flat())]));
const put = (entry: string, version: number, issuedMs: number, outcome: 'ok' | 'failed' | 'unknown' = 'ok') =>
  attempt({ op: 'register', entry, version, issuedMs, outcome });
const remove = (entry: string, issuedMs: number, outcome: 'ok' | 'failed' | 'unknown' = 'ok') =>
  attempt({ op: 'deregister', entry, issuedMs, outcome });
const CLEAN = { lost: 0, ghost: 0, stale: 0, resurrected: 0, divergent: 0, reregistered: 0 };

describe('ledger', () => {
  it('reports a healthy run as all present', () => {
    const m = measured(
      [put('s/a', 1, 100), put('s/b', 1, 200), put('s/b', 2, 300), put('s/c', 1, 400), remove('s/c', 500)],
      ledgerRead(1_000, { n1: { 's/a': 1, 's/b': 2 }, n2: { 's/a': 1, 's/b': 2 } }),
    );
    // Three entries, five operations; c was removed and is rightly gone.
    expect(m.ledger).toMatchObject({ issued: 3, acknowledged: 3, failed: 0, unknown: 0, present: 2, ...CLEAN });
    expect(m.ledger?.operations).toEqual({ issued: 5, acknowledged: 5, failed: 0, unknown: 0 });
    expect(m.ledger?.samples).toEqual([]);
    expect(m.loss).toMatchObject({ records: 0, timeMs: 0, lossAtMs: null, cause: null });
  });

  it.each([
    ['lost: acknowledged and on no node', [put('s/a', 1, 100)], {}, {}, { lost: 1 }],
    ['absent on one node', [put('s/a', 1, 100)], { 's/a': 1 }, {}, { present: 1, divergent: 1 }],
    [
      'stale on one node',
      [put('s/a', 1, 100), put('s/a', 2, 200)],
      { 's/a': 2 },
      { 's/a': 1 },
      { present: 1, stale: 1, divergent: 1 },
    ],
    [
      'stale everywhere is a lost update',
      [put('s/a', 1, 100), put('s/a', 2, 200)],
      { 's/a': 1 },
      { 's/a': 1 },
      { stale: 1 },
    ],
    ['ghost of an unknown write', [put('s/a', 1, 100, 'unknown')], { 's/a': 1 }, { 's/a': 1 }, { ghost: 1 }],
    ['ghost of a failed write', [put('s/a', 1, 100, 'failed')], { 's/a': 1 }, {}, { ghost: 1, divergent: 1 }],
    ['an unknown write that was not applied', [put('s/a', 1, 100, 'unknown')], {}, {}, {}],
    [
      'an unknown overwrite that was applied',
      [put('s/a', 1, 100), put('s/a', 2, 200, 'unknown')],
      { 's/a': 2 },
      { 's/a': 2 },
      { ghost: 1 },
    ],
    [
      'an unknown overwrite that was not',
      [put('s/a', 1, 100), put('s/a', 2, 200, 'unknown')],
      { 's/a': 1 },
      { 's/a': 1 },
      { present: 1 },
    ],
    ['an unknown removal that was applied', [put('s/a', 1, 100), remove('s/a', 200, 'unknown')], {}, {}, { ghost: 1 }],
    ['resurrected', [put('s/a', 1, 100), remove('s/a', 200)], { 's/a': 1 }, {}, { resurrected: 1, divergent: 1 }],
    [
      'a failed removal before a newer write explains nothing',
      [put('s/a', 1, 1), remove('s/a', 2, 'failed'), put('s/a', 2, 3)],
      {},
      {},
      { lost: 1 },
    ],
    ['a value nobody wrote', [put('s/a', 1, 100)], { 's/a': 7 }, { 's/a': 7 }, { stale: 1 }],
  ] as const)('%s', (_, writes, n1, n2, expected) => {
    const m = measured([...writes], ledgerRead(1_000, { n1, n2 }));
    expect(m.ledger).toMatchObject({ present: 0, ...CLEAN, ...expected });
  });

  it('counts exactly, per node and per entry, with all classes at once', () => {
    const m = measured(
      [
        put('s/ok', 1, 100),
        put('s/lost1', 1, 110),
        put('s/lost2', 1, 120),
        put('s/stale', 1, 130),
        put('s/stale', 2, 140),
        put('s/ghost', 1, 150, 'unknown'),
        put('s/back', 1, 160),
        remove('s/back', 170),
      ],
      ledgerRead(1_000, {
        n1: { 's/ok': 1, 's/stale': 2, 's/ghost': 1, 's/back': 1 },
        n2: { 's/ok': 1, 's/stale': 1 },
        n3: null,
      }),
    );
    expect(m.ledger).toMatchObject({ issued: 6, acknowledged: 5, unknown: 1, failed: 0 });
    expect(m.ledger).toMatchObject({ present: 2, lost: 2, stale: 1, ghost: 1, resurrected: 1, divergent: 3 });
    expect(m.ledger?.nodes).toEqual([
      { node: 'n1', readable: true, present: 2, absent: 2, stale: 0, ghost: 1, resurrected: 1 },
      { node: 'n2', readable: true, present: 1, absent: 2, stale: 1, ghost: 0, resurrected: 0 },
      { node: 'n3', readable: false, present: 0, absent: 0, stale: 0, ghost: 0, resurrected: 0 },
    ]);
    const lost = m.ledger?.samples.filter((sample) => sample.class === 'lost');
    expect(lost?.map(({ entry, expected, seen }) => ({ entry, expected, seen }))).toEqual([
      { entry: 's/lost1', expected: 'v1', seen: { n1: 'absent', n2: 'absent' } },
      { entry: 's/lost2', expected: 'v1', seen: { n1: 'absent', n2: 'absent' } },
    ]);
  });

  it('is unknown, not zero, when no node could be read or half of a list is missing', () => {
    const nobody = measured([put('s/a', 1, 100)], ledgerRead(1_000, { n1: null }), [ended(2_000)]);
    expect(nobody.ledger).toBeNull();
    expect(nobody.loss).toBeNull();
    expect(nobody.validity.because.map((reason) => reason.code)).toContain('ledger-unknown');
    const half = measured(
      [put('s/a', 1, 100)],
      [[1_000, { type: 'ledger.read', node: 'n1', readable: true, reason: null, part: 1, parts: 2, entries: [] }]],
    );
    expect(half.ledger).toBeNull();
  });

  it('joins the parts of a node and takes its newest reading', () => {
    const part = (at: number, entries: readonly (readonly [string, number])[], parts = 2): Timed => [
      1_000,
      { type: 'ledger.read', node: 'n1', readable: true, reason: null, part: at, parts, entries },
    ];
    const m = measured(
      [put('s/a', 1, 100), put('s/b', 1, 100)],
      [part(1, [], 1), part(1, [['s/a', 1]]), part(2, [['s/b', 1]])],
    );
    expect(m.ledger).toMatchObject({ present: 2, lost: 0 });
  });

  it('does not count a write that was never sent', () => {
    const [ms, body] = put('s/a', 1, 100, 'failed');
    const m = measured([[ms, { ...body, node: null } as typeof body]], ledgerRead(1_000, { n1: {} }));
    expect(m.ledger).toMatchObject({ issued: 0, failed: 0 });
  });
});

describe('leased entries', () => {
  // leaseMs is 9000.
  const lease = (issuedMs: number, again = false, version = 1) =>
    attempt({ op: 'register', entry: 's/i', version, issuedMs, durable: false, again });
  const renew = (issuedMs: number, outcome: 'ok' | 'failed' = 'ok', reason: string | null = null) =>
    attempt({ op: 'renew', entry: 's/i', issuedMs, durable: false, outcome, reason });

  it('are lost only while their lease must still hold', () => {
    const within = measured([lease(0), renew(3_000)], ledgerRead(11_900, { n1: {} }));
    expect(within.ledger).toMatchObject({ lost: 1 });
    const after = measured([lease(0), renew(3_000)], ledgerRead(12_100, { n1: {} }));
    expect(after.ledger).toMatchObject({ lost: 0, ghost: 0 });
    expect(after.ledger?.nodes[0]).toMatchObject({ absent: 0 });
  });

  it('may be gone once a renewal was told that the lease is unknown', () => {
    const m = measured(
      [lease(0), renew(3_000), renew(6_000, 'failed', 'unknown lease')],
      ledgerRead(7_000, { n1: {} }),
    );
    expect(m.ledger).toMatchObject({ lost: 0 });
    const refused = measured(
      [lease(0), renew(3_000), renew(6_000, 'failed', 'ECONNREFUSED')],
      ledgerRead(7_000, { n1: {} }),
    );
    expect(refused.ledger).toMatchObject({ lost: 1 });
  });

  it('count as registered again, not as lost', () => {
    const m = measured(
      [lease(0), renew(6_000, 'failed', 'unknown lease'), lease(6_100, true, 2)],
      ledgerRead(7_000, { n1: { 's/i': 2 } }),
    );
    expect(m.ledger).toMatchObject({ reregistered: 1, lost: 0, present: 1 });
  });
});

describe('loss', () => {
  const wipe = fault({ step: 'wipe', fault: 'registry.wipe', scope: 'data', requestedMs: 990, observedMs: 1_000 });

  it('is counted to the fault that took the data', () => {
    // a is acknowledged at 105 and lost by the wipe at 1000: 895 ms.
    const m = measured([put('s/a', 1, 100), put('s/b', 1, 400)], wipe, ledgerRead(5_000, { n1: { 's/b': 1 } }));
    expect(m.loss).toMatchObject({ records: 1, lostUpdates: 0, timeMs: 895, lossAtMs: 1_000, afterFault: 0 });
    expect(m.loss?.cause?.en).toContain('registry.wipe');
  });

  it('counts an update that fell back to an older value', () => {
    const m = measured([put('s/a', 1, 100), put('s/a', 2, 600)], wipe, ledgerRead(5_000, { n1: { 's/a': 1 } }));
    expect(m.loss).toMatchObject({ records: 1, lostUpdates: 1, timeMs: 395 });
  });

  it('is counted to the clearing of a restore for what was written after the fault', () => {
    // Restore at 2000: check 2000, stop 2100, clear 2200. b acknowledged at 1505, after the wipe.
    const m = measured([put('s/b', 1, 1_500)], wipe, sixStepRestore(2_000), ledgerRead(5_000, { n1: {} }));
    expect(m.loss).toMatchObject({ records: 1, timeMs: 2_200 - 1_505, lossAtMs: 2_200, afterFault: 1 });
    expect(m.loss?.cause?.en).toContain('clear');
  });

  it('falls back to the latest fault, and is never below zero', () => {
    const kill = fault({ requestedMs: 990, observedMs: 1_000 });
    const m = measured([put('s/a', 1, 100), put('s/b', 1, 1_500)], kill, ledgerRead(5_000, { n1: {} }));
    expect(m.loss).toMatchObject({ records: 2, timeMs: 895, lossAtMs: 1_000, afterFault: 1 });
    const late = measured([put('s/b', 1, 1_500)], kill, ledgerRead(5_000, { n1: {} }));
    expect(late.loss).toMatchObject({ records: 1, timeMs: 0 });
  });

  it('tells the age of the recovery point', () => {
    const backup: Timed = [
      700,
      {
        type: 'backup.written',
        step: 'b',
        file: 'b.tar.gz',
        sha256: 'a'.repeat(64),
        bytes: 1,
        backupTimeUtc: '2026-11-22T10:15:00.600Z',
        revision: 1,
        services: 1,
        instances: 1,
        durable: 1,
        pointMs: 600,
      },
    ];
    const own = measured(
      [put('s/a', 1, 100), backup],
      wipe,
      sixStepRestore(2_000),
      ledgerRead(5_000, { n1: { 's/a': 1 } }),
    );
    expect(own.loss?.recoveryPointAgeMs).toBe(400);
    // Without the backup in the journal only the archive's wall time is known: 10:15:02 is after the wipe, so 0.
    const other = measured([put('s/a', 1, 100)], wipe, sixStepRestore(2_000), ledgerRead(5_000, { n1: { 's/a': 1 } }));
    expect(other.loss?.recoveryPointAgeMs).toBe(0);
    expect(measured([put('s/a', 1, 100)], ledgerRead(5_000, { n1: {} })).loss?.recoveryPointAgeMs).toBeNull();
  });
});
