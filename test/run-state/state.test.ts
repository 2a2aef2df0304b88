import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { WorldError } from '../../src/core/errors.js';
import type { UndoRecord } from '../../src/core/fault.js';
import { bootId, isAlive, ownProcess, readProcess } from '../../src/core/process-table.js';
import { listRuns, openRunState, type RunState, requestAbort } from '../../src/run/state/index.js';
import { readUndoEntries } from '../../src/run/state/undo-lines.js';
import { type Built, buildParts, Puppet } from './built.js';
import { onTinyDisk } from './tiny-disk.js';

let built: Built;
let root: string;
const puppets: Puppet[] = [];
beforeAll(() => {
  built = buildParts();
});
afterAll(() => built.remove());
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'firedrill-state-')), 'state');
});
afterEach(async () => {
  for (const puppet of puppets.splice(0)) await puppet.kill();
  rmSync(join(root, '..'), { recursive: true });
});

const puppet = (): Puppet => {
  const one = new Puppet(built);
  puppets.push(one);
  return one;
};

const open = (runId: string, more: { readonly bootId?: string; readonly root?: string } = {}): Promise<RunState> =>
  openRunState({
    root,
    runId,
    runDir: `/reports/${runId}`,
    ...ownProcess(),
    bootId: bootId(),
    clock: systemClock,
    ...more,
  });

const undo = (id: string, more: Partial<UndoRecord> = {}): UndoRecord => ({
  id,
  undoer: 'node.kill',
  step: `step-${id}`,
  nodes: ['n1'],
  data: { pid: 42, 文: '字' },
  ...more,
});

async function failureOf(work: Promise<unknown>): Promise<WorldError> {
  const error: unknown = await work.then(
    () => 'it did not fail',
    (thrown: unknown) => thrown,
  );
  if (error instanceof WorldError) return error;
  throw error;
}

const NODE = 'node:127.0.0.1:23791';

describe('one run', () => {
  it('leaves nothing behind when it was clean, not even the root', async () => {
    const state = await open('r1');
    await state.claim([NODE], null);
    await state.arm(undo('u1'));
    expect(existsSync(join(root, 'runs', 'r1', 'undo.jsonl'))).toBe(true);
    await state.retire('u1', 'final');
    state.writeStatus({ phase: 'execute', step: 's' });
    await state.close({ clean: true });
    expect(existsSync(root)).toBe(false);
  });

  it('leaves what others have in the root alone', async () => {
    const state = await open('r1');
    writeFileSync(join(root, 'labs'), '');
    await state.close({ clean: true });
    expect(readdirSync(root)).toEqual(['labs']);
  });

  it('is kept when it was not clean, and is then in the way even without a record', async () => {
    const state = await open('r1', { bootId: 'another-boot' });
    await state.claim([NODE], null);
    await state.close({ clean: false });
    expect(listRuns(root)).toMatchObject([{ runId: 'r1', alive: false, stillOn: true, outstanding: [] }]);
    const next = await open('r2');
    expect((await failureOf(next.claim([NODE], null))).code).toBe('still-on');
  });

  it('is not closed as clean while something is on', async () => {
    const state = await open('r1');
    await state.arm(undo('u1'));
    await expect(state.close({ clean: true })).rejects.toThrow(/1 changes still on/);
    expect(listRuns(root)).toHaveLength(1);
  });

  it('has its own run id', async () => {
    await open('r1');
    expect((await failureOf(open('r1'))).code).toBe('run-exists');
  });

  it('keeps undo records in order, retires them in place, and takes none twice', async () => {
    const state = await open('r1');
    await Promise.all(['u1', 'u2', 'u3'].map((id) => state.arm(undo(id))));
    const file = join(state.dir, 'undo.jsonl');
    const bytes = statSync(file).size;
    await state.retire('u2', 'recover-step');
    await state.retire('u2', 'recover-step');
    expect(state.outstanding().map((one) => one.id)).toEqual(['u1', 'u3']);
    expect(statSync(file).size).toBe(bytes);
    expect(readUndoEntries(state.dir)).toEqual([
      { record: undo('u1'), retired: null },
      { record: undo('u2'), retired: 'recover-step' },
      { record: undo('u3'), retired: null },
    ]);
    await expect(state.arm(undo('u1'))).rejects.toThrow(/armed twice/);
    await expect(state.retire('u9', 'final')).rejects.toThrow(/never armed/);
  });

  it('reads undo records cut off at any byte as those that were armed before', async () => {
    const state = await open('r1');
    for (const id of ['u1', 'u2', 'u3']) await state.arm(undo(id));
    const whole = readFileSync(join(state.dir, 'undo.jsonl'));
    fc.assert(
      fc.property(fc.nat(whole.length), (length) => {
        writeFileSync(join(state.dir, 'undo.jsonl'), whole.subarray(0, length));
        const armed = whole.subarray(0, length).filter((byte) => byte === 10).length;
        expect(readUndoEntries(state.dir).map((entry) => entry.record)).toEqual(
          ['u1', 'u2', 'u3'].slice(0, armed).map((id) => undo(id)),
        );
      }),
    );
  });

  it('says so when a record in the middle is damaged, instead of forgetting it', async () => {
    const state = await open('r1');
    for (const id of ['u1', 'u2']) await state.arm(undo(id));
    const file = join(state.dir, 'undo.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"id":"u1"', '"id":"u1'));
    expect(() => listRuns(root)).toThrow(/is damaged/);
  });

  it('counts a state that was only half overwritten as armed', async () => {
    const state = await open('r1');
    await state.arm(undo('u1'));
    const file = join(state.dir, 'undo.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"armed', '"finad'));
    expect(listRuns(root)[0]?.outstanding).toHaveLength(1);
  });

  it('tells others where it is', async () => {
    const state = await open('r1');
    await state.claim([NODE], null);
    expect(listRuns(root)).toMatchObject([{ progress: null }]);
    state.writeStatus({ phase: 'execute', step: 'kill-leader', stepsDone: 3 });
    expect(listRuns(root)).toMatchObject([
      {
        runId: 'r1',
        runDir: '/reports/r1',
        pid: process.pid,
        alive: true,
        stillOn: false,
        keys: [NODE],
        progress: { phase: 'execute', step: 'kill-leader', stepsDone: 3, at: expect.stringMatching(/Z$/) },
      },
    ]);
  });
});

describe('excluding others', () => {
  it('refuses a target that a live run has, and names run, process and what to do', async () => {
    const other = puppet();
    await other.must({ do: 'open', root, runId: 'r1' });
    await other.must({ do: 'claim', keys: ['cluster:c1', NODE] });
    const state = await open('r2');
    const error = await failureOf(state.claim(['cluster:c2', NODE], null));
    expect(error).toMatchObject({ code: 'target-busy', exit: 'refused' });
    expect(error.text.en).toBe(`Run r1 (process ${other.pid}) is working on the same target: ${NODE}.`);
    expect(error.text.zh).toContain(`进程 ${other.pid}`);
    expect(error.hint?.en).toContain('firedrill abort r1');
    await state.claim(['cluster:c2', 'node:127.0.0.1:1'], null);
    await other.must({ do: 'close', clean: true });
    await state.claim([NODE], null);
    expect(listRuns(root)[0]?.keys).toEqual(['cluster:c2', 'node:127.0.0.1:1', NODE]);
  });

  it('refuses a target on which a killed run left something on, until it is recovered', async () => {
    const other = puppet();
    await other.must({ do: 'open', root, runId: 'r1' });
    await other.must({ do: 'claim', keys: [NODE] });
    await other.must({ do: 'arm', record: undo('u1') });
    await other.kill();
    const state = await open('r2');
    const error = await failureOf(state.claim([NODE], null));
    expect(error).toMatchObject({ code: 'still-on', exit: 'still-on' });
    expect(error.text.en).toContain('node.kill n1 (step step-u1)');
    expect(error.hint?.en).toBe('Undo it first: firedrill recover r1');
    expect(error.hint?.zh).toContain('firedrill recover r1');
  });

  it('sweeps away killed runs that have nothing to undo', async () => {
    for (const runId of ['r1', 'r2']) {
      const other = puppet();
      await other.must({ do: 'open', root, runId });
      await other.must({ do: 'claim', keys: [`key:${runId}`] });
      await other.must({ do: 'arm', record: undo('u1') });
      await other.must({ do: 'retire', undo: 'u1', cause: 'final' });
      await other.kill();
    }
    const state = await open('r3');
    await state.claim(['key:r1'], null);
    expect(readdirSync(join(root, 'runs'))).toEqual(['r3']);
    await state.close({ clean: true });
    expect(existsSync(root)).toBe(false);
  });

  it('lets exactly one of two processes have the target, every time', async () => {
    const [one, two] = [puppet(), puppet()];
    for (let round = 0; round < 20; round += 1) {
      const claims = [one, two].map(async (each, index) => {
        await each.must({ do: 'open', root, runId: `r${round}-${index}` });
        return each.tell({ do: 'claim', keys: [NODE] });
      });
      const replies = await Promise.all(claims);
      const codes = replies.map((reply) => (reply.ok ? 'won' : reply.code)).sort();
      expect(codes).toEqual(['target-busy', 'won']);
      await Promise.all([one, two].map((each) => each.must({ do: 'close', clean: true })));
      expect(existsSync(root)).toBe(false);
    }
  });
});

describe('the lock', () => {
  it('is never held by two, though its owners are killed with it in their hands', async () => {
    const folder = join(root, '..');
    const [lock, path] = [join(folder, 'lock'), join(folder, 'count')];
    writeFileSync(path, '0');
    const counting = [puppet(), puppet(), puppet()].map((each) => each.must({ do: 'count', lock, path, times: 200 }));
    const over = Promise.all(counting).then(() => true);
    let died = 0;
    while (!(await Promise.race([over, systemClock.sleep(20).then(() => false)]))) {
      const victim = puppet();
      const gone = new Promise((resolve) => victim.child.once('exit', resolve));
      void victim.tell({ do: 'dieHolding', lock });
      await gone;
      died += 1;
    }
    expect(died).toBeGreaterThan(0);
    expect(readFileSync(path, 'utf8')).toBe('600');
  });

  it('is taken over by one only, of many that find its owner dead', async () => {
    const folder = join(root, '..');
    const [lock, path] = [join(folder, 'lock'), join(folder, 'count')];
    writeFileSync(path, '0');
    const four = [puppet(), puppet(), puppet(), puppet()];
    await Promise.all(four.map((each) => each.must({ do: 'count', lock, path, times: 500, stale: true })));
    expect(readFileSync(path, 'utf8')).toBe('2000');
    expect(readdirSync(folder).filter((name) => name.startsWith('lock.'))).toEqual([]);
  });

  it('of another boot is nobody’s, whatever its process id', async () => {
    const old = await open('r1', { bootId: 'another-boot' });
    await old.claim([NODE], null);
    const state = await open('r2');
    await state.claim([NODE], null);
    expect(listRuns(root).map((run) => run.runId)).toEqual(['r2']);
  });
});

describe('abort', () => {
  it('reaches a run in another process', async () => {
    const other = puppet();
    await other.must({ do: 'open', root, runId: 'r1' });
    const aborted = other.must({ do: 'onAbort' });
    requestAbort(root, 'r1');
    expect(await aborted).toBe('aborted');
  });

  it('is seen when it was asked for before anyone listened, and only once', async () => {
    const state = await open('r1');
    requestAbort(root, 'r1');
    requestAbort(root, 'r1');
    let calls = 0;
    await new Promise<void>((resolve) => {
      state.onAbort(() => {
        calls += 1;
        resolve();
      });
    });
    writeFileSync(join(state.dir, 'abort'), 'again');
    await systemClock.sleep(50);
    expect(calls).toBe(1);
  });

  it('of a run that does not go on is refused', async () => {
    expect(() => requestAbort(root, 'r1')).toThrow(/no run r1 going on/);
    const other = puppet();
    await other.must({ do: 'open', root, runId: 'r1' });
    await other.kill();
    expect(() => requestAbort(root, 'r1')).toThrow(/no run r1 going on/);
  });
});

describe('a full disk', () => {
  it('keeps a change from being made, but not from being taken back', ({ skip }) =>
    onTinyDisk(skip, async (disk) => {
      const state = await open('r1', { root: join(disk.path, 'state') });
      await state.arm(undo('u1'));
      disk.fill();
      const big = undo('u2', { data: { text: 'x'.repeat(8192) } });
      const error = await failureOf(state.arm(big));
      expect(error.code).toBe('undo-unwritable');
      expect(error.text.en).toContain('ENOSPC');
      state.writeStatus({ phase: 'execute', step: 's' });
      await state.retire('u1', 'stop');
      expect(state.outstanding()).toEqual([]);
      expect(readUndoEntries(state.dir)).toEqual([{ record: undo('u1'), retired: 'stop' }]);
      disk.makeRoom();
      await state.arm(undo('u3'));
      expect(readFileSync(join(state.dir, 'undo.jsonl'), 'utf8')).toMatch(/\}\n$/);
      expect(readUndoEntries(state.dir).map((entry) => entry.record.id)).toEqual(['u1', 'u3']);
      await state.retire('u3', 'final');
      await state.close({ clean: true });
      expect(readdirSync(disk.path)).toEqual([]);
    }));
});

describe('the process table', () => {
  it('knows this process, and not one that is gone', async () => {
    const me = ownProcess();
    expect(me.pid).toBe(process.pid);
    expect(isAlive(me.pid, me.startTicks)).toBe(true);
    expect(isAlive(me.pid, me.startTicks + 1)).toBe(false);
    const other = puppet();
    await other.must({ do: 'open', root, runId: 'r1' });
    const row = readProcess(other.pid);
    expect(row).toMatchObject({ ppid: process.pid });
    expect(row?.argv.some((arg) => arg.endsWith('puppet.mjs'))).toBe(true);
    await other.kill();
    expect(readProcess(other.pid)).toBeNull();
  });
});
