import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock as clock, pollUntil } from '../../src/core/clock.js';
import type { NodeSpec } from '../../src/core/drill.js';
import { signalProcess } from '../../src/core/node-process.js';
import { listProcesses, readProcess } from '../../src/core/process-table.js';
import { processDriver as driver } from '../../src/targets/process.js';
import { driverContract, until } from './contract.js';

const STAY = 'console.log("ready"); setInterval(() => {}, 1000)';

const folders: string[] = [];
async function newData(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'firedrill-node-'));
  folders.push(dir);
  return join(dir, 'data');
}

function nodeOf(data: string, ...script: readonly string[]): NodeSpec {
  return {
    name: 'n1',
    url: 'http://127.0.0.1:1',
    find: { by: 'argument', text: data },
    start: [process.execPath, '-e', ...script, data],
    data,
  };
}
const makeNode = async (script = STAY): Promise<NodeSpec> => nodeOf(await newData(), script);

/** Ends whatever has one of our folders among its arguments. */
async function cleanUp(): Promise<void> {
  for (const row of listProcesses()) {
    if (folders.some((dir) => row.argv.some((arg) => arg.includes(dir)))) signalProcess(row, 'SIGKILL');
  }
  for (const dir of folders.splice(0)) await rm(dir, { recursive: true, force: true });
}

driverContract(driver, {
  make: makeNode,
  makeBroken: async () => {
    const data = await newData();
    return { ...nodeOf(data), start: ['sh', '-c', 'echo no such thing >&2; exit 3', data] };
  },
  logOf: async (node) => {
    const log = `${node.data}.firedrill.log`;
    return existsSync(log) ? readFileSync(log, 'utf8') : '';
  },
  cleanUp,
});

describe('process driver', () => {
  afterEach(cleanUp);

  test('a script that hands over to the node, and shares its argument with it for a while, is not the node', async () => {
    const data = await newData();
    const script = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(STAY)}, process.argv[1]], { detached: true, stdio: 'ignore' }).unref(); setTimeout(() => {}, 400)`;
    const node = nodeOf(data, script);
    const started = await driver.start(node);
    const [only, ...others] = listProcesses(data);
    expect(others).toEqual([]);
    expect(started).toEqual({ state: 'running', pid: only?.pid, startTicks: only?.startTicks });
    expect(await driver.inspect(node)).toEqual(started);
  });

  test('a killed process that has lost its arguments, but has not ended, is not gone yet', async () => {
    const node = await makeNode();
    const running = await driver.start(node);
    if (running.state === 'gone') throw new Error('it did not start');
    const without: NodeSpec = { ...node, find: { by: 'argument', text: `${node.data}-that-nobody-has` } };
    expect(await driver.inspect(without)).toEqual({ state: 'gone' });
    expect(await driver.inspect(without, running)).toEqual(running);
    expect(await driver.inspect(without, { ...running, startTicks: running.startTicks + 1 })).toEqual({
      state: 'gone',
    });
    await driver.signal(node, 'SIGKILL');
    expect(await until({ ...driver, inspect: () => driver.inspect(without, running) }, node, 'gone')).toEqual({
      state: 'gone',
    });
  });

  test('a start program that does not exist is named', async () => {
    const node = { ...(await makeNode()), start: ['/nonexistent/etcd', '--x'] };
    await expect(driver.start(node)).rejects.toMatchObject({
      code: 'node-start-failed',
      text: { en: expect.stringContaining('/nonexistent/etcd') },
    });
  });

  test('a node leads its own process group and outlives its starter', async () => {
    const node = await makeNode();
    const started = await driver.start(node);
    if (started.state === 'gone') throw new Error('it runs');
    expect(() => process.kill(-started.pid, 'SIGTERM')).not.toThrow();
    expect(await until(driver, node, 'gone')).toEqual({ state: 'gone' });
  });

  test('a killed child of ours is gone at once, also while it is a zombie', async () => {
    const data = await newData();
    // A parent that never reaps: `exec` turns the shell into sleep while its child is dead and unclaimed.
    const parent = spawn('sh', ['-c', `"$0" -e '${STAY}' "$1" & exec sleep 30`, process.execPath, data]);
    const node: NodeSpec = { ...nodeOf(data, STAY), find: { by: 'argument', text: data } };
    // Until both have become what they are going to be, the shell and its fork have the text too.
    const seen = await pollUntil(
      async () => listProcesses().filter((row) => row.argv.includes(data)),
      (rows) => rows.length === 1 && rows[0]?.argv[0] === process.execPath,
      { clock, withinMs: 5_000, everyMs: 5 },
    );
    const [{ pid, startTicks } = { pid: 0, startTicks: 0 }] = seen.value;
    await driver.signal(node, 'SIGKILL');
    // Its arguments go a moment before it does: only who knows it from before can tell that it is still ending.
    const ended = await pollUntil(
      () => driver.inspect(node, { pid, startTicks }),
      ({ state }) => state === 'gone',
      { clock, withinMs: 5_000, everyMs: 1 },
    );
    expect(ended.value).toEqual({ state: 'gone' });
    expect(readProcess(pid)).toBeNull();
    expect(() => process.kill(pid, 0)).not.toThrow();
    parent.kill('SIGKILL');
  });

  test('two processes with the argument: refused, both named, nothing signalled', async () => {
    const node = await makeNode();
    const first = await driver.start(node);
    const second = spawn(process.execPath, ['-e', STAY, '--', `--data=${node.data}`], { stdio: 'ignore' });
    await pollUntil(
      async () => readProcess(second.pid ?? 0),
      (row) => row?.argv.includes(`--data=${node.data}`) === true,
      { clock, withinMs: 5_000, everyMs: 2 },
    );
    const refusal = { code: 'node-ambiguous', text: { en: expect.stringContaining(`${second.pid}`) } };
    await expect(driver.inspect(node)).rejects.toMatchObject(refusal);
    await expect(driver.signal(node, 'SIGKILL')).rejects.toMatchObject(refusal);
    await expect(driver.start(node)).rejects.toMatchObject(refusal);
    expect(readProcess(first.state === 'gone' ? 0 : first.pid)).not.toBeNull();
    expect(readProcess(second.pid ?? 0)).not.toBeNull();
  });

  test('a pid that belongs to another process by now is not signalled', async () => {
    const started = await driver.start(await makeNode());
    if (started.state === 'gone') throw new Error('it runs');
    const { pid, startTicks } = started;
    expect(signalProcess({ pid, startTicks: startTicks - 1 }, 'SIGKILL')).toBe(false);
    await clock.sleep(50);
    expect(readProcess(pid)?.startTicks).toBe(startTicks);
    expect(signalProcess({ pid, startTicks }, 'SIGKILL')).toBe(true);
  });

  test('an argument that only begins with the text is another node', async () => {
    const node = await makeNode();
    const other = nodeOf(`${node.data}2`, STAY);
    await driver.start(other);
    expect(await driver.inspect(node)).toEqual({ state: 'gone' });
  });

  test('`--flag=text` is found as well', async () => {
    const node = await makeNode();
    const joined = { ...node, start: [process.execPath, '-e', STAY, '--', `--data-dir=${node.data}`] };
    expect((await driver.start(joined)).state).toBe('running');
  });

  test('a pid file: found by it, gone without it, refused when it holds something else', async () => {
    const data = await newData();
    const path = `${data}.pid`;
    const script = `require("fs").writeFileSync(${JSON.stringify(path)}, process.pid + "\\n"); ${STAY}`;
    const node: NodeSpec = { ...nodeOf(data, script), find: { by: 'pid-file', path } };
    expect(await driver.inspect(node)).toEqual({ state: 'gone' });
    const started = await driver.start(node);
    expect(started.state).toBe('running');
    await driver.signal(node, 'SIGKILL');
    expect(await until(driver, node, 'gone')).toEqual({ state: 'gone' });
    await writeFile(path, 'not a number');
    await expect(driver.inspect(node)).rejects.toMatchObject({ code: 'pid-file-unreadable' });
  });

  test('a starter that daemonises and ends with 0 is not a failed start', async () => {
    const data = await newData();
    const daemon = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(STAY)}, process.argv[1]], {detached: true, stdio: "ignore"}).unref()`;
    const script = join(data, '..', 'start.js');
    await writeFile(script, daemon.replace('process.argv[1]', JSON.stringify(data)));
    chmodSync(script, 0o755);
    const node = { ...nodeOf(data, STAY), start: [process.execPath, script] };
    expect((await driver.start(node)).state).toBe('running');
  });
});
