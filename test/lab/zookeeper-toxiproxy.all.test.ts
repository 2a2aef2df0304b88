/** ZooKeeper with Toxiproxy: clients and followers go through it, and it comes and goes with the servers. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock as clock, pollUntil } from '../../src/core/clock.js';
import { invariant } from '../../src/core/errors.js';
import type { LabState } from '../../src/core/lab.js';
import { signalProcess } from '../../src/core/node-process.js';
import { listProcesses, type ProcessRow } from '../../src/core/process-table.js';
import { createLabs } from '../../src/lab/index.js';
import { connectLab, missingLab } from '../support/cluster.js';
import { plainWrite } from '../support/plain-zookeeper.js';

const LAB = 'zookeeper-3-toxiproxy';
const BASE_PORT = 28_400;
const API_PORT = BASE_PORT + 153;
const LIMIT_MS = 120_000;

let parent = '';
let stateRoot = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'firedrill-zktoxi-'));
  stateRoot = join(parent, 'state');
});
afterEach(async () => {
  for (const row of processes()) signalProcess(row, 'SIGKILL');
  await rm(parent, { recursive: true, force: true });
});

const processes = (): readonly ProcessRow[] => listProcesses(parent);
const toxiproxy = (): ProcessRow | undefined =>
  processes().find(({ argv }) => argv.some((arg) => arg.endsWith('/toxiproxy.json')));
const pidsOf = ({ nodes }: LabState): readonly (number | null)[] => nodes.map(({ pid }) => pid);
const lab = () => {
  const found = createLabs({ basePort: BASE_PORT, env: process.env, connect: connectLab }).find(LAB);
  invariant(found, `there is a lab ${LAB}`);
  return found;
};
async function ended({ pid }: ProcessRow): Promise<void> {
  process.kill(pid, 'SIGKILL');
  const look = async () => processes().some((row) => row.pid === pid);
  await pollUntil(look, (there) => !there, { clock, withinMs: 5_000, everyMs: 5 });
}

/** `local:remote` of all connections that are open between ports of this machine. */
function connections(): readonly string[] {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].filter((path) => existsSync(path));
  const rows = tables.flatMap((path) => readFileSync(path, 'utf8').trim().split('\n').slice(1));
  const portOf = (address = ''): number => Number.parseInt(address.split(':').at(-1) ?? '', 16);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , , state]) => state === '01')
    .map(([, own, other]) => `${portOf(own)}:${portOf(other)}`);
}

describe.skipIf(missingLab(LAB) !== null)(`${LAB} ${missingLab(LAB) ?? ''}`, () => {
  test(
    'up, up again, down: clients and followers go through their proxies, and nothing is left',
    async () => {
      const first = await lab().up(stateRoot);
      const server = toxiproxy();
      expect(processes()).toHaveLength(4);
      for (const { url, links } of first.nodes) {
        expect(`zookeeper://${links?.client.listen}`).toBe(url);
        expect(await plainWrite(url, 5_000)).toBe(true);
      }
      // Two followers, each on the quorum port of the leader, and each by its own proxy.
      const inward = first.nodes.flatMap(({ links }) => links?.peers.filter(({ outward }) => outward !== true) ?? []);
      expect(inward).toHaveLength(6);
      const portOf = (address: string): string => address.split(':')[1] ?? '';
      const proxies = inward.filter(({ listen }) => connections().some((row) => row.endsWith(`:${portOf(listen)}`)));
      expect(new Set(proxies.map(({ upstream }) => upstream)).size, 'one leads').toBe(1);
      expect(proxies).toHaveLength(2);
      const quorumPort = portOf(proxies[0]?.upstream ?? '');
      expect(connections().filter((row) => row.endsWith(`:${quorumPort}`))).toHaveLength(2);
      const record: LabState = JSON.parse(readFileSync(join(stateRoot, 'labs', LAB, 'lab.json'), 'utf8'));
      expect(record.nodes[0]?.links?.api).toBe(`http://127.0.0.1:${API_PORT}`);

      expect(pidsOf(await lab().up(stateRoot))).toEqual(pidsOf(first));
      expect(toxiproxy()?.pid).toBe(server?.pid);
      expect(await lab().down(stateRoot)).toBe(true);
      expect(processes()).toEqual([]);
      expect(readdirSync(parent)).toEqual([]);
      expect(await lab().down(stateRoot)).toBe(false);
    },
    LIMIT_MS,
  );

  test(
    'without the server no write is acknowledged, also around it; `up` brings it back beside the same servers',
    async () => {
      const { nodes } = await lab().up(stateRoot);
      const server = toxiproxy();
      invariant(server, 'the server runs');
      const around = `zookeeper://${nodes[0]?.links?.client.upstream}`;
      expect(await plainWrite(around, 5_000)).toBe(true);
      await ended(server);
      expect(await plainWrite(around, 1_500)).toBe(false);
      const again = await lab().up(stateRoot);
      expect(pidsOf(again)).toEqual(pidsOf({ ...again, nodes }));
      expect(await plainWrite(around, 5_000)).toBe(true);

      const row = processes().find(({ pid }) => pid === again.nodes[0]?.pid);
      invariant(row, 'the node runs');
      await ended(row);
      const whole = await lab().up(stateRoot);
      expect(whole.nodes[0]?.pid).not.toBe(row.pid);
      expect(whole.nodes.slice(1)).toEqual(again.nodes.slice(1));
      await lab().down(stateRoot);
      expect(processes()).toEqual([]);
    },
    LIMIT_MS,
  );

  test.each([API_PORT, BASE_PORT + 130, BASE_PORT + 136, BASE_PORT + 140, BASE_PORT + 152])(
    'port %i of somebody else is named, nothing is started',
    async (port) => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      try {
        await expect(lab().up(stateRoot)).rejects.toMatchObject({
          code: 'port-taken',
          text: { en: expect.stringContaining(`${port}`) },
        });
        expect(processes()).toEqual([]);
        expect(existsSync(stateRoot)).toBe(false);
      } finally {
        await new Promise((resolve) => server.close(resolve));
      }
    },
  );
});
