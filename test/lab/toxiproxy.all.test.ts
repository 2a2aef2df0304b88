/** The lab with Toxiproxy: a server beside the nodes, which comes and goes with them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock as clock, pollUntil } from '../../src/core/clock.js';
import { invariant } from '../../src/core/errors.js';
import type { World } from '../../src/core/fault.js';
import type { LabState } from '../../src/core/lab.js';
import { signalProcess } from '../../src/core/node-process.js';
import { listProcesses, type ProcessRow } from '../../src/core/process-table.js';
import { createLabs, labUndoer } from '../../src/lab/index.js';
import { missingLab } from '../support/cluster.js';
import { post } from '../truth/plain-node.js';
import { encode } from '../truth/read-lies.js';

const LAB = 'etcd-3-toxiproxy';
const BASE_PORT = 28_300;
const API_PORT = BASE_PORT + 66;

let parent = '';
let stateRoot = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'firedrill-toxilab-'));
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
  const found = createLabs({ basePort: BASE_PORT, env: process.env }).find(LAB);
  invariant(found, `there is a lab ${LAB}`);
  return found;
};
async function ended({ pid }: ProcessRow): Promise<void> {
  process.kill(pid, 'SIGKILL');
  const look = async () => processes().some((row) => row.pid === pid);
  await pollUntil(look, (there) => !there, { clock, withinMs: 5_000, everyMs: 5 });
}

describe('without Toxiproxy', () => {
  test('it says how to get it, and `up` starts nothing', async () => {
    for (const program of ['etcd', 'etcdctl']) await writeFile(join(parent, program), '', { mode: 0o755 });
    const bare = createLabs({ env: { PATH: parent } }).find(LAB);
    const how = { en: expect.stringContaining('go install'), zh: expect.stringContaining('go install') };
    expect(await bare?.missing()).toMatchObject(how);
    await expect(bare?.up(stateRoot)).rejects.toMatchObject({ code: 'lab-missing' });
    expect(existsSync(stateRoot)).toBe(false);
  });
});

describe.skipIf(missingLab(LAB) !== null)(`${LAB} ${missingLab(LAB) ?? ''}`, () => {
  test('up, up again, down: every client and peer goes through its proxy, and nothing is left', async () => {
    const first = await lab().up(stateRoot);
    const server = toxiproxy();
    expect(processes()).toHaveLength(4);
    for (const { url, peerUrl, links } of first.nodes) {
      expect(
        [links?.client, ...(links?.peers ?? [])].map((link) => link?.listen).map((address) => `http://${address}`),
      ).toEqual([url, peerUrl]);
    }
    const members = await post<{ members: { clientURLs: string[]; peerURLs: string[] }[] }>(
      `${first.nodes[0]?.url}/v3/cluster/member/list`,
      {},
    );
    const urls = members.members.flatMap(({ clientURLs, peerURLs }) => [...clientURLs, ...peerURLs]);
    expect(urls.toSorted()).toEqual(first.nodes.flatMap(({ url, peerUrl }) => [url, peerUrl]).toSorted());
    const record: LabState = JSON.parse(readFileSync(join(stateRoot, 'labs', LAB, 'lab.json'), 'utf8'));
    expect(record.nodes[0]?.links?.api).toBe(`http://127.0.0.1:${API_PORT}`);

    expect(pidsOf(await lab().up(stateRoot))).toEqual(pidsOf(first));
    expect(toxiproxy()?.pid).toBe(server?.pid);
    expect(await lab().down(stateRoot)).toBe(true);
    expect(processes()).toEqual([]);
    expect(readdirSync(parent)).toEqual([]);
    expect(await lab().down(stateRoot)).toBe(false);
  });

  test('peers really talk through it: without the server no write is acknowledged', async () => {
    const { nodes } = await lab().up(stateRoot);
    const server = toxiproxy();
    invariant(server, 'the server runs');
    const [node] = nodes;
    const put = () =>
      post(`http://${node?.links?.client.upstream}/v3/kv/put`, { key: encode('/x'), value: encode('y') }).then(
        () => 'ok',
        () => 'no',
      );
    expect(await put()).toBe('ok');
    await ended(server);
    expect(await put()).toBe('no');
    const again = await lab().up(stateRoot);
    expect(pidsOf(again)).toEqual(pidsOf({ ...again, nodes }));
    expect(await put()).toBe('ok');
    await lab().down(stateRoot);
  });

  test('a node that died comes back with `up`, beside the same server', async () => {
    const { nodes } = await lab().up(stateRoot);
    const [node] = nodes;
    const row = processes().find(({ pid }) => pid === node?.pid);
    invariant(row, 'the node runs');
    const server = toxiproxy();
    await ended(row);
    const again = await lab().up(stateRoot);
    expect(again.nodes[0]?.pid).not.toBe(node?.pid);
    expect(toxiproxy()?.pid).toBe(server?.pid);
    await lab().down(stateRoot);
    expect(processes()).toEqual([]);
  });

  test('with all nodes dead the server alone is residue, and goes; also with a damaged record', async () => {
    const { nodes } = await lab().up(stateRoot);
    for (const row of processes()) if (nodes.some(({ pid }) => pid === row.pid)) await ended(row);
    const undoer = labUndoer(stateRoot);
    const world = {} as World;
    const left = await undoer.residue(world, { lab: LAB });
    expect(left.map(({ en }) => en)).toContain(`${LAB}: toxiproxy still runs`);
    await writeFile(join(stateRoot, 'labs', LAB, 'lab.json'), '{"nodes":');
    expect(await undoer.revert(world, { lab: LAB })).toMatchObject({ reverted: true, nothingToDo: false });
    expect(await undoer.residue(world, { lab: LAB })).toEqual([]);
    expect(processes()).toEqual([]);
    expect(readdirSync(parent)).toEqual([]);
  });

  test.each([API_PORT, BASE_PORT + 60, BASE_PORT + 75])(
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

  test('an interrupted start leaves nothing', async () => {
    for (const afterMs of [0, 60, 250]) {
      const interrupt = new AbortController();
      const rising = lab().up(stateRoot, interrupt.signal);
      setTimeout(() => interrupt.abort(), afterMs);
      await expect(rising).rejects.toMatchObject({ code: 'lab-interrupted' });
      expect(processes()).toEqual([]);
      expect(existsSync(stateRoot)).toBe(false);
    }
  });
});
