/** Faults through a real Toxiproxy before real ZooKeeper; every effect is measured again without the product's code. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { catalogOf } from '../../src/core/catalog.js';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import type { NodeSpec } from '../../src/core/drill.js';
import { invariant } from '../../src/core/errors.js';
import type { FaultRequest, World } from '../../src/core/fault.js';
import { agreedLeader, readMembers } from '../../src/core/members.js';
import { bootId } from '../../src/core/process-table.js';
import { faults } from '../../src/faults/index.js';
import { resumeJournal } from '../../src/journal/index.js';
import { recoverRuns } from '../../src/run/state/index.js';
import { type Built, buildParts } from '../run-state/built.js';
import { clusterOf, missingLab, type StartedLab, startLab } from '../support/cluster.js';
import { afterElection } from './contract.js';
import { closeTime, toxicsAt } from './plain-link.js';
import { word, writeTime } from './plain-quorum.js';
import { bitten, type Direction, faultNamed, killedAfter, prepared, streamsOf } from './toxics.js';

const LAB = 'zookeeper-3-toxiproxy';
const LIMIT_MS = 60_000;
type Params = FaultRequest['params'];

/** What the client link does, told by a plain measurement; `hit` = as while the fault is on. */
type Measure = (address: string, direction: Direction) => Promise<{ readonly hit: boolean; readonly seen: string }>;

const PARAMS: Readonly<Record<string, Params>> = {
  'network.latency': { latencyMs: 200, jitterMs: 20 },
  'network.bandwidth': { rateKBps: 20 },
  'network.reset': {},
  'network.slow-close': { delayMs: 250 },
};
const NAMES = Object.keys(PARAMS);

const MEASURES: Readonly<Record<string, Measure>> = {
  'network.latency': async (address, direction) => {
    const { tookMs, error } = await word(address, 'srvr');
    const least = direction === 'both' ? 360 : 180;
    return { hit: error === null && tookMs >= least, seen: `${tookMs.toFixed(1)} ms ${error ?? ''}` };
  },
  // Down: the longest word, some 10 kB at 20 kB/s. Up: as many bytes as nobody has asked for, which end the connection.
  'network.bandwidth': async (address, direction) => {
    const { tookMs } =
      direction === 'up'
        ? await word(address, `\0\0\u0027\u0010${'x'.repeat(10_000)}`, true)
        : await word(address, 'mntr', true);
    return { hit: tookMs >= 300, seen: `${tookMs.toFixed(1)} ms` };
  },
  'network.reset': async (address) => {
    const { tookMs, error } = await word(address, 'srvr');
    return { hit: error === 'ECONNRESET', seen: `${error} after ${tookMs.toFixed(1)} ms` };
  },
  'network.slow-close': async (address, direction) => {
    const tookMs = await closeTime(address);
    return { hit: tookMs >= (direction === 'both' ? 500 : 250), seen: `${tookMs.toFixed(1)} ms` };
  },
};

const PROXIES = ['n1-client', 'n1-n2', 'n1-n3', 'n2-client', 'n2-n1', 'n2-n3', 'n3-client', 'n3-n1', 'n3-n2'];
const NO_TOXICS = Object.fromEntries(PROXIES.map((proxy) => [proxy, []]));

describe.skipIf(missingLab(LAB) !== null)(`faults through Toxiproxy before ZooKeeper ${missingLab(LAB) ?? ''}`, () => {
  let lab: StartedLab;
  let folder: string;
  let built: Built;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-zktoxics-'));
    built = buildParts(['faults', 'registries', 'targets']);
    lab = await startLab(LAB, 28_600);
  }, 120_000);
  afterAll(async () => {
    await lab?.stop();
    built?.remove();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    expect(await toxicsAt(api()), 'no test leaves a toxic').toEqual(NO_TOXICS);
    await afterElection(world());
  });

  const world = (): World => ({ cluster: lab.cluster, clock: systemClock, stateDir: folder });
  const nodes = (): readonly NodeSpec[] => lab.cluster.binding.nodes;
  const linksOf = ({ name, links }: NodeSpec) => {
    invariant(links, `${name} has links`);
    return links;
  };
  const first = (): NodeSpec => {
    const [node] = nodes();
    invariant(node, 'the lab has nodes');
    return node;
  };
  const api = (): string => linksOf(first()).api;
  const asked = (params: Params, hit: readonly NodeSpec[]): FaultRequest => ({ nodes: hit, params, step: 'break' });
  /** The leader first. */
  const byRole = async (): Promise<readonly NodeSpec[]> => {
    const leader = agreedLeader(await readMembers(lab.cluster.registry, { limitMs: 1_000 }));
    invariant(leader, 'there is a leader');
    return nodes().toSorted((a, b) => Number(b.name === leader) - Number(a.name === leader));
  };
  /** Reverted as by another process, twice. */
  const lifted = async (name: string, data: Awaited<ReturnType<typeof prepared>>): Promise<void> => {
    const other = await clusterOf(LAB, lab.state);
    try {
      const there = { ...world(), cluster: other };
      expect(await faultNamed(name).revert(there, data)).toMatchObject({ reverted: true, nothingToDo: false });
      expect(await faultNamed(name).residue(there, data)).toEqual([]);
      expect(await faultNamed(name).revert(there, data)).toMatchObject({ reverted: true, nothingToDo: true });
    } finally {
      other.registry.close();
    }
  };

  const combinations = NAMES.flatMap((name) =>
    (['down', 'up', 'both'] as const).map((direction) => [name, direction] as const),
  );

  it.each(combinations)(
    '%s on the client link, %s: bites, is seen from outside, and goes',
    async (name, direction) => {
      const fault = faultNamed(name);
      const { listen } = linksOf(first()).client;
      const measure = MEASURES[name];
      invariant(measure, 'every fault is measured');
      const data = await prepared(fault, world(), asked({ ...PARAMS[name], direction }, [first()]));
      expect(await toxicsAt(api())).toEqual(NO_TOXICS);
      const idle = await fault.confirm(world(), data);
      expect(idle.bitten, idle.detail.en).toBe(false);
      const quick = await measure(listen, direction);
      expect(quick.hit, quick.seen).toBe(false);

      await fault.inject(world(), data);
      const bite = await bitten(fault, world(), data);
      expect(bite.bitten, bite.detail.en).toBe(true);
      const felt = await measure(listen, direction);
      expect(felt.hit, felt.seen).toBe(true);
      const toxics = (await toxicsAt(api()))['n1-client'] ?? [];
      expect(toxics.map(({ stream }) => stream).toSorted()).toEqual(streamsOf(direction));
      expect(await fault.residue(world(), data)).toHaveLength(toxics.length);
      await fault.inject(world(), data);
      expect((await toxicsAt(api()))['n1-client']).toEqual(toxics);

      await lifted(name, data);
      const after = await measure(listen, direction);
      expect(after.hit, after.seen).toBe(false);
    },
    LIMIT_MS,
  );

  it.each(['leader', 'follower'] as const)(
    'network.latency on the peer links of a %s: what it sends is late, and with it the writes that wait for it',
    async (role) => {
      const fault = faultNamed('network.latency');
      const [leader, follower] = await byRole();
      const hit = role === 'leader' ? leader : follower;
      invariant(leader && follower && hit, 'three nodes');
      const direct = linksOf(follower).client.upstream;
      const data = await prepared(fault, world(), asked({ latencyMs: 200, link: 'peer' }, [hit]));
      const idle = await fault.confirm(world(), data);
      expect(idle.bitten, idle.detail.en).toBe(false);
      expect(await writeTime(direct, 5_000)).toBeLessThan(200);

      await fault.inject(world(), data);
      const bite = await bitten(fault, world(), data);
      expect(bite.bitten, bite.detail.en).toBe(true);
      // The request of a follower's client, or the leader's proposal, goes over the slow link.
      expect(await writeTime(direct, 5_000)).toBeGreaterThanOrEqual(200);
      const streams = Object.entries(await toxicsAt(api())).flatMap(([proxy, toxics]) =>
        toxics.map(({ stream }) => `${proxy} ${stream}`),
      );
      const others = nodes().filter(({ name }) => name !== hit.name);
      const wanted = others.flatMap(({ name }) => [`${name}-${hit.name} downstream`, `${hit.name}-${name} upstream`]);
      expect(streams.toSorted()).toEqual(wanted.toSorted());

      await lifted('network.latency', data);
      expect(await writeTime(direct, 5_000)).toBeLessThan(200);
      expect((await byRole())[0]?.name).toBe(leader.name);
    },
    LIMIT_MS,
  );

  it(
    'network.latency both ways on both links of all nodes: each proxy has one toxic per direction',
    async () => {
      const fault = faultNamed('network.latency');
      const data = await prepared(fault, world(), asked({ latencyMs: 50, link: 'both', direction: 'both' }, nodes()));
      await fault.inject(world(), data);
      const bite = await bitten(fault, world(), data);
      expect(bite.bitten, bite.detail.en).toBe(true);
      const toxics = Object.values(await toxicsAt(api()));
      expect(toxics.map((on) => on.map(({ stream }) => stream).toSorted())).toEqual(
        PROXIES.map(() => ['downstream', 'upstream']),
      );
      await lifted('network.latency', data);
    },
    LIMIT_MS,
  );

  it(
    'network.reset on the peer links of the leader: its followers lose it, nothing is acknowledged through it',
    async () => {
      const fault = faultNamed('network.reset');
      const [leader] = await byRole();
      invariant(leader, 'three nodes');
      const data = await prepared(fault, world(), asked({ link: 'peer' }, [leader]));
      expect((await fault.confirm(world(), data)).bitten).toBe(false);
      await fault.inject(world(), data);
      const bite = await bitten(fault, world(), data);
      expect(bite.bitten, bite.detail.en).toBe(true);
      expect(await writeTime(linksOf(leader).client.upstream, 1_500)).toBeNull();
      await lifted('network.reset', data);
    },
    LIMIT_MS,
  );

  it(
    'network.slow-close on the peer links of the leader: who hangs up on it is let go late',
    async () => {
      const fault = faultNamed('network.slow-close');
      const [leader] = await byRole();
      invariant(leader, 'three nodes');
      const inward = linksOf(leader).peers.filter(({ outward }) => outward !== true);
      const data = await prepared(fault, world(), asked({ delayMs: 250, link: 'peer' }, [leader]));
      expect((await fault.confirm(world(), data)).bitten).toBe(false);
      await fault.inject(world(), data);
      const bite = await bitten(fault, world(), data);
      expect(bite.bitten, bite.detail.en).toBe(true);
      for (const { listen } of inward) expect(await closeTime(listen)).toBeGreaterThanOrEqual(250);
      await lifted('network.slow-close', data);
      for (const { listen } of inward) expect(await closeTime(listen)).toBeLessThan(250);
    },
    LIMIT_MS,
  );

  it.each([1, 200])('network.bandwidth can be told at %i kB/s too', async (rateKBps) => {
    const fault = faultNamed('network.bandwidth');
    const data = await prepared(fault, world(), asked({ rateKBps, direction: 'both' }, [first()]));
    const idle = await fault.confirm(world(), data);
    expect(idle.bitten, idle.detail.en).toBe(false);
    await fault.inject(world(), data);
    const bite = await bitten(fault, world(), data);
    expect(bite.bitten, bite.detail.en).toBe(true);
    await lifted('network.bandwidth', data);
  });

  it('network.bandwidth on peer links is refused in plan: nothing long can be asked there', async () => {
    for (const link of ['peer', 'both']) {
      const request = asked({ rateKBps: 20, link }, [first()]);
      const why = await faultNamed('network.bandwidth').missing?.(lab.cluster, request);
      expect(why?.en).toContain('cannot be proven');
      await expect(faultNamed('network.bandwidth').prepare(world(), request)).rejects.toMatchObject({
        code: 'fault-impossible',
      });
    }
  });

  it.each(NAMES)(
    '%s: its run is killed after the injection; `recover` leaves no toxic and no state',
    async (name) => {
      const root = join(folder, `state-${name}`);
      const link = name === 'network.bandwidth' ? 'client' : 'both';
      const request = asked({ ...PARAMS[name], link, direction: 'both' }, [first()]);
      const phases = ['prepare', 'arm', 'inject'];
      await killedAfter(phases, { parts: built.dir, root, binding: lab.cluster.binding }, { fault: name, request });
      const on = Object.values(await toxicsAt(api())).flat().length;
      expect(on).toBe(link === 'both' ? 10 : 2);
      const report = await recoverRuns({
        root,
        clock: systemClock,
        undoers: catalogOf(faults.all),
        connect: () => ({ ...lab.cluster, registry: { ...lab.cluster.registry, close: () => {} } }),
        resumeJournal,
        bootId: bootId(),
        by: 'test',
      });
      expect(report.runs).toMatchObject([{ clean: true, left: [], failed: [] }]);
      expect(await toxicsAt(api())).toEqual(NO_TOXICS);
      expect(existsSync(root)).toBe(false);
    },
    LIMIT_MS,
  );

  it(
    'cannot tell while nobody leads, and the toxics go all the same',
    async () => {
      const fault = faultNamed('network.latency');
      const [leader] = await byRole();
      invariant(leader, 'three nodes');
      const data = await prepared(fault, world(), asked({ latencyMs: 200, link: 'peer' }, [leader]));
      await fault.inject(world(), data);
      await lab.cluster.driver.signal(leader, 'SIGSTOP');
      try {
        const { reached } = await pollUntil(
          () => fault.confirm(world(), data),
          ({ bitten: told }) => told === null,
          { clock: systemClock, withinMs: 5_000, everyMs: 50 },
        );
        expect(reached).toBe(true);
      } finally {
        await lab.cluster.driver.signal(leader, 'SIGCONT');
      }
      await lifted('network.latency', data);
    },
    LIMIT_MS,
  );
});
