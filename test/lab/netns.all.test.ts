/** The lab etcd-3-netns: up, twice, cut short, down; no namespace, link or bridge is left. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock as clock } from '../../src/core/clock.js';
import { invariant } from '../../src/core/errors.js';
import { createLabs, labUndoer } from '../../src/lab/index.js';
import { missingLab } from '../support/cluster.js';

const missing = missingLab('etcd-3-netns');
const lab = createLabs({ basePort: 22_090 }).find('etcd-3-netns');
invariant(lab, 'there is a lab etcd-3-netns');
const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8' });
/** What is there of any lab in namespaces, but for those of others. */
const held = (): readonly string[] =>
  [...(ip('netns').match(/^firedrill-\S+/gm) ?? []), ...(ip('-br', 'link').match(/^fd[0-9a-f]{8}/gm) ?? [])].toSorted();

describe.skipIf(missing !== null)(`lab etcd-3-netns ${missing ?? ''}`, () => {
  let stateRoot = '';
  let before: readonly string[] = [];
  beforeEach(async () => {
    before = held();
    stateRoot = await mkdtemp(join(tmpdir(), 'firedrill-lab-netns-'));
  });
  afterEach(async () => {
    await lab.down(stateRoot);
    await rm(stateRoot, { recursive: true, force: true });
  });

  test('each node in a namespace of its own; up twice is harmless; down leaves nothing', async () => {
    const up = await lab.up(stateRoot);
    const pids = up.nodes.map(({ pid }) => pid);
    const networks = pids.map((pid) => ip('netns', 'identify', String(pid)).trim());
    expect(new Set(networks).size).toBe(3);
    expect(networks.every((name) => name.startsWith('firedrill-'))).toBe(true);
    for (const { url } of up.nodes) expect((await fetch(`${url}/version`)).status).toBe(200);
    expect((await lab.up(stateRoot)).nodes.map(({ pid }) => pid)).toEqual(pids);
    expect(held().length).toBe(before.length + 5);

    const other = await mkdtemp(join(tmpdir(), 'firedrill-lab-netns-'));
    await expect(lab.up(other)).rejects.toThrow('which this machine has already');
    await rm(other, { recursive: true, force: true });
    expect((await fetch(`${up.nodes[0]?.url}/version`)).status).toBe(200);

    expect(await lab.down(stateRoot)).toBe(true);
    expect(held()).toEqual(before);
    expect(existsSync(join(stateRoot, 'labs'))).toBe(false);
    expect(await lab.down(stateRoot)).toBe(false);
  });

  test('a node that was killed is started again in its namespace', async () => {
    const up = await lab.up(stateRoot);
    const [first] = up.nodes;
    invariant(first?.pid, 'n1 runs');
    const network = ip('netns', 'identify', String(first.pid));
    process.kill(first.pid, 'SIGKILL');
    await expect.poll(() => existsSync(`/proc/${first.pid}/ns/net`), { timeout: 3_000 }).toBe(false);
    const again = (await lab.up(stateRoot)).nodes[0];
    expect(again?.pid).not.toBe(first.pid);
    expect(ip('netns', 'identify', String(again?.pid))).toBe(network);
  });

  test('an interrupted start leaves nothing; what a killed one leaves, its undo record takes away', async () => {
    await expect(lab.up(stateRoot, AbortSignal.abort())).rejects.toThrow('interrupted');
    expect(held()).toEqual(before);
    await lab.up(stateRoot);
    const undo = labUndoer(stateRoot);
    // Nothing but the name of the lab is known to a new process.
    const world = { clock } as never;
    expect((await undo.residue(world, { lab: lab.name })).map(({ en }) => en).join()).toContain('network namespace');
    expect(await undo.revert(world, { lab: lab.name })).toMatchObject({ reverted: true, nothingToDo: false });
    expect(held()).toEqual(before);
  });
});
