/** Whatever ends a run early: it says so at once, tries every revert, and writes its report. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, cliPath, processesWith, processState, said, until } from '../support/cli.js';
import {
  agreedContent,
  deadOf,
  frozenOf,
  journalLines,
  type LabNode,
  labUp,
  newestRunDir,
  ownNodes,
  runDrill,
  runOf,
  settled,
  startDrill,
  stateIsClean,
  TWO_FAULTS,
  writeDrill,
} from './scene.js';

let home: CliHome;
let nodes: readonly LabNode[];
let before: Readonly<Record<string, string>>;
beforeAll(async () => {
  home = cliHome(29_000);
  nodes = await labUp(home);
  before = await agreedContent(nodes);
});
afterAll(() => home.dispose());

/** Everything is as before the run, and the run says so on disk. */
async function expectUndone(drillId: string, cause: string): Promise<void> {
  expect(frozenOf(nodes)).toEqual([]);
  expect(deadOf(nodes)).toEqual([]);
  expect(await agreedContent(nodes)).toEqual(before);
  expect(stateIsClean(home)).toBe(true);
  const run = runOf(home, drillId);
  expect(run.of('run.stopping').map((event) => event.cause)).toEqual([cause]);
  expect(run.events.at(-1)).toMatchObject({ type: 'run.ended', ending: 'stopped' });
  const reverted = run.of('undo.reverted').filter((event) => event.cause === 'stop');
  expect(reverted.every((event) => event.reverted)).toBe(true);
  // Newest first, and each of them.
  expect(reverted.map((event) => event.undoer)).toEqual([...run.of('undo.armed').map((e) => e.undoer)].reverse());
  expect(run.result).toMatchObject({ exitCode: 5, valid: false, score: null, residue: { checked: true, left: [] } });
  expect(run.result.endedEarly?.en).toMatch(/stopped/);
  for (const name of ['report.html', 'report.md', 'junit.xml']) expect(existsSync(join(run.dir, name))).toBe(true);
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s while two faults are on', async (signal) => {
  const started = startDrill(home, writeDrill(home, { id: `by-${signal.toLowerCase()}`, execute: TWO_FAULTS }));
  await said(started, '→ hold');
  expect(frozenOf(nodes)).toHaveLength(1);
  const sentAt = performance.now();
  started.child.kill(signal);
  await said(started, 'Stopping');
  // 200 ms is promised; a busy machine may be late with the line itself.
  expect(performance.now() - sentAt).toBeLessThan(1_000);
  const { code, stderr } = await started.ended;
  expect(stderr).toContain(`Stopping (received ${signal}): undoing 3 change(s)`);
  expect(code).toBe(5);
  await expectUndone(`by-${signal.toLowerCase()}`, 'interrupt');
});

test.each(['SIGTERM', 'SIGKILL'] as const)('npm dies first, of %s', async (signal) => {
  const id = `npm-${signal.toLowerCase()}`;
  const file = writeDrill(home, { id, execute: TWO_FAULTS });
  const drill = [process.execPath, cliPath, 'run', file, '--out', home.reports].join(' ');
  writeFileSync(join(home.dir, 'package.json'), JSON.stringify({ private: true, scripts: { drill } }));
  const npm = home.startProgram(['npm', 'run', 'drill'], { cwd: home.dir });
  await said(npm, '→ hold');
  expect(frozenOf(nodes)).toHaveLength(1);
  npm.child.kill(signal);
  // The pipes close when the drill, too, has ended.
  await npm.ended;
  await expectUndone(id, 'parent-lost');
});

test('SIGINT while canary clients write and the leader is dead: an election is no reason to leave anything on', async () => {
  const file = writeDrill(home, {
    id: 'with-traffic',
    traffic: { services: 2, instances: 4, writes: '20/s', reads: '20/s', lease: '6s', settle: '1s' },
    execute: [
      { id: 'delete', inject: 'service.delete', with: { service: 'user-service' } },
      { id: 'kill', inject: 'node.kill', on: { role: 'leader' } },
      { id: 'hold', wait: '1m' },
    ],
  });
  const started = startDrill(home, file);
  await said(started, '→ hold');
  expect(deadOf(nodes)).toHaveLength(1);
  started.child.kill('SIGINT');
  const { code, stderr } = await started.ended;
  expect(stderr).toContain('0 left on');
  expect(code).toBe(5);
  expect(stateIsClean(home)).toBe(true);
  nodes = await labUp(home);
  // Leases of the canary lapse by themselves.
  await until('no canary is left', async () =>
    JSON.stringify(await agreedContent(nodes)) === JSON.stringify(before) ? true : null,
  );
});

test('abort from another terminal', async () => {
  const started = startDrill(home, writeDrill(home, { id: 'aborted', execute: TWO_FAULTS }));
  await said(started, '→ hold');
  const status = await home.run('status');
  expect(status.code).toBe(0);
  expect(status.stdout).toContain('execute / hold');
  expect(status.stdout).toContain('node.freeze(');
  const abort = await home.run('abort');
  expect(abort.code).toBe(0);
  expect(abort.stdout).toContain('undoes 3 change(s)');
  expect((await started.ended).code).toBe(5);
  await expectUndone('aborted', 'abort');
});

test('the run takes longer than safety.maxDuration', async () => {
  const hold = [1, 2, 3, 4].map((n) => ({ id: `hold-${n}`, wait: '4s' }));
  const execute = [...TWO_FAULTS.slice(0, 2), ...hold];
  const { code, stderr } = await runDrill(
    home,
    writeDrill(home, { id: 'too-long', execute, safety: { maxDuration: '5s' } }),
  );
  expect(stderr).toContain('→ hold-1');
  expect(stderr).toContain('longer than safety.maxDuration (5s)');
  expect(code).toBe(5);
  await expectUndone('too-long', 'deadline');
});

test('a node dies of its own while a fault is on another', async () => {
  const execute = TWO_FAULTS.slice(1);
  const started = startDrill(home, writeDrill(home, { id: 'node-died', execute }));
  await said(started, '→ hold');
  const victim = nodes.find(({ pid }) => processState(pid) !== 'T');
  process.kill(victim?.pid ?? 0, 'SIGKILL');
  const { code } = await started.ended;
  const run = runOf(home, 'node-died');
  expect(run.of('run.stopping').map(({ cause, detail }) => `${cause}: ${detail.en}`)).toEqual([
    `node-died: Node ${victim?.name} is gone, and no fault did it.`,
  ]);
  expect(frozenOf(nodes)).toEqual([]);
  expect(code).toBe(5);
  expect(stateIsClean(home)).toBe(true);
  // It is not ours to start: the lab is.
  expect(deadOf(nodes)).toEqual([victim]);
  nodes = await labUp(home);
  expect(deadOf(nodes)).toEqual([]);
  expect(await agreedContent(nodes)).toEqual(before);
});

test('steps that fail while a fault is on do not keep it on', async () => {
  const execute = [
    { id: 'freeze', inject: 'node.freeze', on: { role: 'follower' } },
    { id: 'no-program', run: ['/no/such/program'] },
    { id: 'says-no', run: ['false'] },
  ];
  await runDrill(home, writeDrill(home, { id: 'failing-steps', execute }));
  const run = runOf(home, 'failing-steps');
  const ended = run.of('step.ended').map(({ step, outcome }) => `${step} ${outcome}`);
  expect(ended).toEqual(['freeze pass', 'no-program fail', 'says-no fail']);
  expect(run.of('undo.reverted').find((event) => event.undoer === 'node.freeze')).toMatchObject({
    cause: 'final',
    reverted: true,
    nothingToDo: false,
  });
  expect(run.events.at(-1)).toMatchObject({ type: 'run.ended', ending: 'completed' });
  expect(frozenOf(nodes)).toEqual([]);
  expect(stateIsClean(home)).toBe(true);
});

describe('a node that its own start command cannot bring up', () => {
  beforeEach(() => settled(nodes));
  const script = (): string => join(home.dir, 'start-node.mjs');
  const kill = (id: string): string =>
    writeDrill(home, {
      id,
      environment: { name: 'own' },
      target: ownNodes(home, ({ start, cwd }) => ({
        start: [process.execPath, script(), cwd, ...start],
      })),
      execute: [
        { id: 'kill', inject: 'node.kill', on: { role: 'follower' } },
        { id: 'hold', wait: '1m' },
      ],
    });
  const writeScript = (what: 'hangs' | 'fails' | 'works'): void => {
    const [works, rest] = [
      `spawn(program, args, { cwd, detached: true, stdio: 'ignore' }).unref();`,
      what === 'hangs' ? 'setInterval(() => {}, 1_000);' : 'process.exitCode = 1;',
    ];
    writeFileSync(
      script(),
      `import { spawn } from 'node:child_process';
       const [, , cwd, program, ...args] = process.argv;
       ${what === 'works' ? works : rest}`,
    );
  };

  /** What was left on is taken off, and the lab is whole again. */
  async function recoverWithWorkingScript(): Promise<void> {
    for (const { pid } of processesWith(script())) process.kill(pid, 'SIGKILL');
    writeScript('works');
    const recovered = await home.run('recover');
    expect(recovered.stderr + recovered.stdout).toContain('0 left on');
    expect(recovered.code).toBe(0);
    expect(stateIsClean(home)).toBe(true);
    nodes = await labUp(home);
    expect(await agreedContent(nodes)).toEqual(before);
  }

  test('the second interrupt, while a revert hangs: what is on, and the command that undoes it', async () => {
    writeScript('hangs');
    const started = startDrill(home, kill('second-interrupt'), '--confirm', 'own');
    await said(started, '→ hold');
    expect(deadOf(nodes)).toHaveLength(1);
    const [victim] = deadOf(nodes);
    started.child.kill('SIGINT');
    await said(started, 'Stopping');
    await until('the revert hangs', () => processesWith(script())[0]);
    started.child.kill('SIGINT');
    const { code, stderr } = await started.ended;
    const runId = newestRunDir(home.reports, 'second-interrupt').slice(home.reports.length + 1);
    expect(stderr).toContain(`node.kill ${victim?.name} (kill)`);
    expect(stderr).toContain(`firedrill recover ${runId}`);
    // Something is still on: that wins over the second interrupt.
    expect(code).toBe(6);
    expect((await home.run('status')).code).toBe(6);
    await recoverWithWorkingScript();
    expect(journalLines(newestRunDir(home.reports, 'second-interrupt')).at(-1)).toContain('"type":"recover.ended"');
  });

  test('a revert that fails is the loudest result of the run', async () => {
    writeScript('fails');
    const started = startDrill(home, kill('revert-fails'), '--confirm', 'own');
    await said(started, '→ hold');
    started.child.kill('SIGTERM');
    const { code, stderr } = await started.ended;
    const run = runOf(home, 'revert-fails');
    expect(code).toBe(6);
    expect(run.of('undo.reverted').find((event) => event.undoer === 'node.kill')).toMatchObject({ reverted: false });
    expect(run.result.residue.left).toHaveLength(1);
    expect(stderr).toContain(`firedrill recover ${run.id}`);
    await recoverWithWorkingScript();
  });
});

test('the second interrupt with nothing on is 130', async () => {
  const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1_000)";
  const file = writeDrill(home, {
    id: 'nothing-on',
    kind: 'tabletop',
    target: undefined,
    execute: [
      { id: 'stubborn', run: [process.execPath, '-e', stubborn] },
      { id: 'never', situation: { tell: 'the power fails', expected: 'call somebody' } },
    ],
  });
  const started = startDrill(home, file);
  await said(started, '→ stubborn');
  started.child.kill('SIGINT');
  await said(started, 'Stopping');
  started.child.kill('SIGINT');
  const { code, stderr } = await started.ended;
  expect(stderr).not.toContain('firedrill recover');
  expect(code).toBe(130);
});
