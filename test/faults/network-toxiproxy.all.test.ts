/** Faults through a real Toxiproxy before real etcd; every effect is measured again without any code of the product. */
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
import { bootId, listProcesses } from '../../src/core/process-table.js';
import { planDrill } from '../../src/drill/index.js';
import { faults } from '../../src/faults/index.js';
import { resumeJournal } from '../../src/journal/index.js';
import { recoverRuns } from '../../src/run/state/index.js';
import { edited, load } from '../drill/support.js';
import { type Built, buildParts } from '../run-state/built.js';
import { clusterOf, missingLab, type StartedLab, startLab } from '../support/cluster.js';
import { addForeign, ask, closeTime, keepAlive, removeForeign, toxicsAt } from './plain-link.js';
import { bitten, type Direction, faultNamed, killedAfter, prepared, streamsOf } from './toxics.js';

const LAB = 'etcd-3-toxiproxy';
type Params = FaultRequest['params'];

/** What one link does, told by a plain measurement; `hit` = as while the fault is on. */
type Measure = (address: string, direction: Direction) => Promise<{ readonly hit: boolean; readonly seen: string }>;

const PARAMS: Readonly<Record<string, Params>> = {
  'network.latency': { latencyMs: 200, jitterMs: 20 },
  'network.bandwidth': { rateKBps: 20 },
  'network.reset': {},
  'network.slow-close': { delayMs: 250 },
};
const NAMES = Object.keys(PARAMS);

const BODY_BYTES = 10_000;
const MEASURES: Readonly<Record<string, Measure>> = {
  'network.latency': async (address, direction) => {
    const { tookMs, error } = await ask(`http://${address}/version`);
    const least = direction === 'both' ? 360 : 180;
    return { hit: error === null && tookMs >= least, seen: `${tookMs.toFixed(1)} ms ${error ?? ''}` };
  },
  // Up: 10 kB take half a second at 20 kB/s. Down: forty answers, one after the other, of some 200 bytes.
  'network.bandwidth': async (address, direction) => {
    const agent = keepAlive();
    const startedMs = performance.now();
    if (direction === 'up') await ask(`http://${address}/version`, { agent, body: 'x'.repeat(BODY_BYTES) });
    else for (let n = 0; n < 40; n += 1) await ask(`http://${address}/version`, { agent });
    agent.destroy();
    const tookMs = performance.now() - startedMs;
    return { hit: tookMs >= 300, seen: `${tookMs.toFixed(1)} ms` };
  },
  'network.reset': async (address) => {
    const { tookMs, error } = await ask(`http://${address}/version`);
    return { hit: error === 'ECONNRESET', seen: `${error} after ${tookMs.toFixed(1)} ms` };
  },
  'network.slow-close': async (address, direction) => {
    const tookMs = await closeTime(address);
    return { hit: tookMs >= (direction === 'both' ? 500 : 250), seen: `${tookMs.toFixed(1)} ms` };
  },
};

const NO_TOXICS = Object.fromEntries(
  ['n1', 'n2', 'n3'].flatMap((node) => [`${node}-client`, `${node}-peer`]).map((proxy) => [proxy, []]),
);

const PHASES = ['prepare', 'arm', 'inject', 'confirm', 'revert'] as const;
const MOMENTS = [['prepare', 'arm', 'begin'], ...[2, 3, 4, 5].map((count) => PHASES.slice(0, count))] as const;

describe.skipIf(missingLab(LAB) !== null)(`faults through Toxiproxy ${missingLab(LAB) ?? ''}`, () => {
  let lab: StartedLab;
  let folder: string;
  let built: Built;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-toxics-'));
    built = buildParts(['faults', 'registries', 'targets']);
    lab = await startLab(LAB, 28_000);
  });
  afterAll(async () => {
    await lab?.stop();
    built?.remove();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    expect(await toxicsAt(api()), 'no test leaves a toxic').toEqual(NO_TOXICS);
  });

  const world = (): World => ({ cluster: lab.cluster, clock: systemClock, stateDir: folder });
  const node = (): NodeSpec => {
    const first = lab.cluster.binding.nodes[0];
    invariant(first, 'the lab has nodes');
    return first;
  };
  const links = () => {
    const { links: found } = node();
    invariant(found, 'the lab has links');
    return found;
  };
  const linkOf = (kind: 'client' | 'peer') => {
    const found = kind === 'client' ? links().client : links().peers[0];
    invariant(found, 'etcd has one link for all its peers');
    return found;
  };
  const api = (): string => links().api;
  const asked = (params: Params, nodes = [node()]): FaultRequest => ({ nodes, params, step: 'break' });

  const combinations = NAMES.flatMap((name) =>
    (['client', 'peer'] as const).flatMap((link) =>
      (['down', 'up', 'both'] as const).map((direction) => [name, link, direction] as const),
    ),
  );

  it.each(combinations)(
    '%s on the %s link, %s: bites, is seen from outside, and goes',
    async (name, link, direction) => {
      const fault = faultNamed(name);
      const params = { ...PARAMS[name], link, direction };
      const { listen } = linkOf(link);
      const measure = MEASURES[name];
      invariant(measure, 'every fault is measured');
      const data = await prepared(fault, world(), asked(params));
      expect(await toxicsAt(api())).toEqual(NO_TOXICS);
      const idle = await fault.confirm(world(), data);
      expect(idle.bitten, idle.detail.en).toBe(false);
      expect(await fault.residue(world(), data)).toEqual([]);
      const quick = await measure(listen, direction);
      expect(quick.hit, quick.seen).toBe(false);

      await fault.inject(world(), data);
      const bite = await bitten(fault, world(), data);
      expect(bite.bitten, bite.detail.en).toBe(true);
      const felt = await measure(listen, direction);
      expect(felt.hit, felt.seen).toBe(true);
      const toxics = (await toxicsAt(api()))[`n1-${link}`] ?? [];
      expect(toxics.map(({ name: toxic }) => toxic.startsWith('firedrill-'))).toEqual(toxics.map(() => true));
      expect(toxics.map(({ stream }) => stream).toSorted()).toEqual(streamsOf(direction));
      expect(await fault.residue(world(), data)).toHaveLength(toxics.length);

      await fault.inject(world(), data);
      expect((await toxicsAt(api()))[`n1-${link}`]).toEqual(toxics);

      const other = await clusterOf(LAB, lab.state);
      try {
        const there = { ...world(), cluster: other };
        expect(await fault.revert(there, data)).toMatchObject({ reverted: true, nothingToDo: false });
        expect(await fault.residue(there, data)).toEqual([]);
        expect(await fault.revert(there, data)).toMatchObject({ reverted: true, nothingToDo: true });
      } finally {
        other.registry.close();
      }
      const after = await measure(listen, direction);
      expect(after.hit, after.seen).toBe(false);
    },
  );

  it('slows a connection that is open already, at once, and lets it go again', async () => {
    const fault = faultNamed('network.latency');
    const agent = keepAlive();
    const url = `http://${links().client.listen}/version`;
    const first = await ask(url, { agent });
    const data = await prepared(fault, world(), asked({ latencyMs: 300 }));
    await fault.inject(world(), data);
    const slow = await ask(url, { agent });
    await fault.revert(world(), data);
    const quick = await ask(url, { agent });
    agent.destroy();
    expect(first.tookMs).toBeLessThan(200);
    expect(slow.tookMs).toBeGreaterThanOrEqual(300);
    expect(quick.tookMs).toBeLessThan(200);
  });

  it('holds both links of all nodes at once, and leaves what others have put there', async () => {
    const fault = faultNamed('network.latency');
    await addForeign(api(), 'n2-client');
    const { nodes } = lab.cluster.binding;
    const data = await prepared(fault, world(), asked({ latencyMs: 100, link: 'both', direction: 'both' }, [...nodes]));
    await fault.inject(world(), data);
    const bite = await bitten(fault, world(), data);
    expect(bite.bitten, bite.detail.en).toBe(true);
    expect(Object.values(await toxicsAt(api())).flat()).toHaveLength(2 * 6 + 1);
    expect(await fault.revert(world(), data)).toMatchObject({ reverted: true, nothingToDo: false });
    const left = Object.values(await toxicsAt(api())).flat();
    await removeForeign(api(), 'n2-client');
    expect(left.map(({ name }) => name)).toEqual(['somebody-elses']);
  });

  it('has not bitten as a whole while one link is without its toxic, and cannot tell when the node is silent', async () => {
    const fault = faultNamed('network.latency');
    const data = await prepared(fault, world(), asked({ latencyMs: 200, link: 'both' }));
    await fault.inject(world(), data);
    const [toxic] = (await toxicsAt(api()))['n1-peer'] ?? [];
    await fetch(`${api()}/proxies/n1-peer/toxics/${toxic?.name}`, { method: 'DELETE' });
    expect(await fault.confirm(world(), data)).toMatchObject({ bitten: false });
    await lab.cluster.driver.signal(node(), 'SIGSTOP');
    try {
      expect(await fault.confirm(world(), data)).toMatchObject({ bitten: null });
    } finally {
      await lab.cluster.driver.signal(node(), 'SIGCONT');
    }
    expect(await fault.revert(world(), data)).toMatchObject({ reverted: true, nothingToDo: false });
  });

  it('refuses nodes without Toxiproxy and names the lab that has it, no node, and settings that prove nothing', async () => {
    const { links: _, ...bare } = node();
    for (const name of NAMES) {
      const fault = faultNamed(name);
      const why = await fault.missing?.(lab.cluster, asked(PARAMS[name] ?? {}, [bare]));
      expect(why?.en).toMatch(/n1.*etcd-3-toxiproxy/);
      expect(why?.zh).toMatch(/n1.*etcd-3-toxiproxy/);
      expect(await fault.missing?.(lab.cluster, asked(PARAMS[name] ?? {}))).toBeNull();
      await expect(fault.prepare(world(), asked({}, [bare]))).rejects.toMatchObject({ code: 'fault-impossible' });
      await expect(fault.prepare(world(), asked(PARAMS[name] ?? {}, []))).rejects.toMatchObject({ code: 'no-target' });
    }
    const jitter = asked({ latencyMs: 100, jitterMs: 90 });
    expect((await faultNamed('network.latency').missing?.(lab.cluster, jitter))?.en).toContain('at least 20 ms');
  });

  it.each([
    { how: 'link: peer', on: '[n1, n2]', refused: ['quorum-lost'] },
    { how: 'link: both', on: '[n1, n2]', refused: ['quorum-lost'] },
    { how: 'link: peer', on: 'n1', refused: [] },
    { how: 'link: client', on: '[n1, n2, n3]', refused: [] },
  ])('the quorum guard counts nodes whose peer link is hit: $how on $on', async ({ how, on, refused }) => {
    const hit = `inject: network.reset\n      with: { ${how} }\n      on: { name: ${on} }`;
    const text = edited('inject: node.kill\n      on: { role: leader }', hit);
    const loaded = load(edited('on: { step: inject-node.kill }', 'on: { name: n1 }\nsafety: { maxTargets: 3 }', text));
    const planned = await planDrill({ loaded, cluster: lab.cluster, faults });
    expect(planned.ok ? [] : planned.refusals.map(({ code }) => code)).toEqual(refused);
  });

  it('refuses a proxy that is not there or switched off', async () => {
    const fault = faultNamed('network.latency');
    const request = asked({ latencyMs: 100 });
    const switchTo = (enabled: boolean) =>
      fetch(`${api()}/proxies/n1-client`, { method: 'POST', body: JSON.stringify({ enabled }) });
    await switchTo(false);
    try {
      await expect(fault.prepare(world(), request)).rejects.toMatchObject({ code: 'proxy-unfit' });
    } finally {
      await switchTo(true);
    }
    const elsewhere = { ...node(), links: { ...links(), api: 'http://127.0.0.1:28098' } };
    await expect(fault.prepare(world(), { ...request, nodes: [elsewhere] })).rejects.toMatchObject({
      code: 'proxy-unfit',
    });
  });

  it.each(NAMES.flatMap((name) => MOMENTS.map((phases) => [name, phases.at(-1), phases] as const)))(
    '%s: its run is killed after %s; `recover` leaves no toxic and no state',
    async (name, last, phases) => {
      const root = join(folder, `state-${name}-${last}`);
      const request = asked({ ...PARAMS[name], link: 'both', direction: 'both' });
      await killedAfter(phases, { parts: built.dir, root, binding: lab.cluster.binding }, { fault: name, request });
      const on = Object.values(await toxicsAt(api())).flat().length;
      if (last !== 'begin') expect(on).toBe(last === 'inject' || last === 'confirm' ? 4 : 0);
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
  );

  it('counts as reverted when Toxiproxy died; `lab up` brings it back beside the same nodes', async () => {
    const fault = faultNamed('network.latency');
    const data = await prepared(fault, world(), asked({ latencyMs: 100 }));
    await fault.inject(world(), data);
    const [server] = listProcesses(join(lab.stateRoot, 'labs', LAB, 'toxiproxy.json'));
    invariant(server, 'the server runs');
    process.kill(server.pid, 'SIGKILL');
    await pollUntil(
      () => fault.revert(world(), data),
      (reverted) => reverted.reverted && reverted.nothingToDo,
      { clock: systemClock, withinMs: 3_000, everyMs: 20 },
    );
    expect(await fault.residue(world(), data)).toEqual([]);
    expect(await fault.revert(world(), data)).toMatchObject({ reverted: true, nothingToDo: true });
    expect((await fault.confirm(world(), data)).bitten).toBeNull();
    const again = await lab.lab.up(lab.stateRoot);
    expect(again.nodes).toEqual(lab.state.nodes);
    expect(await fault.residue(world(), data)).toEqual([]);
  });
});
