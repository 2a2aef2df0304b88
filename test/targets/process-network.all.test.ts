/** What the process driver does in network namespaces, seen with `ip` and `iptables-save` alone. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { missingAbility } from '../../src/core/abilities.js';
import type { NodeSpec } from '../../src/core/drill.js';
import { listProcesses } from '../../src/core/process-table.js';
import { processDriver as driver } from '../../src/targets/process.js';
import { ourHostRules } from '../support/host-rules.js';
import { until } from './contract.js';

const NAMES = ['fd-netns-a', 'fd-netns-b'] as const;
const [A, B] = NAMES;
const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8', stdio: 'pipe' });
const rulesIn = (name: string): readonly string[] =>
  ip('netns', 'exec', name, 'iptables-save')
    .split('\n')
    .filter((line) => line.startsWith('-A'));
const RULE = '*filter\n-I INPUT -s 198.18.200.9 -m comment --comment firedrill-t -j DROP\nCOMMIT\n';
const SERVE = "require('node:net').createServer().listen(7000, '198.18.200.2', () => console.log('ready'))";

describe.skipIf(process.getuid?.() !== 0)('process driver in network namespaces (root only)', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'firedrill-netns-'));
    for (const name of NAMES) ip('netns', 'add', name);
    ip('-n', A, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', B);
    for (const [index, name] of NAMES.entries()) {
      ip('-n', name, 'address', 'add', `198.18.200.${index + 1}/24`, 'dev', 'eth0');
      ip('-n', name, 'link', 'set', 'eth0', 'up');
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
  });
  afterEach(() => {
    for (const { pid } of listProcesses(dir)) process.kill(pid, 'SIGKILL');
    for (const name of ip('netns').match(/^fd-netns-\w+/gm) ?? []) ip('netns', 'delete', name);
    rmSync(dir, { recursive: true, force: true });
  });

  const nodeIn = (name: string, script = SERVE): NodeSpec => {
    const data = join(dir, name);
    const program = [process.execPath, '-e', script, data];
    const start = name === '' ? program : ['nsenter', `--net=/run/netns/${name}`, '--', ...program];
    return { name: 'n1', url: 'http://198.18.200.2:7000', find: { by: 'argument', text: data }, start, data };
  };
  const restore = (node: NodeSpec, network: string | null, stdin = RULE) =>
    driver.runInNetworkOf?.(node, { image: '', argv: ['iptables-restore', '--noflush'], stdin, network, mark: 't' });

  test('rules go into the namespace of the node, and into no other; also when its process is dead', async () => {
    const node = nodeIn(B);
    await driver.start(node);
    expect(await missingAbility(driver, node, 'runInNetworkOf')).toBeNull();
    const network = (await driver.namespace?.of(node)) ?? null;
    expect(await restore(node, network)).toMatchObject({ exitCode: 0 });
    expect([rulesIn(A).length, rulesIn(B).length]).toEqual([0, 1]);

    await driver.signal(node, 'SIGKILL');
    await until(driver, node, 'gone');
    expect(await driver.namespace?.exists(network ?? '')).toBe(true);
    expect(await restore(node, network, RULE.replace('-I', '-D'))).toMatchObject({ exitCode: 0 });
    expect(rulesIn(B)).toEqual([]);

    ip('netns', 'delete', B);
    expect(await driver.namespace?.exists(network ?? '')).toBe(false);
    await expect(async () => restore(node, network)).rejects.toThrow('nothing holds its network namespace');
    expect(ourHostRules()).toEqual([]);
  });

  test('a namespace without a name is found while another process is in it', async () => {
    const node = nodeIn(B, "console.log('ready'); setInterval(() => {}, 1000)");
    await driver.start(node);
    const network = (await driver.namespace?.of(node)) ?? '';
    ip('netns', 'delete', B);
    expect(await driver.namespace?.exists(network)).toBe(true);
    expect(await restore(node, network)).toMatchObject({ exitCode: 0 });
    await driver.signal(node, 'SIGKILL');
    await until(driver, node, 'gone');
    await expect.poll(() => driver.namespace?.exists(network), { timeout: 3_000 }).toBe(false);
  });

  test('addresses, and connections counted from inside: they stop where a rule drops them', async () => {
    const server = nodeIn(B);
    const client = { ...nodeIn(A, 'setInterval(() => {}, 1000)'), name: 'n2' };
    await driver.start(server);
    await driver.start(client);
    expect((await driver.namespace?.addresses(server))?.map(({ address }) => address)).toEqual(['198.18.200.2']);
    const targets = [
      { address: '198.18.200.2', port: 7000, times: 20 },
      { address: '198.18.200.2', port: 7001, times: 2 },
    ];
    const count = () => driver.connectionsFrom?.(client, { image: '', targets, withinMs: 500 });
    await expect.poll(count, { timeout: 5_000 }).toEqual([20, 0]);
    await restore(server, null, RULE.replace('.9', '.1'));
    expect(await count()).toEqual([0, 0]);
  });

  test('says why it cannot: the network of this machine, no process', async () => {
    const ours = nodeIn('', 'setInterval(() => {}, 1000)');
    expect((await missingAbility(driver, ours, 'runInNetworkOf'))?.en).toMatch(/no process/);
    await driver.start(ours);
    expect((await missingAbility(driver, ours, 'runInNetworkOf'))?.en).toMatch(/shares the network of this machine/);
    await expect(async () => restore(ours, null)).rejects.toThrow('of Firedrill itself');
  });

  test('a helper that a killed run left is ended by its mark', async () => {
    const node = nodeIn(B);
    await driver.start(node);
    const argv = ['sh', '-c', 'sleep 30 # iptables'];
    const waiting = driver.runInNetworkOf?.(node, { image: '', argv, mark: 'firedrill-t-mark' });
    await expect.poll(() => listProcesses('# iptables').length, { timeout: 3_000 }).toBeGreaterThan(0);
    await driver.endHelpers?.(node, 'firedrill-t');
    expect(listProcesses('# iptables').length).toBeGreaterThan(0);
    await driver.endHelpers?.(node, 'firedrill-t-mark');
    expect(await waiting).toMatchObject({ exitCode: -1 });
    for (const {
      pid,
      argv: [program],
    } of listProcesses('30'))
      if (program === 'sleep') process.kill(pid);
  });
});
