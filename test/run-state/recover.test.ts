/** A run that was killed is recovered by another process. A change is a file: it is on while the file is there. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { catalogOf } from '../../src/core/catalog.js';
import { systemClock } from '../../src/core/clock.js';
import { WorldError } from '../../src/core/errors.js';
import type { Undoer, UndoRecord } from '../../src/core/fault.js';
import { bootId } from '../../src/core/process-table.js';
import type { Registry } from '../../src/core/registry.js';
import type { Cluster, TargetBinding } from '../../src/core/target.js';
import { bi } from '../../src/core/text.js';
import { readJournal, resumeJournal } from '../../src/journal/index.js';
import { listRuns, type RecoverOptions, recoverRuns } from '../../src/run/state/index.js';
import { attempt, opened } from '../journal/bodies.js';
import { type Built, buildParts, Puppet } from './built.js';

let built: Built;
let folder: string;
let root: string;
let runDir: string;
let journalPath: string;
let order: string[];
let closed: number;
const puppets: Puppet[] = [];
beforeAll(() => {
  built = buildParts();
});
afterAll(() => built.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-recover-'));
  root = join(folder, 'state');
  runDir = join(folder, 'reports', 'r1');
  journalPath = join(runDir, 'journal.jsonl');
  mkdirSync(runDir, { recursive: true });
  order = [];
  closed = 0;
});
afterEach(async () => {
  for (const puppet of puppets.splice(0)) await puppet.kill();
  rmSync(folder, { recursive: true });
});

const puppet = (): Puppet => {
  const one = new Puppet(built);
  puppets.push(one);
  return one;
};

const fileOf = (name: string): string => join(folder, name);

const change = (id: string, more: Partial<UndoRecord> = {}): UndoRecord => ({
  id,
  undoer: 'file',
  step: `break-${id}`,
  nodes: ['n1'],
  data: { file: fileOf(id) },
  ...more,
});

/** A run that was killed with these changes on, and the canary of a journal. */
async function killedRun(
  changes: readonly UndoRecord[],
  how: { readonly journal: boolean } = { journal: true },
): Promise<Puppet> {
  const run = puppet();
  await run.must({ do: 'open', root, runId: 'r1', runDir });
  await run.must({ do: 'claim', keys: ['lab:test'] });
  if (how.journal) {
    await run.must({ do: 'journal', path: journalPath });
    await run.must({ do: 'opened', body: opened({ bootId: bootId() }) });
    await run.must({ do: 'flush' });
  }
  for (const record of changes) {
    await run.must({ do: 'arm', record });
    writeFileSync(fileOf(record.id), '');
  }
  return run;
}

const undoer = (name: string, more: Partial<Undoer> = {}): Undoer => ({
  name,
  revert: async (_, data) => {
    const file = String(data.file);
    order.push(`revert ${file.slice(folder.length + 1)}`);
    const was = existsSync(file);
    rmSync(file, { force: true });
    return { reverted: true, nothingToDo: !was, detail: bi('removed', '已删除') };
  },
  residue: async (_, data) => {
    order.push(`look ${String(data.file).slice(folder.length + 1)}`);
    return existsSync(String(data.file)) ? [bi('it is there', '仍在')] : [];
  },
  ...more,
});

const nobody = (): never => {
  throw new Error('nobody should ask');
};
const registry: Registry = {
  kind: 'etcd',
  product: 'none',
  nodes: [],
  client: nobody,
  backup: { fileName: '', exportFrom: nobody, check: nobody, place: nobody },
  close: () => {
    closed += 1;
  },
};
const binding: TargetBinding = {
  registry: 'etcd',
  product: 'none',
  version: '',
  lab: null,
  driver: 'process',
  prefix: '/services/',
  clusterId: null,
  nodes: [],
};
const cluster: Cluster = {
  binding,
  registry,
  driver: { name: 'process', inspect: nobody, signal: nobody, start: nobody },
};

const recover = (more: Partial<RecoverOptions> = {}): ReturnType<typeof recoverRuns> =>
  recoverRuns({
    root,
    clock: systemClock,
    undoers: catalogOf([undoer('file'), undoer('canary'), undoer('lab')]),
    connect: () => cluster,
    resumeJournal,
    bootId: bootId(),
    by: 'bob',
    ...more,
  });

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'it did not fail',
    (error: unknown) => (error instanceof WorldError ? error.code : Promise.reject(error)),
  );
}

describe('recover', () => {
  it('undoes what a killed run left on, newest first, looks at it, goes on with the journal, and leaves nothing', async () => {
    const run = await killedRun([change('u1'), change('u2'), change('u3')]);
    await run.must({ do: 'retire', undo: 'u2', cause: 'heal' });
    rmSync(fileOf('u2'));
    await run.kill();

    const told: string[] = [];
    const report = await recover({ onProgress: (text) => told.push(text.zh) });

    expect(order).toEqual(['revert u3', 'revert u1', 'look u1', 'look u2', 'look u3']);
    expect(report.runs).toHaveLength(1);
    expect(report.runs[0]).toMatchObject({
      runId: 'r1',
      runDir,
      reverted: [{ undo: 'u3', undoer: 'file', step: 'break-u3', nodes: ['n1'], nothingToDo: false }, { undo: 'u1' }],
      failed: [],
      left: [],
      clean: true,
      journal: { state: 'resumed' },
    });
    expect(told[0]).toBe('正在撤销 file n1 (break-u3)');
    expect(closed).toBe(1);
    expect(existsSync(root)).toBe(false);
    const { events, broken, cut } = readJournal(journalPath);
    expect({ broken, cut }).toEqual({ broken: null, cut: false });
    expect(events.slice(1)).toMatchObject([
      { type: 'recover.started', by: 'bob', bootId: bootId(), tornBytes: 0 },
      { type: 'undo.reverted', undo: 'u3', cause: 'recover-command', reverted: true, nothingToDo: false },
      { type: 'undo.reverted', undo: 'u1', cause: 'recover-command', reverted: true },
      { type: 'residue.checked', by: 'recover', checked: 3, left: [] },
      { type: 'recover.ended', clean: true },
    ]);
  });

  it('finds nothing the second time, and changes nothing', async () => {
    await (await killedRun([change('u1')])).kill();
    await recover();
    const journal = readFileSync(journalPath);
    expect(await recover()).toEqual({ runs: [] });
    expect(await recover({ runId: 'r1' })).toEqual({ runs: [] });
    expect(readFileSync(journalPath)).toEqual(journal);
    expect(existsSync(root)).toBe(false);
  });

  it('tells of a torn last line', async () => {
    const run = await killedRun([change('u1')]);
    await run.must({ do: 'append', body: attempt(1) });
    await run.must({ do: 'flush' });
    await run.kill();
    const whole = readFileSync(journalPath);
    writeFileSync(journalPath, whole.subarray(0, whole.length - 100));
    const tornBytes = readJournal(journalPath).tornBytes;
    await recover();
    const { events, broken } = readJournal(journalPath);
    expect(broken).toBeNull();
    expect(events[1]).toMatchObject({ type: 'recover.started', tornBytes });
    expect(tornBytes).toBeGreaterThan(100);
  });

  it('tries every revert, keeps what failed, and heals it the next time', async () => {
    await (await killedRun([change('u1'), change('u2', { undoer: 'stuck' }), change('u3')])).kill();
    const stuck = undoer('stuck', { revert: async () => Promise.reject(new Error('the disk is gone')) });
    const report = await recover({ undoers: catalogOf([undoer('file'), stuck]) });
    expect(report.runs[0]).toMatchObject({
      reverted: [{ undo: 'u3' }, { undo: 'u1' }],
      failed: [{ undo: 'u2', detail: { en: 'the disk is gone' } }],
      left: [{ undo: 'u2', what: { zh: '仍在' } }],
      clean: false,
    });
    expect(listRuns(root)).toMatchObject([{ runId: 'r1', stillOn: true, outstanding: [{ id: 'u2' }] }]);
    expect(readJournal(journalPath).events.at(-1)).toMatchObject({ type: 'recover.ended', clean: false });

    const again = await recover({ undoers: catalogOf([undoer('file'), undoer('stuck')]) });
    expect(again.runs[0]).toMatchObject({ reverted: [{ undo: 'u2' }], clean: true });
    expect(existsSync(root)).toBe(false);
    expect(readJournal(journalPath)).toMatchObject({ broken: null, cut: false });
  });

  it('does not call clean what it could not undo, look at, or knows nothing of', async () => {
    await (
      await killedRun([
        change('u1', { undoer: 'blind' }),
        change('u2', { undoer: 'alien' }),
        change('u3', { undoer: 'liar' }),
      ])
    ).kill();
    const blind = undoer('blind', { residue: async () => Promise.reject(new Error('no answer')) });
    const liar = undoer('liar', {
      revert: async () => ({ reverted: false, detail: bi('no', '否') }),
      residue: async () => [],
    });
    const report = await recover({ undoers: catalogOf([blind, liar]) });
    expect(report.runs[0]?.clean).toBe(false);
    expect(report.runs[0]?.left.map((one) => [one.undo, one.what.en])).toEqual([
      ['u1', 'no answer'],
      ['u2', 'nobody knows how to look for "alien"'],
      ['u3', 'no'],
    ]);
    expect(listRuns(root)[0]?.outstanding.map((one) => one.id)).toEqual(['u1', 'u2', 'u3']);
  });

  it('gives up on a revert that does not end, and goes on with the others', async () => {
    await (await killedRun([change('u1'), change('u2', { undoer: 'slow' })])).kill();
    const slow = undoer('slow', { revert: () => new Promise(() => undefined) });
    const report = await recover({ undoers: catalogOf([undoer('file'), slow]), revertLimitMs: 100 });
    expect(report.runs[0]).toMatchObject({ reverted: [{ undo: 'u1' }], failed: [{ undo: 'u2' }], clean: false });
    expect(report.runs[0]?.failed[0]?.detail.en).toContain('100 ms');
  });

  it('undoes once more what the run had reverted and is there all the same', async () => {
    const run = await killedRun([change('u1'), change('u2')]);
    await run.must({ do: 'retire', undo: 'u1', cause: 'for' });
    await run.kill();
    const report = await recover();
    expect(report.runs[0]).toMatchObject({ reverted: [{ undo: 'u2' }, { undo: 'u1' }], left: [], clean: true });
    expect(existsSync(fileOf('u1'))).toBe(false);
  });

  it('does not put back what a restore took the place of', async () => {
    const run = await killedRun([change('u1', { nodes: [] }), change('u2')]);
    await run.must({ do: 'retire', undo: 'u1', cause: 'recover-step' });
    await run.kill();
    const report = await recover();
    expect(report.runs[0]).toMatchObject({ reverted: [{ undo: 'u2' }], clean: true });
    expect(existsSync(fileOf('u1'))).toBe(true);
  });

  it('looks at each layer before the one below it goes', async () => {
    const changes = [change('lab', { undoer: 'lab' }), change('u1', { undoer: 'canary' }), change('u2')];
    await (await killedRun(changes)).kill();
    await recover();
    expect(order).toEqual(['revert u2', 'look u2', 'revert u1', 'look u1', 'revert lab', 'look lab']);
  });

  it('holds nothing against a run whose lab is gone, and leaves a lab alone that is up again', async () => {
    const run = await killedRun([change('lab', { undoer: 'lab' }), change('u1')]);
    await run.must({ do: 'retire', undo: 'lab', cause: 'final' });
    await run.kill();
    await recover();
    expect(order).toEqual(['revert u1', 'look u1']);
    expect(existsSync(fileOf('lab'))).toBe(true);
  });

  it('heals without a journal, and beside one that was changed', async () => {
    await (await killedRun([change('u1')], { journal: false })).kill();
    expect((await recover()).runs[0]).toMatchObject({ clean: true, journal: { state: 'absent' } });
    await (await killedRun([change('u1')])).kill();
    const text = readFileSync(journalPath, 'utf8').replace('alice', 'mallory');
    writeFileSync(journalPath, text);
    expect((await recover()).runs[0]).toMatchObject({ clean: true, journal: { state: 'failed' } });
    expect(readFileSync(journalPath, 'utf8')).toBe(text);
  });

  it('says of every change that it is left when its target cannot be operated', async () => {
    await (await killedRun([change('u1')])).kill();
    const report = await recover({ connect: () => nobody() });
    expect(report.runs[0]).toMatchObject({ failed: [{ undo: 'u1' }], left: [{ undo: 'u1' }], clean: false });
    expect(listRuns(root)[0]?.outstanding).toHaveLength(1);
  });
});

describe('recover refuses', () => {
  it('a run that is alive', async () => {
    await killedRun([change('u1')]);
    expect(await codeOf(recover())).toBe('run-alive');
    expect(await codeOf(recover({ runId: 'r1' }))).toBe('run-alive');
    expect(existsSync(fileOf('u1'))).toBe(true);
  });

  it('what another recover is doing, and takes over when that one is killed', async () => {
    await (await killedRun([change('u1'), change('u2')])).kill();
    writeFileSync(`${fileOf('u1')}.hang`, '');
    const other = puppet();
    void other.tell({ do: 'recover', root });
    await expect.poll(() => existsSync(fileOf('u2')), { timeout: 10_000, interval: 5 }).toBe(false);
    expect(await codeOf(recover())).toBe('recover-busy');
    expect(existsSync(fileOf('u1'))).toBe(true);

    await other.kill();
    const report = await recover();
    expect(report.runs[0]).toMatchObject({
      reverted: [
        { undo: 'u2', nothingToDo: true },
        { undo: 'u1', nothingToDo: false },
      ],
      clean: true,
    });
    expect(readJournal(journalPath)).toMatchObject({ broken: null, cut: false });
    expect(existsSync(root)).toBe(false);
  });

  it('nobody of two that begin at once but one', async () => {
    const [one, two] = [puppet(), puppet()];
    for (let round = 0; round < 10; round += 1) {
      rmSync(journalPath, { force: true });
      await (await killedRun([change('u1')])).kill();
      const replies = await Promise.all([one, two].map((each) => each.tell({ do: 'recover', root })));
      const did = replies.filter((reply) => reply.ok && JSON.stringify(reply.value).includes('"u1"'));
      expect(did).toHaveLength(1);
      for (const reply of replies) expect(reply.ok || reply.code).toBeOneOf([true, 'recover-busy']);
      const started = readJournal(journalPath).events.filter((event) => event.type === 'recover.started');
      expect(started).toHaveLength(1);
      expect(existsSync(root)).toBe(false);
    }
  });
});
