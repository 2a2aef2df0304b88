/** Lag and likeness of two real clusters with the real mirror between them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchService } from '../../src/core/canary.js';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import type { Scalar } from '../../src/core/drill.js';
import { invariant } from '../../src/core/errors.js';
import { findNodeProcess } from '../../src/core/node-process.js';
import type { ProbeWorld, Sample } from '../../src/core/probe.js';
import type { Cluster } from '../../src/core/target.js';
import { probes } from '../../src/probes/index.js';
import { missingLab, type StartedLab, startLab } from '../support/cluster.js';

const CALL = { limitMs: 2_000 };

describe.skipIf(missingLab('etcd-2-sites') !== null)('replication between two sites', () => {
  let lab: StartedLab;
  let standby: Cluster;
  let world: ProbeWorld;
  let mirrorPid: number;

  beforeAll(async () => {
    lab = await startLab('etcd-2-sites', 26_000);
    invariant(lab.cluster.standby, 'the lab has a standby');
    standby = lab.cluster.standby;
    const { replication } = standby.binding;
    invariant(replication, 'and a replication');
    mirrorPid = findNodeProcess(replication)?.pid ?? 0;
    world = {
      cluster: lab.cluster,
      clock: systemClock,
      limitMs: 2_000,
      archives: [],
      readArchive: () => Promise.reject(new Error('no archive here')),
      expected: () => null,
      scratchService: scratchService('20261122T101500Z-probes-7f3a'),
    };
    expect((await settles('replication.equal', 100)).value).toBe(100);
  });
  afterAll(async () => {
    standby?.registry.close();
    await lab?.stop();
  });

  const look = (name: string, params: Readonly<Record<string, Scalar>> = {}): Promise<Sample> => {
    const probe = probes.find(name);
    invariant(probe, `there is ${name}`);
    return probe.sample(world, params);
  };
  const settles = async (name: string, value: number): Promise<Sample> => {
    const done = await pollUntil(
      () => look(name),
      (seen) => seen.value === value,
      {
        clock: systemClock,
        withinMs: 10_000,
        everyMs: 50,
      },
    );
    return done.value;
  };
  const put = async (cluster: Cluster, instance: string, value: string): Promise<void> => {
    const client = cluster.registry.client(cluster.registry.nodes[0] ?? '');
    expect(await client.register({ service: 'two-sites', instance, value }, CALL)).toMatchObject({ outcome: 'ok' });
  };
  const held = async (cluster: Cluster): Promise<readonly string[]> => {
    const answer = await cluster.registry.client(cluster.registry.nodes[0] ?? '').listOwn(CALL);
    return answer.outcome === 'ok' ? answer.value.map(({ service }) => service) : ['unreadable'];
  };

  it('knows the lag with its error, and takes its markers away at both sites', async () => {
    const { value, detail, facts } = await look('replication.lag', { markers: 8 });
    expect(value, detail.en).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThan(1_500);
    expect(facts).toMatchObject({ markers: 8, longestMs: value });
    expect(Number(facts?.medianMs)).toBeLessThanOrEqual(Number(value));
    expect(Number(facts?.errorMs)).toBeGreaterThan(0);
    expect(detail.zh).not.toBe(detail.en);
    for (const cluster of [lab.cluster, standby]) {
      const gone = await pollUntil(
        async () => (await held(cluster)).includes(world.scratchService),
        (there) => !there,
        { clock: systemClock, withinMs: 5_000, everyMs: 20 },
      );
      expect(gone.reached).toBe(true);
    }
  });

  it('a mirror that hangs: the lag is longer than the look, and what it has not copied is not equal', async () => {
    process.kill(mirrorPid, 'SIGSTOP');
    try {
      const lag = await look('replication.lag');
      expect(Number(lag.value), lag.detail.en).toBeGreaterThan(1_000);
      expect(lag.facts).toMatchObject({ markers: 1, atLeastMs: lag.value });
      await put(lab.cluster, 'a', '1');
      await put(lab.cluster, 'b', '1');
      const equal = await look('replication.equal');
      // The seven entries of the demo data are at both.
      expect(equal.value, equal.detail.en).toBeCloseTo((100 * 7) / 9, 6);
      expect(equal.facts).toMatchObject({ entries: 9, equal: 7, missing: 2, different: 0, extra: 0 });
    } finally {
      process.kill(mirrorPid, 'SIGCONT');
    }
    expect((await settles('replication.equal', 100)).value).toBe(100);
  });

  it('another value, and an entry that only the standby has, are differences', async () => {
    await put(standby, 'a', 'changed there');
    await put(standby, 'c', 'only there');
    const equal = await look('replication.equal');
    expect(equal.facts).toMatchObject({ entries: 10, equal: 8, missing: 0, different: 1, extra: 1 });
    expect(equal.detail.en).toContain('two-sites/a, two-sites/c');
  });

  it('what cannot be read is unknown, never equal and never fast', async () => {
    const pids = lab.state.nodes.filter(({ site }) => site === 'standby').map(({ pid }) => pid ?? 0);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      expect(await look('replication.lag')).toMatchObject({ value: null });
      expect(await look('replication.equal')).toMatchObject({ value: null });
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
  });
});
