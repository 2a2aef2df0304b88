import { describe, expect, it } from 'vitest';
import type { Step } from '../../src/core/drill.js';
import { measure } from '../../src/measure/index.js';
import {
  attempt,
  byTime,
  drillOf,
  ended,
  fault,
  journalOf,
  ledgerRead,
  opened,
  phase,
  phases,
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
const CLEAN = { lost: 0, ghost: 0, stale: 0, resurrected: 0, divergent: 0, reregistered: 0, healed: 0 };

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

describe('a reading that says when it began', () => {
  // Asked at 900, written down at 1000.
  const read = (n1: Readonly<Record<string, number>>, n2 = n1) => ledgerRead(1_000, { n1, n2 }, 900);
  const slow = (entry: string, version: number, issuedMs: number, endedMs: number) =>
    attempt({ op: 'register', entry, version, issuedMs, tookMs: endedMs - issuedMs });

  it('is not held to what was written after it', () => {
    const after = measured([put('s/a', 1, 100), put('s/a', 2, 1_100), put('s/b', 1, 1_200)], read({ 's/a': 1 }));
    expect(after.ledger).toMatchObject({ ...CLEAN, issued: 2, present: 1 });
    expect(after.loss).toMatchObject({ records: 0 });
    const removed = measured([put('s/a', 1, 100), remove('s/a', 1_100)], read({ 's/a': 1 }));
    expect(removed.ledger).toMatchObject({ ...CLEAN, present: 1 });
    // An old journal does not say when it began: then everything counts.
    const old = measured([put('s/a', 1, 100), put('s/a', 2, 1_100)], ledgerRead(1_000, { n1: { 's/a': 1 } }));
    expect(old.ledger).toMatchObject({ stale: 1 });
  });

  it('may or may not show what was under way, on each node', () => {
    const states = [{ 's/a': 1 }, { 's/a': 2 }] as const;
    for (const n1 of states) {
      for (const n2 of states) {
        const m = measured([put('s/a', 1, 100), slow('s/a', 2, 890, 950)], read(n1, n2));
        expect(m.ledger).toMatchObject({ ...CLEAN, present: 1 });
        expect(m.loss).toMatchObject({ records: 0 });
      }
    }
    const going = attempt({ op: 'deregister', entry: 's/a', issuedMs: 890, tookMs: 60 });
    const m = measured([put('s/a', 1, 100), going], read({ 's/a': 1 }, {}));
    expect(m.ledger).toMatchObject({ ...CLEAN, present: 1 });
    expect(measured([put('s/a', 1, 100), going], read({})).ledger).toMatchObject(CLEAN);
  });

  it('is held to all that was acknowledged before it, whatever came afterwards', () => {
    const m = measured([put('s/a', 1, 100), put('s/a', 2, 1_100)], read({}));
    expect(m.ledger).toMatchObject({ ...CLEAN, lost: 1 });
    expect(m.ledger?.samples[0]).toMatchObject({ expected: 'v1' });
    expect(m.loss).toMatchObject({ records: 1, timeMs: 1_000 - 105 });
    const old = measured([put('s/a', 1, 100), put('s/a', 2, 200), slow('s/a', 3, 890, 950)], read({ 's/a': 1 }));
    expect(old.ledger).toMatchObject({ ...CLEAN, stale: 1 });
    expect(old.loss).toMatchObject({ records: 1, lostUpdates: 1 });
  });

  it('is judged by the keep-alives before it: a later one does not make an entry overdue, nor excuse it', () => {
    const lease = attempt({ op: 'register', entry: 's/i', issuedMs: 0, durable: false });
    const renewed = attempt({ op: 'renew', entry: 's/i', issuedMs: 9_900, durable: false });
    const overdue = [lease, renewed];
    // The lease of 9 s was over at 9000; the node was asked at 9500.
    expect(measured(overdue, ledgerRead(9_600, { n1: {} }, 9_500)).ledger).toMatchObject({ lost: 0 });
    const told = attempt({
      op: 'renew',
      entry: 's/i',
      issuedMs: 3_000,
      durable: false,
      outcome: 'failed',
      leaseGone: true,
    });
    expect(measured([lease, told], ledgerRead(2_600, { n1: {} }, 2_500)).ledger).toMatchObject({ lost: 1 });
  });
});

describe('fewer than two readable nodes', () => {
  it('cannot disagree, which is not the same as agreeing', () => {
    const one = measured([put('s/a', 1, 100)], ledgerRead(1_000, { n1: { 's/a': 1 }, n2: null }));
    expect(one.ledger?.divergent).toBeNull();
    const two = measured([put('s/a', 1, 100)], ledgerRead(1_000, { n1: { 's/a': 1 }, n2: { 's/a': 1 }, n3: null }));
    expect(two.ledger?.divergent).toBe(0);
  });
});

describe('leased entries', () => {
  // leaseMs is 9000.
  const lease = (issuedMs: number, again = false, version = 1) =>
    attempt({ op: 'register', entry: 's/i', version, issuedMs, durable: false, again });
  const renew = (issuedMs: number, outcome: 'ok' | 'failed' = 'ok', reason: string | null = null) =>
    attempt({ op: 'renew', entry: 's/i', issuedMs, durable: false, outcome, reason });
  const refused = (issuedMs: number, leaseGone: boolean, reason: string) =>
    attempt({ op: 'renew', entry: 's/i', issuedMs, durable: false, outcome: 'failed', reason, leaseGone });

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

  it('go by what the adapter said of a refusal, and by its words only in old journals', () => {
    const lostAfter = (event: Timed) => measured([lease(0), event], ledgerRead(7_000, { n1: {} })).ledger?.lost;
    expect(lostAfter(refused(6_000, true, 'weg'))).toBe(0);
    expect(lostAfter(refused(6_000, false, 'the lease service is not ready'))).toBe(1);
  });

  it('that were lost and registered again by their owner are told, not forgotten', () => {
    const healedBy = (...events: readonly Timed[]) =>
      measured([lease(0), ...events], ledgerRead(20_000, { n1: { 's/i': 2 }, n2: { 's/i': 2 } })).ledger;
    // Renewed at 3000, so the lease had to hold until 12000.
    const early = healedBy(renew(3_000), refused(6_000, true, 'x'), lease(6_100, true, 2), renew(18_000));
    expect(early).toMatchObject({ ...CLEAN, reregistered: 1, healed: 1, present: 1 });
    const lapsed = healedBy(renew(3_000), refused(12_100, true, 'x'), lease(12_200, true, 2), renew(18_000));
    expect(lapsed).toMatchObject({ ...CLEAN, reregistered: 1, healed: 0, present: 1 });
    // After a restore it is a reader that does not find the instance.
    expect(healedBy(renew(3_000), lease(6_100, true, 2), renew(18_000))).toMatchObject({ healed: 1 });
    // What only came back late was gone early all the same.
    const late = healedBy(renew(3_000), refused(6_000, true, 'x'), lease(13_000, true, 2), renew(18_000));
    expect(late).toMatchObject({ reregistered: 1, healed: 1 });
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

  describe('by a fault on one service', () => {
    const inject = (id: string, faultName: string, params: Readonly<Record<string, string>>): Step => ({
      id,
      verb: 'inject',
      fault: faultName,
      on: null,
      params,
      continueOnFailure: false,
    });
    const drill = drillOf({
      phases: phases({ execute: phase(inject('delete', 'service.delete', { service: 'b' }), inject('wipe', 'w', {})) }),
    });
    const lossIn = (...events: readonly (readonly Timed[])[]) =>
      measure(journalOf([opened(drill), trafficStarted(0), ...byTime(events.flat())])).loss;
    const deleted = fault({
      step: 'delete',
      undo: 'u2',
      fault: 'service.delete',
      scope: 'data',
      requestedMs: 490,
      observedMs: 500,
    });
    const kill = fault({ undo: 'u3', requestedMs: 1_990, observedMs: 2_000 });
    const nothing = ledgerRead(5_000, { n1: {} });

    it('explains the losses of that service only', () => {
      expect(lossIn([put('b/x', 1, 100)], deleted, kill, nothing)).toMatchObject({ timeMs: 395, lossAtMs: 500 });
      expect(lossIn([put('a/x', 1, 100)], deleted, wipe, nothing)).toMatchObject({ timeMs: 895, lossAtMs: 1_000 });
    });

    it('leaves the others to the latest that can explain them', () => {
      const killed = lossIn([put('a/x', 1, 100)], deleted, kill, nothing);
      expect(killed).toMatchObject({ timeMs: 1_895, lossAtMs: 2_000 });
      expect(killed?.cause?.en).toContain('node.kill');
      // Acknowledged after the deletion elsewhere, but before anything that could have touched it.
      expect(lossIn([put('a/x', 1, 800)], deleted, kill, nothing)).toMatchObject({ afterFault: 0 });
      const restored = lossIn([put('a/x', 1, 3_900)], deleted, kill, sixStepRestore(3_000), nothing);
      expect(restored).toMatchObject({ timeMs: 0, lossAtMs: 3_200 });
      expect(restored?.cause?.en).toContain('clear');
    });

    it('leaves the others unknown where nothing can, counted to the reading', () => {
      const loss = lossIn([put('a/x', 1, 100)], deleted, nothing);
      expect(loss).toMatchObject({ records: 1, timeMs: 5_000 - 105, lossAtMs: 5_000 });
      expect(loss?.cause?.en).toMatch(/^unknown/);
      expect(loss?.cause?.zh).toMatch(/^未知/);
    });
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
    // Without the backup in the journal only the archive's wall time is known: 10:15:02 is after the wipe, so unknown.
    const other = measured([put('s/a', 1, 100)], wipe, sixStepRestore(2_000), ledgerRead(5_000, { n1: { 's/a': 1 } }));
    expect(other.loss?.recoveryPointAgeMs).toBeNull();
    expect(measured([put('s/a', 1, 100)], ledgerRead(5_000, { n1: {} })).loss?.recoveryPointAgeMs).toBeNull();
  });
});
