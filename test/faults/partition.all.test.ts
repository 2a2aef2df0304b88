/** Partitions of real containers: each shape seen from inside the nodes by another way than the product's. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import type { NodeSpec } from '../../src/core/drill.js';
import { invariant } from '../../src/core/errors.js';
import type { Confirmation, FaultRequest, UndoData, World } from '../../src/core/fault.js';
import { agreedLeader, readMembers } from '../../src/core/members.js';
import { planDrill } from '../../src/drill/index.js';
import { faults } from '../../src/faults/index.js';
import { edited, load } from '../drill/support.js';
import { type StartedLab, startLab } from '../support/cluster.js';
import { hostRules } from '../support/host-rules.js';
import { encode } from '../truth/read-lies.js';
import { afterElection } from './contract.js';

const missing = process.env.FIREDRILL_MISSING_DOCKER ?? null;
const NET = process.env.FIREDRILL_TEST_IMAGE_NET ?? '';
const fault = faults.find('network.partition');
invariant(fault, 'there is a fault network.partition');

const docker = (args: readonly string[], input = ''): string =>
  execFileSync('docker', args, { encoding: 'utf8', input, stdio: 'pipe' });

describe.skipIf(missing !== null)(`network.partition on etcd-3 in containers ${missing ?? ''}`, () => {
  let lab: StartedLab;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-partition-'));
    const env = { ...process.env, FIREDRILL_IMAGE_ETCD: process.env.FIREDRILL_TEST_IMAGE_ETCD };
    lab = await startLab('etcd-3', 24_000, env, 'docker');
  });
  afterAll(async () => {
    await lab?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const reverted: UndoData[] = [];
  afterEach(async () => {
    for (const data of reverted.splice(0)) await fault.revert(world(), data);
  });

  const world = (): World => ({ cluster: lab.cluster, clock: systemClock, stateDir: folder });
  const all = (): readonly NodeSpec[] => lab.cluster.binding.nodes;
  const named = (...names: readonly string[]): readonly NodeSpec[] => all().filter(({ name }) => names.includes(name));
  const leaderName = async (): Promise<string> => {
    await afterElection(world());
    return agreedLeader(await readMembers(lab.cluster.registry, { limitMs: 1_000 })) ?? '';
  };
  const asked = (nodes: readonly NodeSpec[], params: FaultRequest['params']): FaultRequest => ({
    nodes,
    params,
    step: 'cut',
  });
  const prepared = async (request: FaultRequest): Promise<UndoData> => {
    const data: UndoData = JSON.parse(JSON.stringify(await fault.prepare(world(), request)));
    reverted.push(data);
    return data;
  };
  const bitten = async (data: UndoData): Promise<Confirmation> =>
    (
      await pollUntil(
        () => fault.confirm(world(), data),
        (seen) => seen.bitten === true,
        { clock: systemClock, withinMs: 10_000, everyMs: 3 },
      )
    ).value;
  const container = (node: NodeSpec): string => (node.find.by === 'container' ? node.find.container : '');
  /** Own look: the peer is asked for its version, by a plain request from inside a node's network. */
  const reaches = (from: string, to: string): boolean => {
    const [source, target] = [named(from)[0], named(to)[0]];
    invariant(source && target?.peerUrl !== undefined, 'both are nodes');
    const { hostname, port } = new URL(target.peerUrl);
    const program = [NET, 'nc', '-w', '1', hostname, port];
    try {
      const said = docker(
        ['run', '-i', '--rm', '--network', `container:${container(source)}`, ...program],
        'GET /version HTTP/1.0\r\n\r\n',
      );
      return said.includes('etcdserver');
    } catch {
      return false;
    }
  };
  const matrix = (): readonly string[] => {
    const names = all().map(({ name }) => name);
    return names.flatMap((a) => names.flatMap((b) => (a !== b && !reaches(a, b) ? [`${a}${b}`] : [])));
  };
  const rulesIn = (node: NodeSpec): readonly string[] =>
    docker(['run', '--rm', '--cap-add', 'NET_ADMIN', '--network', `container:${container(node)}`, NET, 'iptables-save'])
      .split('\n')
      .filter((line) => line.includes('firedrill'));
  const ruleCount = (): number => all().flatMap(rulesIn).length;
  const put = (url: string, key: string): Promise<boolean> =>
    fetch(`${url}/v3/kv/put`, {
      method: 'POST',
      body: JSON.stringify({ key: encode(key), value: encode('v') }),
      signal: AbortSignal.timeout(400),
    }).then(
      ({ ok }) => ok,
      () => false,
    );

  it('leader: confirmed in time; the old leader acknowledges nothing while the majority does', async () => {
    const host = hostRules();
    const leader = await leaderName();
    const data = await prepared(asked(named(leader), { shape: 'leader' }));
    expect(await fault.confirm(world(), data)).toMatchObject({ bitten: false });
    const startMs = performance.now();
    await fault.inject(world(), data);
    const seen = await bitten(data);
    // The bench has the number; here a busy machine has three times as long.
    expect(performance.now() - startMs).toBeLessThan(1_500);
    expect(seen.bitten, seen.detail.en).toBe(true);
    const others = all().filter(({ name }) => name !== leader);
    const [old] = named(leader);
    const untilMs = performance.now() + 4_000;
    const acked = { old: 0, majority: 0 };
    let n = 0;
    while (performance.now() < untilMs) {
      n += 1;
      const [byOld, byOther] = await Promise.all([
        put(old?.url ?? '', `/t/o${n}`),
        put(others[0]?.url ?? '', `/t/m${n}`),
      ]);
      if (byOld) acked.old += 1;
      if (byOther) acked.majority += 1;
    }
    expect(acked.old).toBe(0);
    expect(acked.majority).toBeGreaterThan(0);
    expect(await fault.residue(world(), data)).toHaveLength(1);
    expect(await fault.revert(world(), data)).toMatchObject({ reverted: true, nothingToDo: false });
    expect(await fault.revert(world(), data)).toMatchObject({ reverted: true, nothingToDo: true });
    expect(matrix()).toEqual([]);
    expect(ruleCount()).toBe(0);
    expect(hostRules()).toBe(host);
  });

  it.each([
    ['minority', ['n1'], { shape: 'minority' }, ['n1n2', 'n1n3', 'n2n1', 'n3n1']],
    ['site', ['n2', 'n3'], { shape: 'site', action: 'reset' }, ['n1n2', 'n1n3', 'n2n1', 'n3n1']],
    ['bridge', ['n2'], { shape: 'bridge' }, ['n1n3', 'n3n1']],
    [
      'majority',
      ['n1', 'n2'],
      { shape: 'majority', action: 'reset' },
      ['n1n2', 'n1n3', 'n2n1', 'n2n3', 'n3n1', 'n3n2'],
    ],
    ['groups', ['n1', 'n3'], { groups: 'n1|n3' }, ['n1n2', 'n1n3', 'n2n1', 'n2n3', 'n3n1', 'n3n2']],
    ['in', ['n1'], { shape: 'minority', direction: 'in' }, ['n1n2', 'n1n3', 'n2n1', 'n3n1']],
    ['out', ['n1'], { shape: 'minority', direction: 'out' }, ['n1n2', 'n1n3', 'n2n1', 'n3n1']],
  ] as const)('%s on %s cuts what it says and heals', async (_shape, on, params, cut) => {
    const data = await prepared(asked(named(...on), params));
    expect(ruleCount()).toBe(0);
    await fault.inject(world(), data);
    const seen = await bitten(data);
    expect(seen.bitten, seen.detail.en).toBe(true);
    expect(matrix()).toEqual(cut);
    expect(await fault.revert(world(), data)).toMatchObject({ reverted: true, nothingToDo: false });
    expect(matrix()).toEqual([]);
    expect(ruleCount()).toBe(0);
    await afterElection(world());
  });

  it('bites within half a second on a quiet machine: median of five', async () => {
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      await afterElection(world());
      const data = await prepared(asked(named('n1'), { shape: 'minority' }));
      const startMs = performance.now();
      await fault.inject(world(), data);
      expect((await bitten(data)).bitten).toBe(true);
      times.push(performance.now() - startMs);
      await fault.revert(world(), data);
    }
    expect(times.toSorted((a, b) => a - b)[2]).toBeLessThan(1_500);
  });

  it('leaves rules of others; a node that was restarted has none of ours and counts as reverted', async () => {
    const [node] = named('n3');
    invariant(node, 'there is n3');
    const own = [
      'iptables',
      '-A',
      'INPUT',
      '-s',
      '192.0.2.1',
      '-m',
      'comment',
      '--comment',
      'firedrill-else',
      '-j',
      'DROP',
    ];
    docker(['run', '--rm', '--cap-add', 'NET_ADMIN', '--network', `container:${container(node)}`, NET, ...own]);
    const data = await prepared(asked([node], { shape: 'minority' }));
    await fault.inject(world(), data);
    await fault.inject(world(), data);
    expect((await bitten(data)).bitten).toBe(true);
    expect(rulesIn(node)).toHaveLength(9);
    expect(await fault.revert(world(), data)).toMatchObject({ reverted: true, nothingToDo: false });
    expect(rulesIn(node)).toHaveLength(1);

    await fault.inject(world(), data);
    docker(['restart', '-t', '0', container(node)]);
    expect(await fault.confirm(world(), data)).toMatchObject({ bitten: false });
    expect(await fault.residue(world(), data)).toEqual([]);
    expect(await fault.revert(world(), data)).toMatchObject({ reverted: true, nothingToDo: true });
    await afterElection(world());
  });

  it('plan says what is missing: no helper image, no iptables in it, no peer address', async () => {
    const request = asked(named('n1'), { shape: 'minority' });
    const { driver, binding } = lab.cluster;
    const withImage = (image: string) => ({ ...lab.cluster, driver: { ...driver, helperImage: () => image } });
    expect(await fault.missing?.(lab.cluster, request)).toBeNull();
    expect((await fault.missing?.(withImage('firedrill/none:0'), request))?.en).toMatch(
      /helper image firedrill\/none:0 is not/,
    );
    const noProgram = await fault.missing?.(withImage(process.env.FIREDRILL_TEST_IMAGE_ETCD ?? ''), request);
    expect(noProgram?.en).toMatch(/iptables-save/);
    const bare = { ...lab.cluster, binding: { ...binding, nodes: all().map(({ peerUrl: _, ...node }) => node) } };
    expect((await fault.missing?.(bare, request))?.zh).toContain('peerUrl');
    const other = all().find(({ name }) => name !== 'n1');
    await expect(
      fault.prepare(
        world(),
        asked(named((await leaderName()) === 'n1' ? (other?.name ?? '') : 'n1'), { shape: 'leader' }),
      ),
    ).rejects.toThrow('but the leader is');
    expect(docker(['ps', '-aq', '--filter', 'label=firedrill.helper'])).toBe('');
  });

  it.each([
    ['role: leader', '{ shape: leader }', []],
    ['name: [n1, n2]', '{ shape: site }', []],
    ['name: n2', '{ shape: bridge }', []],
    ['name: [n1, n2]', '{ shape: majority }', ['quorum-lost']],
    ['name: [n1, n2, n3]', '{ groups: n1|n2|n3 }', ['quorum-lost']],
    ['name: [n1, n2]', '{ shape: leader }', ['fault-impossible']],
  ])('the guard counts who loses the majority: %s with %s → %j', async (on, params, refused) => {
    const hit = `inject: network.partition\n      with: ${params}\n      on: { ${on} }`;
    const text = edited('inject: node.kill\n      on: { role: leader }', hit);
    const loaded = load(edited('on: { step: inject-node.kill }', 'on: { name: n1 }\nsafety: { maxTargets: 3 }', text));
    const planned = await planDrill({ loaded, cluster: lab.cluster, faults });
    expect(planned.ok ? [] : planned.refusals.map(({ code }) => code)).toEqual(refused);
    if (planned.ok) expect(planned.plan.steps.map(({ summary }) => summary.en).join()).toMatch(/no packets n\d ⇎ n\d/);
  });
});
