import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { missingAbility } from '../../src/core/abilities.js';
import type { NodeCommands, NodeSpec } from '../../src/core/drill.js';
import { signalProcess } from '../../src/core/node-process.js';
import { listProcesses } from '../../src/core/process-table.js';
import { commandDriver as driver } from '../../src/targets/command/driver.js';
import { readStatus } from '../../src/targets/command/status.js';
import { driverContract } from './contract.js';

const OPERATE = join(import.meta.dirname, 'operate.sh');
const STAY = 'echo ready; exec sleep 600';

const folders: string[] = [];
const dirOf = ({ cwd = '' }: NodeSpec): string => cwd;

/** A node of which only the commands know where and what it is; it stands in `sh`, which becomes the node by `exec`. */
function make(change: Partial<NodeCommands> = {}, start = STAY): NodeSpec {
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-command-'));
  folders.push(dir);
  writeFileSync(join(dir, 'start.sh'), start);
  const to = (verb: string): readonly string[] => [OPERATE, dir, verb];
  const commands: NodeCommands = {
    status: to('status'),
    kill: to('kill'),
    stop: to('stop'),
    start: to('start'),
    freeze: to('freeze'),
    thaw: to('thaw'),
    limitMs: 10_000,
    ...change,
  };
  return { name: 'n1', url: 'http://127.0.0.1:1', find: { by: 'command', commands }, start: [], cwd: dir };
}

function without(node: NodeSpec, name: 'start' | 'thaw' | 'kill'): NodeSpec {
  if (node.find.by !== 'command') throw new Error('it is operated by commands');
  const { [name]: _, ...commands } = node.find.commands;
  return { ...node, find: { by: 'command', commands } };
}

/** The nodes themselves have nothing of their folder among their arguments. */
async function cleanUp(): Promise<void> {
  for (const dir of folders.splice(0)) {
    const pidFile = join(dir, 'pid');
    const [pid, startTicks] = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').split(' ').map(Number) : [];
    if (pid !== undefined && startTicks !== undefined) signalProcess({ pid, startTicks }, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }
}

driverContract(driver, {
  make: async () => make(),
  makeBroken: async () => make({}, 'echo no such thing >&2; exit 3'),
  logOf: async (node) => readFileSync(join(dirOf(node), 'log'), 'utf8'),
  cleanUp,
});

describe('command driver', () => {
  afterEach(cleanUp);

  test('stop, and restart: by its own command, else by stop and start', async () => {
    const node = make();
    const first = await driver.start(node);
    const second = await driver.restart?.(node, 1_000);
    expect(second).toMatchObject({ state: 'running' });
    expect(second).not.toEqual(first);
    expect(await driver.stop?.(node, 1_000)).toBe(true);
    expect(await driver.inspect(node)).toEqual({ state: 'gone' });
    expect(await driver.stop?.(node, 1_000)).toBe(false);
  });

  test('a frozen node is thawed before it is asked to stop', async () => {
    const node = make();
    await driver.start(node);
    await driver.signal(node, 'SIGSTOP');
    expect(await driver.stop?.(node, 2_000)).toBe(true);
    expect(await driver.inspect(node)).toEqual({ state: 'gone' });
  });

  test('a node that does not stop in time is killed', async () => {
    const node = make({}, 'trap "" TERM; exec sleep 600');
    await driver.start(node);
    expect(await driver.stop?.(node, 200)).toBe(true);
    expect(await driver.inspect(node)).toEqual({ state: 'gone' });
  });

  test('what has no command is told before, in one sentence, and so is an undo that has none', async () => {
    const node = make();
    for (const act of ['kill', 'end', 'freeze', 'start'] as const) {
      expect(await missingAbility(driver, node, act)).toBeNull();
    }
    expect(await missingAbility(driver, without(node, 'start'), 'kill')).toMatchObject({
      en: expect.stringContaining('no command for start'),
      zh: expect.stringContaining('start'),
    });
    expect((await missingAbility(driver, without(node, 'thaw'), 'freeze'))?.en).toContain('thaw');
    expect((await missingAbility(driver, node, 'killInPlace'))?.en).toContain('killInPlace');
    expect((await missingAbility(driver, node, 'network'))?.en).toContain('driver command has no “network”');
    await driver.start(node);
    await expect(driver.signal(without(node, 'kill'), 'SIGKILL')).rejects.toMatchObject({ code: 'command-missing' });
  });

  test('without an identity a restart cannot be confirmed, and that is told', async () => {
    const node = make();
    await driver.start(node);
    expect(await missingAbility(driver, node, 'renew')).toBeNull();
    const silent = make({ status: ['true'] });
    expect(await driver.inspect(silent)).toEqual({ state: 'running', pid: 0, startTicks: 0 });
    expect((await missingAbility(driver, silent, 'renew'))?.en).toContain('pid=… start=…');
  });

  test('a command that fails: what was run, its exit code, its first words, what to do', async () => {
    const node = make({ freeze: ['sh', '-c', 'echo not allowed >&2; echo more >&2; exit 7'] });
    await driver.start(node);
    await expect(driver.signal(node, 'SIGSTOP')).rejects.toMatchObject({
      code: 'command-failed',
      text: { en: expect.stringMatching(/“freeze” command `sh -c .*` ended with code 7: “not allowed”/s) },
      hint: { en: expect.stringContaining('by hand') },
    });
  });

  test('a status that cannot be read is an error, never “gone”', async () => {
    for (const status of [['false'], ['/nonexistent/ssh', 'n1'], ['sh', '-c', 'echo state=odd']]) {
      await expect(driver.inspect(make({ status }))).rejects.toMatchObject({ code: 'command-failed', exit: 'refused' });
    }
  });

  test('a command that hangs is ended at its limit, with its children', async () => {
    const node = make();
    const hangs: NodeSpec = make({ status: ['sh', '-c', `sleep 30 & echo ${dirOf(node)}; wait`], limitMs: 200 });
    await expect(driver.inspect(hangs)).rejects.toMatchObject({
      text: { en: expect.stringContaining('did not end within 200 ms') },
    });
    expect(listProcesses(dirOf(node))).toEqual([]);
  });

  test('its manager’s policy, where the status tells it', async () => {
    const policy = async (said: string) => driver.restartPolicy?.(make({ status: ['echo', said] }));
    expect(await policy('state=running')).toBeNull();
    expect(await policy('ActiveState=active MainPID=7 Restart=on-failure')).toEqual({
      name: 'on-failure',
      bringsBack: true,
    });
    expect(await policy('state=running restart=no')).toEqual({ name: 'no', bringsBack: false });
  });
});

describe('what a status says', () => {
  const read = (stdout: string, exitCode = 0) => readStatus({ exitCode, stdout })?.node ?? null;
  const running = (pid: number, startTicks: number) => ({ state: 'running', pid, startTicks });

  test('exit codes alone: 0 runs, 3 does not, any other tells nothing', () => {
    expect(read('')).toEqual(running(0, 0));
    expect(read('etcd is stopped', 3)).toEqual({ state: 'gone' });
    for (const code of [1, 2, 4, 255]) expect(read('state=running', code)).toBeNull();
  });

  test('words of its own', () => {
    expect(read('state=running pid=7 start=9\n')).toEqual(running(7, 9));
    expect(read('state=T\npid=7\nstart=9')).toEqual({ ...running(7, 9), state: 'frozen' });
    expect(read('state=stopped')).toEqual({ state: 'gone' });
    expect(read('state=constructor')).toBeNull();
    expect(read('state=')).toBeNull();
    expect(read('state=running', 3)).toBeNull();
  });

  test('systemctl show', () => {
    const show = (state: string, pid: number, freezer = 'running'): string =>
      `ActiveState=${state}\nMainPID=${pid}\nFreezerState=${freezer}\nExecMainStartTimestampMonotonic=55\nRestart=no\n`;
    expect(read(show('active', 7))).toEqual(running(7, 55));
    expect(read(show('active', 7, 'frozen'))).toEqual({ ...running(7, 55), state: 'frozen' });
    expect(read(show('deactivating', 7))).toEqual(running(7, 55));
    expect(read(show('activating', 0))).toEqual({ state: 'gone' });
    expect(read(show('failed', 0))).toEqual({ state: 'gone' });
    expect(read('activating')).toBeNull();
  });

  test('docker inspect, and a bare word', () => {
    const at = (start: string): string => `state=running pid=7 start=${start}`;
    expect(read(at('2026-11-23T03:00:00.1Z'))).not.toEqual(read(at('2026-11-23T03:00:00.2Z')));
    expect(read(at('2026-11-23T03:00:00.1Z'))).toEqual(read(at('2026-11-23T03:00:00.1Z')));
    expect(read('paused')).toMatchObject({ state: 'frozen' });
    expect(read('exited')).toEqual({ state: 'gone' });
  });
});
