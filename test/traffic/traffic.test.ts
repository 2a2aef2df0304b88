/** Canary traffic against a real registry. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/core/backup.js';
import { isCanaryOf, scratchService } from '../../src/core/canary.js';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import type { TrafficSpec } from '../../src/core/drill.js';
import { WorldError } from '../../src/core/errors.js';
import type { World } from '../../src/core/fault.js';
import type { Entry } from '../../src/core/registry.js';
import { bi } from '../../src/core/text.js';
import { measure } from '../../src/measure/index.js';
import { canaryUndoer } from '../../src/traffic/index.js';
import { type StartedLab, startLab } from '../support/cluster.js';
import { type CanaryRun, calmSpec, canaryRun, nextRunId, proxied } from '../truth/canary-run.js';
import { plainState, post } from '../truth/plain-node.js';
import { openRun } from '../truth/synthetic-journal.js';

const WHY = bi('test', '测试');
let lab: StartedLab;
let world: World;
const runs: CanaryRun[] = [];

beforeAll(async () => {
  lab = await startLab('antietcd-3', 26_300);
  world = { cluster: lab.cluster, clock: systemClock, stateDir: lab.stateRoot };
});
afterEach(async () => {
  for (const run of runs.splice(0)) {
    await run.traffic.stop();
    await canaryUndoer.revert(world, { runId: run.runId });
  }
});
afterAll(async () => {
  await lab.stop();
});

function begin(spec: Partial<TrafficSpec> = {}, cluster = lab.cluster, watched: readonly string[] = []): CanaryRun {
  const run = canaryRun(cluster, spec, watched);
  runs.push(run);
  openRun(run.journal, { ...calmSpec, ...spec }, 1_000);
  return run;
}

const nodeUrl = (): string => lab.cluster.binding.nodes[0]?.url ?? '';

async function listOwn(runId: string): Promise<readonly Entry[]> {
  const answer = await lab.cluster.registry.client('n1').listOwn({ limitMs: 2_000 });
  if (answer.outcome !== 'ok') throw new Error(answer.reason);
  return answer.value.filter((entry) => isCanaryOf(runId, entry.service));
}

async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  const seen = await pollUntil(async () => look(), Boolean, { clock: systemClock, withinMs: 15_000, everyMs: 10 });
  expect(seen.reached, what).toBe(true);
}

describe('a canary run', () => {
  test('registers its instances first, then reads, writes and renews at the rates asked for', async () => {
    const { runId, journal, traffic } = begin({
      instances: 12,
      leaseMs: 3_000,
      writesPerSecond: 40,
      readsPerSecond: 30,
    });
    await traffic.start();
    const leased = (await listOwn(runId)).filter((entry) => entry.leased);
    expect(leased).toHaveLength(12);
    const startMs = systemClock.monotonicMs();
    await systemClock.sleep(1_500);
    await traffic.stop();
    const seconds = (systemClock.monotonicMs() - startMs) / 1_000;
    const counts = traffic.counts();
    const attempts = journal.of('attempt');
    const deregistered = attempts.filter(({ op }) => op === 'deregister').length;
    const written = attempts.filter(({ op, durable }) => op === 'register' && durable);
    const dues = written.map(({ dueMs }) => dueMs).sort((a, b) => a - b);
    const gapsMs = dues.slice(1).map((dueMs, i) => dueMs - (dues[i] ?? 0));
    // Removals come on top: between two registrations there is never more than their own gap.
    expect(Math.max(...gapsMs)).toBeLessThan(26);
    expect(deregistered).toBe(Math.floor(written.length / 10));
    for (const [seen, perSecond] of [
      [written.length, 40],
      [counts.discover.attempts, 30],
      [counts.renew.attempts, 12],
    ] as const) {
      expect(seen).toBeGreaterThanOrEqual(perSecond * 1.4);
      expect(seen).toBeLessThanOrEqual(perSecond * (seconds + 0.1) + 2);
    }
    expect(attempts).toHaveLength(
      counts.register.attempts + counts.discover.attempts + counts.renew.attempts + deregistered,
    );
    expect(attempts.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    for (const { dueMs, issuedMs, endedMs } of attempts) {
      expect(issuedMs).toBeGreaterThanOrEqual(dueMs);
      expect(endedMs).toBeGreaterThanOrEqual(issuedMs);
    }
    expect(counts.register.firstIssuedMs).toBe(Math.min(...attempts.map(({ issuedMs }) => issuedMs)));
    expect(journal.events.filter(({ type }) => type === 'traffic.started')).toHaveLength(1);
    expect(journal.events.at(-1)?.type).toBe('traffic.stopped');
  });

  test('a slow registry does not slow the schedule: attempts overlap, each with its own limit', async () => {
    const front = await proxied(lab.cluster, { count: 1 });
    const run = begin({ requestLimitMs: 300, writesPerSecond: 50, readsPerSecond: 50 }, front.cluster);
    await run.traffic.start();
    for (const proxy of front.proxies) proxy.beginOutage('hang');
    const beganMs = run.journal.toRunMs(systemClock.monotonicMs());
    await systemClock.sleep(1_000);
    await run.traffic.stop();
    const during = run.journal.of('attempt').filter(({ issuedMs }) => issuedMs > beganMs);
    expect(during.length).toBeGreaterThan(80);
    for (const { outcome, issuedMs, endedMs } of during) {
      expect(outcome).toBe('unknown');
      expect(endedMs - issuedMs).toBeGreaterThan(280);
      expect(endedMs - issuedMs).toBeLessThan(600);
    }
    const lags = during.map(({ dueMs, issuedMs }) => issuedMs - dueMs).sort((a, b) => a - b);
    expect(lags[Math.floor(lags.length / 2)]).toBeLessThan(20);
    await front.close();
  });

  test('a watched service of leased instances only is never found whole once they are gone', async () => {
    const client = lab.cluster.registry.client('n1');
    const limits = { limitMs: 2_000 };
    const lease = await client.grantLease(60_000, limits);
    if (lease.outcome !== 'ok') throw new Error(lease.reason);
    const mine = { service: 'leased-only', instance: 'a', value: '{}', leaseId: lease.value.leaseId };
    await client.register(mine, limits);
    const { journal, traffic } = begin({ readsPerSecond: 60 }, lab.cluster, ['leased-only']);
    const looks = () => journal.of('attempt').filter(({ op, entry }) => op === 'discover' && entry === 'leased-only');
    await traffic.start();
    await until('looked at', () => looks().length > 3);
    expect(looks().map(({ outcome, expected }) => [outcome, expected])).toEqual(looks().map(() => ['ok', 1]));
    await client.deregister(mine, limits);
    const goneMs = journal.toRunMs(systemClock.monotonicMs());
    await until('looked at again', () => looks().filter(({ issuedMs }) => issuedMs > goneMs).length > 3);
    const after = looks().filter(({ issuedMs }) => issuedMs > goneMs);
    expect(after.map(({ outcome, missing }) => [outcome, missing])).toEqual(after.map(() => ['unknown', 1]));
  });

  test('paused writers leave nothing in flight; resumed ones go on; stopped ones stay so', async () => {
    const { runId, journal, traffic } = begin({ writesPerSecond: 100 });
    await traffic.start();
    await until('writes', () => traffic.counts().register.ok > 20);
    await traffic.pauseWriters(WHY);
    await traffic.pauseWriters(WHY);
    const paused = await plainState('antietcd', nodeUrl());
    const renewedBefore = traffic.counts().discover.ok;
    await until('reads go on', () => traffic.counts().discover.ok > renewedBefore + 5);
    expect(await plainState('antietcd', nodeUrl())).toEqual(paused);
    const { must, tolerated } = traffic.expected();
    expect([...must.keys()].map((key) => `/services/${key}`).sort()).toEqual([...paused.keys()].sort());
    expect(tolerated.size).toBe(0);
    traffic.resumeWriters(WHY);
    await until('writes again', async () => (await listOwn(runId)).length > paused.size + 10);
    await traffic.stopWriters();
    traffic.resumeWriters(WHY);
    const states = journal.of('traffic.writers').map(({ state }) => state);
    expect(states).toEqual(['paused', 'resumed', 'stopped']);
  });

  test('each-node asks every node for every service', async () => {
    const { journal, traffic } = begin({ readsPerSecond: 90, client: 'each-node' });
    await traffic.start();
    await until('reads', () => traffic.counts().discover.attempts >= 18);
    const pairs = journal
      .of('attempt')
      .filter(({ op }) => op === 'discover')
      .map(({ entry, node }) => `${entry} ${node}`);
    expect(new Set(pairs).size).toBe(9);
  });

  test('the ledger is read in parts, of this run only, without what probes have left', async () => {
    const other = begin({ instances: 3 });
    const { runId, journal, traffic } = begin({ instances: 520, writesPerSecond: 0, leaseMs: 60_000, services: 7 });
    await other.traffic.start();
    await traffic.start();
    const probe = { service: scratchService(runId), instance: 'probe', value: '{}' };
    await lab.cluster.registry.client('n1').register(probe, { limitMs: 1_000 });
    const askedMs = journal.toRunMs(systemClock.monotonicMs());
    await traffic.readLedger();
    for (const node of ['n1', 'n2', 'n3']) {
      const parts = journal.of('ledger.read').filter((event) => event.node === node);
      for (const { readStartedMs = 0, ms } of parts) {
        expect(readStartedMs).toBeGreaterThanOrEqual(askedMs);
        expect(readStartedMs).toBeLessThan(ms ?? 0);
      }
      expect(parts.map(({ part, parts: of, entries }) => [part, of, entries.length])).toEqual([
        [1, 2, 500],
        [2, 2, 20],
      ]);
      const entries = parts.flatMap((part) => part.entries);
      expect(new Set(entries.map(([entry]) => entry))).toEqual(new Set(traffic.expected().must.keys()));
      expect(entries.every(([, version]) => version === 1)).toBe(true);
    }
  });

  test('it does not start on a registry that takes no writes', async () => {
    const front = await proxied(lab.cluster);
    for (const proxy of front.proxies) proxy.beginOutage('503');
    const run = begin({ instances: 4 }, front.cluster);
    const startedMs = systemClock.monotonicMs();
    const failure = await run.traffic.start().catch((error: unknown) => error);
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(12_000);
    expect(failure).toBeInstanceOf(WorldError);
    expect(failure).toMatchObject({
      code: 'canary-not-registered',
      message: expect.stringContaining('Leader is unavailable'),
    });
    expect(run.traffic.counts().register.ok).toBe(0);
    await front.close();
  });
});

describe('leases', () => {
  test('an owner whose lease is gone registers again, and the ledger says so', async () => {
    const { journal, traffic } = begin({ instances: 6, leaseMs: 2_000, writesPerSecond: 0 });
    await traffic.start();
    const ids = await leaseIds();
    expect(ids.length).toBeGreaterThanOrEqual(6);
    const again = (): number =>
      journal.of('attempt').filter((attempt) => attempt.again && attempt.outcome === 'ok').length;
    await post(`${nodeUrl()}/v3/lease/revoke`, { ID: await leaseOf([...traffic.expected().must.keys()][0] ?? '') });
    await until('registered again', () => again() === 1);
    const reads = traffic.counts().discover.ok;
    await until('complete again', () => traffic.counts().discover.ok > reads + 3);
    await traffic.stopWriters();
    await traffic.readLedger();
    const { ledger } = measure(journal.events);
    expect(ledger).toMatchObject({ reregistered: 1, healed: 1, lost: 0, stale: 0, divergent: 0, present: 6 });
    const refused = journal.of('attempt').filter(({ op, outcome }) => op === 'renew' && outcome === 'failed');
    expect(refused.map(({ leaseGone }) => leaseGone)).toEqual([true]);
  });

  interface Branch {
    readonly lease?: string;
    readonly children?: Readonly<Record<string, Branch>>;
  }
  const state = async (): Promise<Branch> => (await post<{ state: Branch }>(`${nodeUrl()}/dump`, {})).state;

  async function leaseIds(): Promise<readonly string[]> {
    const walk = (branch: Branch): readonly string[] => [
      ...(branch.lease === undefined ? [] : [branch.lease]),
      ...Object.values(branch.children ?? {}).flatMap(walk),
    ];
    return walk(await state());
  }

  async function leaseOf(key: string): Promise<string> {
    let branch: Branch | undefined = await state();
    for (const part of `/services/${key}`.split('/')) branch = branch?.children?.[part];
    if (branch?.lease === undefined) throw new Error(`${key} has no lease`);
    return branch.lease;
  }
});

describe('after a restore', () => {
  test('the archive is what is expected, owners come back, and the ledger still counts what it lacked', async () => {
    const { runId, journal, traffic } = begin({ instances: 6, writesPerSecond: 100 });
    await traffic.start();
    await until('writes', () => traffic.counts().register.ok > 40);
    await traffic.pauseWriters(WHY);
    const archived = (await listOwn(runId)).filter((entry) => !entry.leased);
    traffic.resumeWriters(WHY);
    await until('more writes', () => traffic.counts().register.ok > 80);
    await traffic.pauseWriters(WHY);
    const before = await listOwn(runId);
    await replaceAll(before, archived);
    const lostKeys = before.filter(({ leased, instance }) => !leased && !archived.some((e) => e.instance === instance));
    traffic.rebase(snapshotOf(archived), { step: 'restore', file: 'a.tar.gz', service: null });
    expect(journal.of('traffic.rebased')).toMatchObject([{ kept: archived.length, dropped: lostKeys.length }]);
    const reads = (): number =>
      journal.of('attempt').filter(({ op, outcome }) => op === 'discover' && outcome === 'ok').length;
    const readsBefore = reads();
    traffic.resumeWriters(WHY);
    await until(
      'owners are back',
      () => journal.of('attempt').filter(({ again, outcome }) => again && outcome === 'ok').length === 6,
    );
    await until('discovery is complete again', () => reads() > readsBefore + 6);
    await traffic.stopWriters();
    const expected = traffic.expected();
    expect(new Map((await listOwn(runId)).map((e) => [`${e.service}/${e.instance}`, e.value]))).toEqual(expected.must);
    await traffic.readLedger();
    const { ledger, loss } = measure(journal.events);
    expect(lostKeys.length).toBeGreaterThan(10);
    expect(ledger).toMatchObject({ lost: lostKeys.length, reregistered: 6, healed: 6, divergent: 0, ghost: 0 });
    expect(loss?.records).toBe(lostKeys.length + (loss?.lostUpdates ?? 0));
  });

  test('of one service leaves the others as they were', async () => {
    const { runId, traffic } = begin({ instances: 6, writesPerSecond: 100 });
    await traffic.start();
    await until('writes', () => traffic.counts().register.ok > 40);
    await traffic.pauseWriters(WHY);
    const before = traffic.expected().must;
    const [first] = await listOwn(runId);
    const service = first?.service ?? '';
    traffic.rebase(snapshotOf([]), { step: 'restore', file: 'a.tar.gz', service });
    const after = traffic.expected().must;
    const dropped = [...before.keys()].filter((key) => !after.has(key));
    expect(dropped.length).toBeGreaterThan(5);
    expect(dropped.every((key) => key.startsWith(`${service}/d`))).toBe(true);
    const kept = [...before.keys()].filter((key) => !key.startsWith(`${service}/d`));
    expect([...after.keys()].sort()).toEqual(kept.sort());
  });

  async function replaceAll(before: readonly Entry[], archived: readonly Entry[]): Promise<void> {
    const client = lab.cluster.registry.client('n1');
    for (const entry of before) await client.deregister(entry, { limitMs: 2_000 });
    for (const entry of archived) await client.register(entry, { limitMs: 2_000 });
  }

  function snapshotOf(entries: readonly Entry[]): Snapshot {
    const services = [...new Set(entries.map(({ service }) => service))].map((name) => ({
      name,
      instances: entries
        .filter(({ service }) => service === name)
        .map(({ instance, value, leased }) => ({
          id: instance,
          ip: null,
          port: null,
          status: 'UP',
          metadata: {},
          leased,
          raw: value,
        })),
    }));
    return {
      backup_time: '2026-11-22 10:15:00',
      backup_time_utc: '2026-11-22T10:15:00Z',
      time_zone: 'UTC',
      version: '1.0',
      registry: { kind: 'etcd', product: 'antietcd', version: '1', cluster_id: null, revision: 1, node: 'n1' },
      services,
      settings: [],
      access_rules: { state: 'not-applicable', reason: '', rules: [] },
    };
  }
});

describe('the canary is taken away again', () => {
  test('every entry of the run, the scratch service included, and nothing else', async () => {
    const other = begin({ instances: 2, writesPerSecond: 0 });
    const run = begin({ instances: 3 });
    await other.traffic.start();
    await run.traffic.start();
    await until('writes', () => run.traffic.counts().register.ok > 20);
    await run.traffic.stop();
    const client = lab.cluster.registry.client('n2');
    await client.register({ service: scratchService(run.runId), instance: 'p', value: '{}' }, { limitMs: 1_000 });
    const data = { runId: run.runId };
    const [left] = await canaryUndoer.residue(world, data);
    expect(left?.en).toMatch(/^\d+ canary entries are still listed: firedrill-canary-/);
    expect(await canaryUndoer.revert(world, data)).toMatchObject({ reverted: true, nothingToDo: false });
    expect(await canaryUndoer.residue(world, data)).toEqual([]);
    expect(await listOwn(run.runId)).toEqual([]);
    expect(await canaryUndoer.revert(world, data)).toMatchObject({ reverted: true, nothingToDo: true });
    expect(await listOwn(other.runId)).toHaveLength(2);
  });

  test('through whichever node takes it; when none does, that is not a success', async () => {
    const run = begin({ instances: 3 });
    await run.traffic.start();
    await run.traffic.stop();
    const front = await proxied(lab.cluster);
    const fronted = { ...world, cluster: front.cluster };
    const data = { runId: run.runId };
    for (const proxy of front.proxies) proxy.beginOutage('refuse');
    expect(await canaryUndoer.revert(fronted, data)).toMatchObject({
      reverted: false,
      detail: { en: expect.stringContaining('no node could be read') },
    });
    await front.proxies[2]?.endOutage();
    expect(await canaryUndoer.revert(fronted, data)).toMatchObject({ reverted: true, nothingToDo: false });
    expect(await listOwn(run.runId)).toEqual([]);
    await front.close();
  });

  test('a lab that no longer runs has nothing left; nodes of others may', async () => {
    const front = await proxied(lab.cluster);
    for (const proxy of front.proxies) proxy.beginOutage('refuse');
    const nowhere = { by: 'argument', text: 'no process has this argument' } as const;
    const nodes = front.cluster.binding.nodes.map((node) => ({ ...node, find: nowhere }));
    const stopped = { ...front.cluster, binding: { ...front.cluster.binding, nodes } };
    const foreign = { ...stopped, binding: { ...stopped.binding, lab: null } };
    const data = { runId: nextRunId() };
    expect(await canaryUndoer.revert({ ...world, cluster: stopped }, data)).toMatchObject({
      reverted: true,
      nothingToDo: true,
    });
    expect(await canaryUndoer.revert({ ...world, cluster: foreign }, data)).toMatchObject({ reverted: false });
    await front.close();
  });
});
