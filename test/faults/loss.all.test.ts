/** Packet loss on containers, measured with busybox from a helper of the test's own and from this machine. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import type { NodeSpec } from '../../src/core/drill.js';
import { invariant } from '../../src/core/errors.js';
import type { UndoData, World } from '../../src/core/fault.js';
import { faults } from '../../src/faults/index.js';
import { connectionsFromHere } from '../../src/faults/loss-proof.js';
import { type StartedLab, startLab } from '../support/cluster.js';
import { ourHostRules } from '../support/host-rules.js';
import { afterElection } from './contract.js';

const missing = process.env.FIREDRILL_MISSING_DOCKER ?? null;
const NET = process.env.FIREDRILL_TEST_IMAGE_NET ?? '';
const fault = faults.find('network.loss');
invariant(fault, 'there is a fault network.loss');

describe.skipIf(missing !== null)(`network.loss on etcd-3 in containers ${missing ?? ''}`, () => {
  let lab: StartedLab;
  let folder: string;
  const done: UndoData[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-loss-'));
    const env = { ...process.env, FIREDRILL_IMAGE_ETCD: process.env.FIREDRILL_TEST_IMAGE_ETCD };
    lab = await startLab('etcd-3', 22_150, env, 'docker');
  });
  afterEach(async () => {
    for (const data of done.splice(0)) await fault.revert(world(), data);
    await afterElection(world());
  });
  afterAll(async () => {
    await lab?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const world = (): World => ({ cluster: lab.cluster, clock: systemClock, stateDir: folder });
  const node = (name: string): NodeSpec => {
    const found = lab.cluster.binding.nodes.find((one) => one.name === name);
    invariant(found, name);
    return found;
  };
  const inNetworkOf = (name: string, ...program: readonly string[]): string => {
    const { find } = node(name);
    invariant(find.by === 'container', 'a container');
    const args = ['run', '--rm', '--cap-add', 'NET_ADMIN', '--network', `container:${find.container}`, NET, ...program];
    return execFileSync('docker', args, { encoding: 'utf8', stdio: 'pipe' });
  };
  const addressOf = (name: string): URL => new URL(node(name).peerUrl ?? '');
  /** Of 100 pings, 10 ms apart. */
  const pingsLost = (from: string, to: string): number => {
    const said = inNetworkOf(from, 'sh', '-c', `ping -q -c 100 -i 0.01 -W 1 ${addressOf(to).hostname} || true`);
    return Number(/(\d+)% packet loss/.exec(said)?.[1] ?? Number.NaN);
  };
  const connectsLost = async (to: string): Promise<number> => {
    const { hostname: address, port } = addressOf(to);
    return 100 - (await connectionsFromHere({ address, port: Number(port), tries: 100 }));
  };
  const turnOn = async (nodes: readonly string[], params: Readonly<Record<string, string | number>>) => {
    const request = { nodes: nodes.map(node), params, step: 'lossy' };
    expect(await fault.missing?.(lab.cluster, request)).toBeNull();
    const data: UndoData = JSON.parse(JSON.stringify(await fault.prepare(world(), request)));
    done.push(data);
    expect(await fault.confirm(world(), data)).toMatchObject({ bitten: false });
    await fault.inject(world(), data);
    const { value: seen } = await pollUntil(
      () => fault.confirm(world(), data),
      ({ bitten }) => bitten === true,
      { clock: systemClock, withinMs: 10_000, everyMs: 3 },
    );
    expect(seen.bitten, seen.detail.en).toBe(true);
    return data;
  };
  const between = (value: number, [least, most]: readonly [number, number]): void => {
    expect(value).toBeGreaterThanOrEqual(least);
    expect(value).toBeLessThanOrEqual(most);
  };

  it.each([
    [
      { percent: 30, link: 'peer' },
      { peers: [30, 75], clients: [0, 4] },
    ],
    [
      { percent: 30, link: 'client' },
      { peers: [0, 4], clients: [30, 75] },
    ],
    [
      { percent: 30, direction: 'in' },
      { peers: [12, 50], clients: [12, 50] },
    ],
    [
      { percent: 30, direction: 'out', link: 'peer' },
      { peers: [12, 50], clients: [0, 4] },
    ],
  ] as const)('%o', async (params, { peers, clients }) => {
    const data = await turnOn(['n1'], params);
    between(pingsLost('n2', 'n1'), peers);
    between(await connectsLost('n1'), clients);
    between(pingsLost('n2', 'n3'), [0, 2]);
    expect(await fault.revert(world(), data)).toMatchObject({ reverted: true, nothingToDo: false });
    expect(pingsLost('n2', 'n1')).toBe(0);
    expect(ourHostRules()).toEqual([]);
  });

  it('on two nodes at once the loss between them is that of both', async () => {
    await turnOn(['n1', 'n2'], { percent: 20, link: 'peer' });
    // From n2, where a ping that is dropped on its way out is an error of its own, the proof has measured it.
    between(pingsLost('n3', 'n1'), [16, 58]);
  });

  it('removes its own rules and chains, and leaves those of others', async () => {
    const other = ['-m', 'comment', '--comment', 'firedrill-else', '-j', 'ACCEPT'];
    inNetworkOf('n3', 'iptables', '-A', 'INPUT', '-s', '192.0.2.1', ...other);
    const data = await turnOn(['n3'], { percent: 10 });
    await fault.inject(world(), data);
    const rules = (): readonly string[] =>
      inNetworkOf('n3', 'iptables-save')
        .split('\n')
        .filter((line) => line.includes('firedrill'));
    expect(rules()).toHaveLength(2 + 4 + 1);
    expect(await fault.residue(world(), data)).toHaveLength(1);
    expect(await fault.revert(world(), data)).toMatchObject({ reverted: true, nothingToDo: false });
    expect(rules()).toHaveLength(1);
    expect(await fault.revert(world(), data)).toMatchObject({ reverted: true, nothingToDo: true });
    expect(await fault.residue(world(), data)).toEqual([]);
  });

  it('plan says what is missing and what works instead; settings out of range are refused', async () => {
    const { driver } = lab.cluster;
    const asked = { nodes: [node('n1')], params: { percent: 30 } };
    const bare = {
      ...lab.cluster,
      driver: { ...driver, helperImage: () => process.env.FIREDRILL_TEST_IMAGE_ETCD ?? '' },
    };
    expect((await fault.missing?.(bare, asked))?.en).toMatch(/statistic match does not work here.*Toxiproxy/s);
    const { network } = driver;
    invariant(network, 'containers have networks');
    const far = { address: '127.77.0.9', network: 'far', networkId: 'far', fixedAddress: null, aliases: [] };
    const away = { ...lab.cluster, driver: { ...driver, network: { ...network, attached: async () => [far] } } };
    expect((await fault.missing?.(away, asked))?.en).toMatch(/no connection from this machine; `link: peer`/);
    expect(await fault.missing?.(away, { ...asked, params: { percent: 30, link: 'peer' } })).toBeNull();
    for (const percent of [0, 4, 81, 100]) {
      await expect(fault.missing?.(lab.cluster, { ...asked, params: { percent } })).rejects.toThrow('from 5 to 80');
    }
  });
});
