/** What every probe of the catalog must do, on a real lab. A new probe needs a row in `ROWS`, and nothing else. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backupService } from '../../src/backup/index.js';
import { scratchService } from '../../src/core/canary.js';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import type { Scalar } from '../../src/core/drill.js';
import { agreedLeader, readMembers } from '../../src/core/members.js';
import { type ExpectedEntries, holds, type Probe, type ProbeWorld } from '../../src/core/probe.js';
import { probes } from '../../src/probes/index.js';
import { type LabName, missingLab, type StartedLab, startLab } from '../support/cluster.js';

interface Row {
  readonly params: Readonly<Record<string, Scalar>>;
  /** What it says of a cluster that hangs: a judgement, or that it cannot tell. */
  readonly frozen: Scalar | null;
  /** Tested on two sites, in two-sites.all.test.ts. */
  readonly needsStandby?: true;
}

const ROWS: Readonly<Record<string, Row>> = {
  'registry.writable': { params: {}, frozen: false },
  'registry.leader': { params: {}, frozen: false },
  'registry.healthy': { params: {}, frozen: 0 },
  'discovery.complete': { params: {}, frozen: null },
  'integrity.count': { params: {}, frozen: null },
  'integrity.hash': { params: {}, frozen: null },
  'integrity.functional': { params: {}, frozen: false },
  'integrity.untouched': { params: { except: 'order-service' }, frozen: null },
  'backup.fresh': { params: { maxAge: '1h' }, frozen: true },
  'replication.lag': { params: {}, frozen: null, needsStandby: true },
  'replication.equal': { params: {}, frozen: null, needsStandby: true },
};

const RUN = '20261122T101500Z-probes-7f3a';
const CALL = { limitMs: 2_000 };
const LIMIT_MS = 1_500;

export function probeContract(labName: LabName, basePort: number): void {
  describe.skipIf(missingLab(labName) !== null)(`probes on ${labName}`, () => {
    let lab: StartedLab;
    let dir: string;
    let world: ProbeWorld;
    const canary = 'firedrill-canary-1122101500-7f3a-00';
    const expected: ExpectedEntries = { must: new Map([[`${canary}/c1`, 'one']]), tolerated: new Set() };

    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'firedrill-probes-'));
      lab = await startLab(labName, basePort);
      await put(canary, 'c1', 'one');
      const options = { cluster: lab.cluster, dir, timeZone: 'UTC', clock: systemClock, onSubstep: () => {} };
      const { path } = await backupService.full(options);
      world = {
        cluster: lab.cluster,
        clock: systemClock,
        limitMs: LIMIT_MS,
        archives: [path],
        readArchive: backupService.verify,
        expected: () => expected,
        scratchService: scratchService(RUN),
      };
    });
    afterAll(async () => {
      await lab?.stop();
      await rm(dir, { recursive: true, force: true });
    });

    const client = () => lab.cluster.registry.client('n1');
    const put = async (service: string, instance: string, value: string): Promise<void> => {
      expect(await client().register({ service, instance, value }, CALL)).toMatchObject({ outcome: 'ok' });
    };
    const remove = (service: string, instance: string) => client().deregister({ service, instance }, CALL);
    const probe = (name: string): Probe => {
      const found = probes.find(name);
      if (found === undefined) throw new Error(`no probe ${name}`);
      return found;
    };
    const look = (name: string, changes: Partial<ProbeWorld> = {}, params = ROWS[name]?.params ?? {}) =>
      probe(name).sample({ ...world, ...changes }, params);
    /** A follower may see a write a moment later. */
    const settles = async (name: string, value: Scalar | null, changes: Partial<ProbeWorld> = {}): Promise<void> => {
      const { value: sample } = await pollUntil(
        () => look(name, changes),
        (seen) => seen.value === value,
        { clock: systemClock, withinMs: 5_000, everyMs: 50 },
      );
      expect(sample.value, `${name}: ${sample.detail.en}`).toBe(value);
    };

    it('has a row for every probe of the catalog', () => {
      expect(probes.names).toEqual(Object.keys(ROWS));
    });

    const alone = Object.keys(ROWS).filter((name) => ROWS[name]?.needsStandby !== true);
    it.each(alone)('%s holds on a healthy cluster and leaves nothing behind', async (name) => {
      const tolerance = probe(name).defaultTolerance;
      const { value: sample } = await pollUntil(
        () => look(name),
        (seen) => holds(tolerance, seen.value) === true,
        { clock: systemClock, withinMs: 5_000, everyMs: 50 },
      );
      expect(holds(tolerance, sample.value), sample.detail.en).toBe(true);
      expect(sample.detail.zh).not.toBe(sample.detail.en);
      expect(JSON.stringify(sample.facts).length).toBeLessThan(1_000);
      expect(await client().discover(world.scratchService, CALL)).toEqual({ outcome: 'ok', value: [] });
    });

    it.each(Object.keys(ROWS).filter((name) => ROWS[name]?.needsStandby === true))(
      '%s cannot tell without a standby site',
      async (name) => {
        expect(await look(name)).toMatchObject({ value: null });
      },
    );

    it.each(Object.keys(ROWS).filter((name) => name !== 'backup.fresh'))(
      '%s cannot tell without a target',
      async (name) => {
        expect(await look(name, { cluster: null })).toMatchObject({ value: null });
      },
    );

    it('discovery.complete tells the share, and cannot tell without an expectation', async () => {
      const must = new Map([
        ...expected.must,
        [`${canary}/c2`, 'two'],
        [`${canary}/c3`, 'x'],
        ['order-service/none', 'x'],
      ]);
      expect(await look('discovery.complete', { expected: () => ({ ...expected, must }) })).toMatchObject({
        value: 25,
      });
      const old = new Map([[`${canary}/c1`, 'an older value']]);
      expect(await look('discovery.complete', { expected: () => ({ ...expected, must: old }) })).toMatchObject({
        value: 0,
      });
      expect(await look('discovery.complete', { expected: () => null })).toMatchObject({ value: null });
      const empty = { must: new Map<string, string>(), tolerated: new Set<string>() };
      expect(await look('discovery.complete', { expected: () => empty })).toMatchObject({ value: null });
      let n = 0;
      const moving = () => ({ ...expected, must: new Map([[`${canary}/c1`, `${n++}`]]) });
      expect(await look('discovery.complete', { expected: moving })).toMatchObject({ value: null });
    });

    it.each([
      ['a missing entry', () => remove('user-service', '10.0.2.11:8082'), false],
      ['an entry too many', () => put('user-service', 'more', 'x'), false],
      ['a missing canary entry', () => remove(canary, 'c1'), false],
      ['another value', () => put('user-service', '10.0.2.11:8082', 'x'), true],
    ] as const)('count, hash and untouched see %s', async (_, damage, countAgrees) => {
      await damage();
      await settles('integrity.count', countAgrees);
      await settles('integrity.hash', false);
      await settles('integrity.untouched', false);
      const archived = await backupService.verify(world.archives[0] ?? '');
      if (!archived.sound) throw new Error(archived.reason.en);
      await remove('user-service', 'more');
      const users = archived.snapshot.services.find(({ name }) => name === 'user-service')?.instances ?? [];
      for (const { id, raw } of users) await put('user-service', id, raw);
      await put(canary, 'c1', 'one');
      await settles('integrity.hash', true);
    });

    it('untouched looks past the service that was meant to change, and sees a changed setting', async () => {
      await put('order-service', 'new', 'x');
      await settles('integrity.hash', false);
      await settles('integrity.untouched', true);
      await remove('order-service', 'new');
      await client().putSetting({ name: 'lease', value: '1s' }, CALL);
      await settles('integrity.untouched', false);
      await client().putSetting({ name: 'lease', value: '90s' }, CALL);
      await settles('integrity.untouched', true);
      expect(await look('integrity.untouched', { archives: [] })).toMatchObject({ value: null });
      expect(await look('integrity.untouched', {}, {})).toMatchObject({ value: null });
    });

    it('integrity leaves out what is leased, tolerated, or moving', async () => {
      const lease = await client().grantLease(60_000, CALL);
      if (lease.outcome !== 'ok') throw new Error(lease.reason);
      await client().register({ service: canary, instance: 'l', value: 'l', leaseId: lease.value.leaseId }, CALL);
      await put(canary, 'doubt', 'x');
      const must = new Map([...expected.must, [`${canary}/l`, 'l'], [`${canary}/gone`, 'g']]);
      const now = { must, tolerated: new Set([`${canary}/doubt`]), leased: new Set([`${canary}/gone`]) };
      await settles('integrity.count', true, { expected: () => now });
      await settles('integrity.hash', true, { expected: () => now });
      let n = 0;
      const moving = () => ({ ...now, must: new Map([...must, [`${canary}/moves`, `${n++}`]]) });
      await settles('integrity.count', true, { expected: moving });
      await settles('integrity.count', false, { expected: () => ({ ...now, tolerated: new Set<string>() }) });
      await remove(canary, 'l');
      await remove(canary, 'doubt');
    });

    it('integrity cannot tell without an expectation, or when no archive is sound', async () => {
      for (const name of ['integrity.count', 'integrity.hash', 'integrity.untouched']) {
        expect(await look(name, { archives: [], expected: () => null }), name).toMatchObject({ value: null });
        expect(await look(name, { archives: [join(dir, 'none.tar.gz')] }), name).toMatchObject({ value: null });
      }
      await settles('integrity.count', true, { archives: [join(dir, 'none.tar.gz'), ...world.archives] });
      await settles('integrity.count', true, { archives: [] });
      await settles('integrity.count', true, { expected: () => null });
    });

    it('backup.fresh looks at the age of the newest sound archive', async () => {
      const inDays = (days: number): ProbeWorld['clock'] => ({
        ...systemClock,
        wallIso: () => new Date(Date.now() + days * 86_400_000).toISOString(),
      });
      expect(await look('backup.fresh', { clock: inDays(2) }, {})).toMatchObject({ value: false });
      expect(await look('backup.fresh', { clock: inDays(2) }, { maxAge: '3d' })).toMatchObject({ value: true });
      expect(await look('backup.fresh', { clock: inDays(2) }, { within: 3 * 86_400_000 })).toMatchObject({
        value: true,
      });
      expect(await look('backup.fresh', { clock: inDays(-2) })).toMatchObject({ value: null });
      expect(await look('backup.fresh', { archives: [] })).toMatchObject({ value: false });
      expect(await look('backup.fresh', { archives: [join(dir, 'none.tar.gz')] })).toMatchObject({ value: false });
      expect(await look('backup.fresh', {}, { maxAge: 'soon' })).toMatchObject({ value: null });
      const hangs = () => new Promise<never>(() => {});
      expect(await look('backup.fresh', { readArchive: hangs, limitMs: 100 })).toMatchObject({ value: null });
    });

    it('sees a follower that hangs', async () => {
      const { follower } = await membersOf(lab);
      await lab.cluster.driver.signal(follower, 'SIGSTOP');
      try {
        // antietcd acknowledges a write when every follower it counts on has it: writes stall until it has dropped the one
        // that hangs (a second or two), and from then on its leader is elected anew about every second.
        await settles('registry.healthy', 200 / 3);
        await settles('registry.writable', true);
        expect(await look('registry.writable', {}, { everyNode: true })).toMatchObject({ value: false });
        await settles('registry.leader', true);
        expect(await look('integrity.functional')).toMatchObject({ value: false });
        expect(await look('integrity.count')).toMatchObject({ value: null });
        await settles('discovery.complete', 100);
        const { value: removed } = await pollUntil(
          () => remove('user-service', '10.0.2.11:8082'),
          ({ outcome }) => outcome === 'ok',
          { clock: systemClock, withinMs: 5_000, everyMs: 50 },
        );
        expect(removed.outcome).toBe('ok');
        // What is seen to be wrong is not unknown.
        await settles('integrity.count', false);
      } finally {
        await lab.cluster.driver.signal(follower, 'SIGCONT');
      }
    });

    it('answers in time when every node hangs, and never throws', async () => {
      const { driver, binding } = lab.cluster;
      for (const node of binding.nodes) await driver.signal(node, 'SIGSTOP');
      try {
        for (const [name, { frozen }] of Object.entries(ROWS)) {
          const startedMs = systemClock.monotonicMs();
          const sample = await look(name);
          const tookMs = systemClock.monotonicMs() - startedMs;
          expect(sample.value, `${name}: ${sample.detail.en}`).toBe(frozen);
          expect(sample.detail.en).not.toBe('');
          expect(tookMs, name).toBeLessThan(LIMIT_MS + 500);
        }
      } finally {
        for (const node of binding.nodes) await driver.signal(node, 'SIGCONT');
      }
    });
  });
}

async function membersOf({ cluster }: StartedLab) {
  const { value: leader } = await pollUntil(
    async () => agreedLeader(await readMembers(cluster.registry, { limitMs: 500 })),
    (name) => name !== null,
    { clock: systemClock, withinMs: 10_000, everyMs: 50 },
  );
  const follower = cluster.binding.nodes.find(({ name }) => name !== leader && name !== 'n1');
  if (leader === null || follower === undefined) throw new Error('no leader, or no follower');
  return { leader, follower };
}
