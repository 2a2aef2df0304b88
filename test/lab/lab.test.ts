import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock as clock, pollUntil } from '../../src/core/clock.js';
import { invariant } from '../../src/core/errors.js';
import type { World } from '../../src/core/fault.js';
import type { Lab, LabState } from '../../src/core/lab.js';
import { signalProcess } from '../../src/core/node-process.js';
import { listProcesses, type ProcessRow } from '../../src/core/process-table.js';
import { createLabs, labs, labUndoer } from '../../src/lab/index.js';
import { clusterOf, type LabName, missingLab } from '../support/cluster.js';

const BASE_PORT = 24_200;
const LIMIT = { limitMs: 2_000 };

let parent = '';
let stateRoot = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'firedrill-lab-'));
  stateRoot = join(parent, 'state');
});
afterEach(async () => {
  for (const row of rowsOfLab()) signalProcess(row, 'SIGKILL');
  await rm(parent, { recursive: true, force: true });
});

const rowsOfLab = (): readonly ProcessRow[] => listProcesses(parent);
const processesOfLab = (): readonly number[] => rowsOfLab().map((row) => row.pid);

function labNamed(name: LabName): Lab {
  const lab = createLabs({ basePort: BASE_PORT, env: process.env }).find(name);
  invariant(lab, `there is a lab ${name}`);
  return lab;
}

const pidsOf = (state: LabState | null): readonly (number | null)[] => (state?.nodes ?? []).map((node) => node.pid);

describe('labs', () => {
  test('are in the catalog, with a title in both languages; each can be run as processes', () => {
    expect(labs.names).toEqual(expect.arrayContaining(['antietcd-3', 'etcd-3']));
    for (const lab of labs.all) {
      expect(lab.drivers).toContain('process');
      expect(lab.title).toEqual({ en: expect.any(String), zh: expect.any(String) });
    }
  });

  test('antietcd-3 is always there; etcd-3 says how to get etcd when it is not on the PATH', async () => {
    const bare = createLabs({ env: { PATH: parent } });
    expect(await bare.find('antietcd-3')?.missing()).toBeNull();
    const etcd = bare.find('etcd-3');
    expect(await etcd?.missing()).toMatchObject({
      en: expect.stringContaining('etcd-server'),
      zh: expect.stringContaining('etcd-server'),
    });
    await expect(etcd?.up(stateRoot)).rejects.toMatchObject({ code: 'lab-missing' });
    expect(readdirSync(parent)).toEqual([]);
  });

  test('a start of which one node fails leaves nothing, and says what that node said', async () => {
    const etcd = join(parent, 'etcd');
    const script = `if (process.argv.includes('n2')) { console.error('no such thing'); process.exit(1); }`;
    await writeFile(etcd, `#!${process.execPath}\n${script}\nsetInterval(() => {}, 1000);\n`, { mode: 0o755 });
    await writeFile(join(parent, 'etcdctl'), '', { mode: 0o755 });
    const lab = createLabs({ basePort: BASE_PORT, env: { PATH: parent } }).find('etcd-3');
    const failure = { text: { en: expect.stringMatching(/n2.*no such thing/s), zh: expect.stringContaining('n2') } };
    await expect(lab?.up(stateRoot)).rejects.toMatchObject(failure);
    expect(processesOfLab()).toEqual([]);
    expect(readdirSync(parent)).toEqual(['etcd', 'etcdctl']);
  });

  for (const name of ['antietcd-3', 'etcd-3'] as const) {
    describe.skipIf(missingLab(name) !== null)(`${name} ${missingLab(name) ?? ''}`, () => lifeOfALab(name));
  }
});

function lifeOfALab(name: LabName): void {
  test('up, up again, down: it takes writes, keeps its processes, leaves nothing', async () => {
    const lab = labNamed(name);
    expect(await lab.state(stateRoot)).toBeNull();
    expect(await lab.down(stateRoot)).toBe(false);

    const first = await lab.up(stateRoot);
    expect(first).toMatchObject({ name, product: lab.product });
    expect(pidsOf(first).every((pid) => pid !== null)).toBe(true);
    const { registry } = await clusterOf(name, first);
    for (const node of registry.nodes) {
      const entry = { service: 'order-service', instance: node, value: 'mine' };
      expect(await registry.client(node).register(entry, LIMIT)).toMatchObject({ outcome: 'ok' });
    }

    expect(pidsOf(await lab.up(stateRoot))).toEqual(pidsOf(first));
    expect(await lab.state(stateRoot)).toEqual(first);
    const kept = await registry.client('n1').discover('order-service', LIMIT);
    expect(kept.outcome === 'ok' && kept.value.length).toBe(6);
    registry.close();

    expect(await lab.down(stateRoot)).toBe(true);
    expect(await lab.state(stateRoot)).toBeNull();
    expect(processesOfLab()).toEqual([]);
    expect(readdirSync(parent)).toEqual([]);
  });

  test('it holds the demo data', async () => {
    const lab = labNamed(name);
    const { registry } = await clusterOf(name, await lab.up(stateRoot));
    const counts = ['order-service', 'user-service', 'payment-service'].map(async (service) => {
      const found = await registry.client('n2').discover(service, LIMIT);
      return found.outcome === 'ok' ? found.value.length : found.reason;
    });
    expect(await Promise.all(counts)).toEqual([3, 2, 2]);
    expect(await registry.client('n3').listSettings(LIMIT)).toEqual({
      outcome: 'ok',
      value: [
        { name: 'heartbeat', value: '30s' },
        { name: 'lease', value: '90s' },
      ],
    });
    const all = await registry.client('n1').listOwn(LIMIT);
    expect(all.outcome === 'ok' && all.value.length).toBe(7);
    registry.close();
    await lab.down(stateRoot);
  });

  test('a node that died comes back with `up`; a frozen one does not keep `down` from its work', async () => {
    const lab = labNamed(name);
    const { nodes } = await lab.up(stateRoot);
    process.kill(nodes[0]?.pid ?? 0, 'SIGKILL');
    const look = (): Promise<LabState | null> => lab.state(stateRoot);
    await pollUntil(look, (state) => state?.nodes[0]?.pid === null, { clock, withinMs: 5_000, everyMs: 5 });
    const again = await lab.up(stateRoot);
    expect(pidsOf(again).slice(1)).toEqual(nodes.slice(1).map((node) => node.pid));
    expect(again.nodes[0]?.pid).not.toBeNull();

    process.kill(again.nodes[1]?.pid ?? 0, 'SIGSTOP');
    expect(await lab.down(stateRoot)).toBe(true);
    expect(processesOfLab()).toEqual([]);
    expect(readdirSync(parent)).toEqual([]);
  });

  test('a port that somebody else has is named, and nothing is started or written', async () => {
    const lab = labNamed(name);
    const port = name === 'antietcd-3' ? BASE_PORT + 1 : BASE_PORT + 22;
    const server = await listen(port);
    try {
      await expect(lab.up(stateRoot)).rejects.toMatchObject({
        code: 'port-taken',
        text: { en: expect.stringContaining(`${port}`), zh: expect.stringContaining(`${port}`) },
      });
      expect(processesOfLab()).toEqual([]);
      expect(existsSync(stateRoot)).toBe(false);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('of two starters at once one does it, and the other leaves its lab alone', async () => {
    const lab = labNamed(name);
    const first = lab.up(stateRoot);
    await pollUntil(
      async () => processesOfLab().length,
      (count) => count > 0,
      { clock, withinMs: 5_000, everyMs: 2 },
    );
    await expect(lab.up(stateRoot)).rejects.toMatchObject({ code: 'lab-rising' });
    expect(pidsOf(await first)).toEqual(pidsOf(await lab.state(stateRoot)));
    await lab.down(stateRoot);
  });

  test('an interrupted start leaves nothing', async () => {
    const lab = labNamed(name);
    for (const afterMs of [0, 30, 150]) {
      const interrupt = new AbortController();
      const rising = lab.up(stateRoot, interrupt.signal);
      setTimeout(() => interrupt.abort(), afterMs);
      await expect(rising).rejects.toMatchObject({ code: 'lab-interrupted' });
      expect(processesOfLab()).toEqual([]);
      expect(existsSync(stateRoot)).toBe(false);
    }
  });

  test('the starter is killed in the middle: `down` clears what it left, `up` brings it about', async () => {
    const lab = labNamed(name);
    for (const finish of ['down', 'up'] as const) {
      await killStarterMidway(name);
      expect(processesOfLab().length).toBeGreaterThan(0);
      if (finish === 'up') {
        const { registry } = await clusterOf(name, await lab.up(stateRoot));
        const found = await registry.client('n1').discover('order-service', LIMIT);
        expect(found.outcome === 'ok' && found.value.length).toBe(3);
        registry.close();
      }
      expect(await lab.down(stateRoot)).toBe(true);
      expect(processesOfLab()).toEqual([]);
      expect(readdirSync(parent)).toEqual([]);
    }
  });

  test('a damaged record: `up` says so and touches nothing, `down` clears it', async () => {
    const lab = labNamed(name);
    await lab.up(stateRoot);
    await writeFile(join(stateRoot, 'labs', name, 'lab.json'), '{"nodes":');
    await expect(lab.up(stateRoot)).rejects.toMatchObject({ code: 'lab-record-unreadable' });
    expect(processesOfLab().length).toBe(3);
    expect(await lab.down(stateRoot)).toBe(true);
    expect(processesOfLab()).toEqual([]);
  });

  test('the undoer takes it down from the record alone, and sees what is left', async () => {
    const lab = labNamed(name);
    await lab.up(stateRoot);
    const undoer = labUndoer(stateRoot);
    // A lab is undone without looking at a cluster.
    const world = {} as World;
    expect((await undoer.residue(world, { lab: name })).length).toBe(4);
    expect(await undoer.revert(world, { lab: name })).toMatchObject({ reverted: true, nothingToDo: false });
    expect(await undoer.residue(world, { lab: name })).toEqual([]);
    expect(await undoer.revert(world, { lab: name })).toMatchObject({ reverted: true, nothingToDo: true });
    await expect(undoer.revert(world, { lab: 'nacos-3' })).rejects.toMatchObject({ code: 'lab-unknown' });
    expect(readdirSync(parent)).toEqual([]);
  });
}

/** Another process starts the lab, and is killed as soon as a node of it runs. */
async function killStarterMidway(name: LabName): Promise<void> {
  const lab = pathToFileURL(join(await compiled(), 'lab', 'index.js'));
  const up = `const { createLabs } = await import(${JSON.stringify(lab.href)});
    await createLabs({ basePort: ${BASE_PORT}, env: process.env }).find(process.argv[1]).up(process.argv[2]);`;
  const args = ['--input-type=module', '--eval', up, name, stateRoot];
  const starter = spawn(process.execPath, args, { stdio: 'inherit' });
  const ended = new Promise((resolve) => starter.once('exit', resolve));
  // A child that is forked but not yet a node still has the starter's own arguments.
  await pollUntil(
    async () => rowsOfLab().filter((row) => !row.argv.includes('--eval')),
    (nodes) => nodes.length > 0,
    { clock, withinMs: 10_000, everyMs: 2 },
  );
  starter.kill('SIGKILL');
  await ended;
}

/** Node cannot run TypeScript by itself: the lab and the core as JavaScript, where their packages are found. */
async function compiled(): Promise<string> {
  const out = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', `firedrill-lab-test-${process.pid}`);
  compiledDirs.add(out);
  for (const folder of ['core', 'lab']) {
    const from = join(import.meta.dirname, '..', '..', 'src', folder);
    await mkdir(join(out, folder), { recursive: true });
    for (const file of readdirSync(from)) {
      const { outputText } = transpileModule(readFileSync(join(from, file), 'utf8'), {
        compilerOptions: { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 },
      });
      await writeFile(join(out, folder, file.replace(/\.ts$/, '.js')), outputText);
    }
  }
  await writeFile(join(out, 'package.json'), '{"type":"module"}');
  return out;
}
const compiledDirs = new Set<string>();
afterAll(async () => {
  for (const dir of compiledDirs) await rm(dir, { recursive: true, force: true });
});

const listen = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
