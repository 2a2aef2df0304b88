/** The runner is killed and can say nothing: what it left on stays on, shows, blocks the next run, and is recovered. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, processesWith, type Started, said, until } from '../support/cli.js';
import {
  agreedContent,
  contentOf,
  deadOf,
  folder,
  frozenOf,
  hashesOf,
  journalLines,
  type LabNode,
  labUp,
  newestRunDir,
  put,
  runDrill,
  runOf,
  startDrill,
  stateIsClean,
  TWO_FAULTS,
  writeDrill,
} from './scene.js';

let home: CliHome;
let nodes: readonly LabNode[];
let before: Readonly<Record<string, string>>;
beforeAll(async () => {
  home = cliHome(29_100);
  nodes = await labUp(home);
  before = await agreedContent(nodes);
});
afterAll(() => home.dispose());

/** Ends it as the out-of-memory killer would. */
async function kill(started: Started): Promise<void> {
  started.child.kill('SIGKILL');
  expect((await started.ended).signal).toBe('SIGKILL');
}

const SERVICE = '/services/user-service/';
const withoutService = (content: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(content).filter(([key]) => !`/${key}`.includes(SERVICE)));

describe.each([
  { fault: 'node.freeze', on: frozenOf },
  { fault: 'node.kill', on: deadOf },
])('killed while $fault and service.delete are on', ({ fault, on }) => {
  const id = `killed-${fault.replace('.', '-')}`;
  const [deleteService, freeze, hold] = TWO_FAULTS;
  let file: string;
  let runDir: string;
  let runId: string;
  let killedJournal: string;

  beforeAll(async () => {
    file = writeDrill(home, { id, execute: [deleteService ?? {}, { ...freeze, inject: fault }, hold ?? {}] });
    const started = startDrill(home, file);
    await said(started, '→ hold');
    await kill(started);
    runDir = newestRunDir(home.reports, id);
    runId = runDir.slice(home.reports.length + 1);
    killedJournal = readFileSync(join(runDir, 'journal.jsonl'), 'utf8');
  });

  test('both are still on, and `status` and `doctor` show it', async () => {
    expect(on(nodes)).toHaveLength(1);
    const healthy = nodes.filter((node) => !on(nodes).includes(node));
    for (const node of healthy) expect(await contentOf(node)).toEqual(withoutService(before));
    const status = await home.run('status', '--json');
    expect(status.code).toBe(6);
    const { runs } = JSON.parse(status.stdout);
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ runId, alive: false, stillOn: true, progress: { phase: 'execute' } });
    expect(runs[0].outstanding.map((undo: { undoer: string }) => undo.undoer)).toEqual([
      'surroundings',
      'canary',
      'service.delete',
      fault,
    ]);
    expect(status.stderr).toContain('firedrill recover');
    const doctor = await home.run('doctor');
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(new RegExp(`✗ left-over faults: left on by ${runId}`));
  });

  test('the next run on the target refuses and names the command', async () => {
    const next = await runDrill(home, file);
    expect(next.code).toBe(6);
    expect(next.stderr).toContain(`firedrill recover ${runId}`);
    expect(newestRunDir(home.reports, id)).toBe(runDir);
    expect(on(nodes)).toHaveLength(1);
  });

  test('`recover` heals, proves it, goes on with the journal and writes the report', async () => {
    const recovered = await home.run('recover');
    expect(recovered.stdout).toContain(`${runId}: 3 change(s) undone, 0 left on`);
    expect(recovered.code).toBe(0);
    if (fault === 'node.kill') nodes = await labUp(home);
    expect(on(nodes)).toEqual([]);
    expect(await agreedContent(nodes)).toEqual(before);
    expect(stateIsClean(home)).toBe(true);

    const journal = readFileSync(join(runDir, 'journal.jsonl'), 'utf8');
    const whole = killedJournal.slice(0, killedJournal.lastIndexOf('\n') + 1);
    expect(journal.startsWith(whole)).toBe(true);
    const run = runOf(home, id);
    expect(run.of('recover.started')).toMatchObject([{ tornBytes: killedJournal.length - whole.length }]);
    const undone = run.of('undo.reverted').filter((event) => event.cause === 'recover-command');
    expect(undone.map(({ undoer, reverted }) => `${undoer} ${reverted}`)).toEqual([
      `${fault} true`,
      'service.delete true',
      'canary true',
      'surroundings true',
    ]);
    expect(run.of('residue.checked')).toMatchObject([{ by: 'recover', left: [] }]);
    expect(run.events.at(-1)).toMatchObject({ type: 'recover.ended', clean: true });
    expect(run.result).toMatchObject({ valid: false, score: null, exitCode: 5 });
    expect(readFileSync(join(runDir, 'report.html'), 'utf8')).toContain(run.result.endedEarly?.en ?? 'no text');
    expect(run.result.endedEarly?.en).toContain('ended early');
    expect((await home.run('verify', runDir)).code).toBe(0);
  });

  test('a second `recover` changes nothing', async () => {
    const hashes = hashesOf(runDir);
    const again = await home.run('recover');
    expect(again.stdout).toContain('Nothing to recover');
    expect(again.code).toBe(0);
    expect(hashesOf(runDir)).toEqual(hashes);
    expect(stateIsClean(home)).toBe(true);
    const named = await home.run('recover', runId);
    expect(named.code).toBe(0);
    expect(hashesOf(runDir)).toEqual(hashes);
  });

  test('then the target can be drilled again', async () => {
    const short = writeDrill(home, { id: `${id}-again`, execute: [freeze ?? {}, { heal: 'freeze' }] });
    await runDrill(home, short);
    expect(runOf(home, `${id}-again`)).toMatchObject({ result: { valid: true, residue: { left: [] } } });
    expect(frozenOf(nodes)).toEqual([]);
  });
});

test.each([
  { how: 'empty', left: '' },
  { how: 'cut inside its first line', left: '{"seq":1,"at":"20' },
])('killed with a journal that is $how: healed all the same; only the report cannot be written', async ({ left }) => {
  const file = writeDrill(home, { id: 'no-journal', execute: TWO_FAULTS });
  const started = startDrill(home, file);
  await said(started, '→ hold');
  await kill(started);
  writeFileSync(join(newestRunDir(home.reports, 'no-journal'), 'journal.jsonl'), left);
  const recovered = await home.run('recover');
  expect(recovered.stdout).toContain('3 change(s) undone, 0 left on');
  expect(frozenOf(nodes)).toEqual([]);
  expect(await agreedContent(nodes)).toEqual(before);
  expect(stateIsClean(home)).toBe(true);
  expect(recovered.stderr).toMatch(/run\.opened/);
  expect(recovered.code).toBe(8);
  rmSync(newestRunDir(home.reports, 'no-journal'), { recursive: true });
});

describe('killed in the middle of a full restore, its data cleared', () => {
  let archive: string;
  let content: Readonly<Record<string, string>>;
  beforeAll(async () => {
    const backup = await home.run('backup', 'full', '--target', 'lab:antietcd-3', '--to', join(home.dir, 'backups'));
    expect(backup.code).toBe(0);
    archive = backup.stdout.trim();
    // What the archive lacks: only the old data has it.
    const [node] = nodes;
    if (node !== undefined) await put(node, '/services/late-service/10.9.9.9:99', '{"ip":"10.9.9.9","port":99}');
    content = await agreedContent(nodes);
    expect(Object.keys(content).some((key) => key.includes('late-service'))).toBe(true);
  });

  async function expectOldData(): Promise<void> {
    expect((await home.run('status')).code).toBe(6);
    const recovered = await home.run('recover');
    expect(recovered.code).toBe(0);
    expect(recovered.stdout).toContain('0 left on');
    nodes = await labUp(home);
    expect(await agreedContent(nodes)).toEqual(content);
    expect(stateIsClean(home)).toBe(true);
    expect(readdirSync(join(home.state, 'labs/antietcd-3')).filter((name) => name.includes('firedrill-'))).toEqual([]);
  }

  test('of a drill', async () => {
    const file = writeDrill(home, {
      id: 'killed-restore',
      execute: [{ id: 'back', restore: archive, intoNonEmpty: true }],
    });
    const started = startDrill(home, file);
    await said(started, /✓ clear /);
    await kill(started);
    expect(deadOf(nodes).length).toBeGreaterThan(0);
    await expectOldData();
    expect(runOf(home, 'killed-restore').result.endedEarly?.en).toContain('ended early');
  });

  test('of `restore` outside a drill; recovered from inside a run folder, which is left alone', async () => {
    const bystander = newestRunDir(home.reports, 'killed-restore');
    const hashes = hashesOf(bystander);
    const started = home.start(['restore', archive, '--target', 'lab:antietcd-3', '--into-non-empty']);
    await said(started, /✓ clear /);
    await kill(started);
    expect(deadOf(nodes).length).toBeGreaterThan(0);
    const recovered = await home.start(['recover'], { cwd: bystander }).ended;
    expect(recovered.code).toBe(0);
    nodes = await labUp(home);
    expect(await agreedContent(nodes)).toEqual(content);
    expect(stateIsClean(home)).toBe(true);
    expect(hashesOf(bystander)).toEqual(hashes);
  });
});

describe('killed while its lab starts', () => {
  let fresh: CliHome;
  beforeAll(() => {
    fresh = cliHome(29_150);
  });
  afterAll(() => fresh.dispose());
  const labDir = (): string => join(fresh.state, 'labs/antietcd-3');

  test.each([
    { moment: 'the state folder is there', reached: () => existsSync(join(fresh.state, 'runs')) },
    { moment: 'the lab has its record', reached: () => existsSync(join(labDir(), 'lab.json')) },
    { moment: 'the first node runs', reached: () => processesWith(labDir()).length > 0 },
    { moment: 'all nodes run', reached: () => processesWith(labDir()).length === 3 },
  ])('$moment: `recover` leaves no process and no file', async ({ reached }) => {
    const file = writeDrill(fresh, { id: 'lab-start', execute: [{ id: 'look', check: 'registry.leader' }] });
    const started = startDrill(fresh, file);
    await until('the moment', () => reached() || null);
    await kill(started);
    const recovered = await fresh.run('recover');
    expect(recovered.code).toBe(0);
    expect(processesWith(fresh.state)).toEqual([]);
    expect(existsSync(fresh.state) ? readdirSync(fresh.state, { recursive: true }) : []).toEqual([]);
  });

  test('and the next run brings it up, uses it and takes it down', async () => {
    const file = writeDrill(fresh, { id: 'after-start', execute: [{ id: 'look', check: 'registry.leader' }] });
    await runDrill(fresh, file);
    expect(runOf(fresh, 'after-start').result.valid).toBe(true);
    expect(processesWith(fresh.state)).toEqual([]);
    expect(existsSync(fresh.state)).toBe(false);
  });
});

test('of two runs at once on one target the second refuses', async () => {
  const first = startDrill(home, writeDrill(home, { id: 'first-of-two', execute: TWO_FAULTS.slice(1) }));
  await said(first, '→ hold');
  const runId = newestRunDir(home.reports, 'first-of-two').slice(home.reports.length + 1);
  const reports = folder(home.dir, 'second-reports');
  const file = writeDrill(home, { id: 'second-of-two', execute: [{ id: 'look', check: 'registry.leader' }] });
  const second = await home.run('run', file, '--out', reports);
  expect(second.stderr).toContain(runId);
  expect(second.stderr).toContain(`firedrill abort ${runId}`);
  expect(second.code).toBe(4);
  expect(readdirSync(reports)).toEqual([]);
  expect(frozenOf(nodes)).toHaveLength(1);
  // A live run undoes its own changes.
  const recover = await home.run('recover');
  expect(recover.code).toBe(4);
  expect(recover.stderr).toContain(`firedrill abort ${runId}`);
  first.child.kill('SIGINT');
  expect((await first.ended).code).toBe(5);
  expect(journalLines(newestRunDir(home.reports, 'first-of-two')).at(-1)).toContain('"type":"run.ended"');
  expect(frozenOf(nodes)).toEqual([]);
});
