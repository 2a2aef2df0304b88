/** People who work with a run from outside: problems from another terminal, manual steps, answers, languages, streams. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, said } from '../support/cli.js';
import { labUp, runDrill, runOf, startDrill, writeDrill } from './scene.js';

const HAN = /\p{Script=Han}/u;
const ESCAPE = /\x1b/;

let home: CliHome;
beforeAll(async () => {
  home = cliHome(29_500);
  await labUp(home);
});
afterAll(() => home.dispose());

test('problems from another terminal reach the journal of the run and its score', async () => {
  const file = writeDrill(home, {
    id: 'with-problem',
    execute: [
      { id: 'freeze', inject: 'node.freeze', on: { role: 'follower' } },
      { wait: '500ms' },
      { manual: 'go on' },
    ],
    phases: { prepare: [{ id: 'wait-for-us', run: ['cat', 'go'] }] },
  });
  // The drill waits in a program until we have spoken: no clock decides what comes first.
  const fifo = join(home.dir, 'go');
  await home.startProgram(['mkfifo', fifo]).ended;
  const started = startDrill(home, file);
  await said(started, '→ wait-for-us');
  const open = await home.run(
    'problem',
    'open',
    '--title',
    '备份路径 wrong',
    '--priority',
    'P1',
    '--as',
    'bob',
    '--json',
  );
  expect(open.stderr).toBe('');
  const { problem, schemaVersion } = JSON.parse(open.stdout);
  expect([schemaVersion, problem]).toEqual([1, '备份路径-wrong']);
  const second = await home.run('problem', 'open', '--id', 'second', '--title', 'nobody answers', '--as', 'dana');
  expect(second.code).toBe(0);
  const solved = [
    '--solution',
    'used the other path',
    '--fallback',
    'worked',
    '--decided-by',
    'alice',
    '--reason',
    'time',
  ];
  expect((await home.run('problem', 'solve', problem, '--as', 'bob', ...solved)).code).toBe(0);
  await said(started, 'problem second');
  // In a process of its own: opening it blocks until somebody reads.
  home.startProgram(['tee', fifo]);
  await started.ended;

  const run = runOf(home, 'with-problem');
  expect(run.of('problem.opened').map(({ problem: id, by, priority }) => [id, by, priority])).toEqual([
    [problem, 'bob', 'P1'],
    ['second', 'dana', 'P2'],
  ]);
  expect(run.of('problem.solved')).toMatchObject([
    { problem, by: 'bob', fallback: 'worked', decision: { by: 'alice', reason: 'time' } },
  ]);
  expect(run.result.problems).toHaveLength(2);
  const handling = run.result.score?.dimensions.flatMap(({ criteria }) => criteria) ?? [];
  expect(handling.find(({ id }) => id === 'solved-quickly')).toMatchObject({ state: 'assessed', earned: 4 });
  expect(handling.find(({ id }) => id === 'decisions')).toMatchObject({ state: 'assessed' });
  expect(readFileSync(join(run.dir, 'report.html'), 'utf8')).toContain('备份路径 wrong');
});

test('a problem when no run goes on', async () => {
  const { code, stderr } = await home.run('problem', 'open', '--title', 'x', '--as', 'bob');
  expect(stderr).toContain('No run is going on');
  expect(code).toBe(2);
});

test('without a terminal nobody is asked, and nothing is taken for done', async () => {
  const file = writeDrill(home, {
    id: 'no-terminal',
    execute: [
      { id: 'confirm', manual: 'Confirm the level', by: 'commander', within: '1m' },
      { id: 'look', check: 'registry.leader' },
    ],
    roles: { commander: 'alice' },
  });
  await runDrill(home, file);
  const run = runOf(home, 'no-terminal');
  expect(run.of('step.ended').map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
    'confirm unknown',
    'look pass',
  ]);
  expect(run.of('manual.answered').filter(({ done }) => done)).toEqual([]);
  expect(run.result.people.manual.filter(({ done }) => done === true)).toEqual([]);
});

test('an answers file answers, and proves the tool only', async () => {
  const answers = join(home.dir, 'answers.yaml');
  writeFileSync(answers, 'confirm: { by: alice, done: true, note: seen on the wall }\n');
  const file = writeDrill(home, {
    id: 'scripted',
    execute: [{ id: 'confirm', manual: 'Confirm the level', by: 'commander' }, { check: 'registry.leader' }],
    roles: { commander: 'alice' },
  });
  await runDrill(home, file, '--answers', answers);
  const run = runOf(home, 'scripted');
  expect(run.of('manual.answered')).toMatchObject([{ done: true, answeredBy: 'alice', note: 'seen on the wall' }]);
  expect(run.result.people.scripted).toBe(true);
  const roles = run.result.score?.dimensions.flatMap(({ criteria }) => criteria).find(({ id }) => id === 'roles');
  expect(roles?.state).toBe('not-assessed');
});

describe('what a run prints', () => {
  const file = (id: string): string => writeDrill(home, { id, execute: [{ id: 'look', check: 'registry.leader' }] });

  test('in Chinese, with --lang, with FIREDRILL_LANG or by the locale', async () => {
    const byFlag = await runDrill(home, file('zh-flag'), '--lang', 'zh');
    const inEnv = (env: NodeJS.ProcessEnv): ReturnType<typeof runDrill> =>
      home.start(['run', file('zh-env'), '--out', home.reports], { env }).ended;
    const ends = [byFlag, await inEnv({ FIREDRILL_LANG: 'zh' }), await inEnv({ LANG: 'zh_CN.UTF-8' })];
    for (const { stdout, stderr } of ends) {
      expect(stdout).toMatch(/得分|无总分|评分/);
      expect(stderr).toContain('阶段 执行');
      // Codes and ids stay.
      expect(stderr).toContain('registry.leader');
    }
    const english = await runDrill(home, file('en'));
    expect(english.stdout + english.stderr).not.toMatch(HAN);
    expect(english.code).toBe(byFlag.code);
  });

  test('through a pipe there are no colours; nor with NO_COLOR', async () => {
    for (const env of [{}, { NO_COLOR: '1' }, { TERM: 'xterm-256color' }]) {
      const { stdout, stderr } = await home.start(['run', file('plain'), '--out', home.reports], { env }).ended;
      expect(stdout + stderr).not.toMatch(ESCAPE);
    }
  });

  test('--progress json: each line on standard error is an event; quiet: only the folder', async () => {
    const json = await runDrill(home, file('json-progress'), '--progress', 'json');
    const lines = json.stderr.trimEnd().split('\n').slice(0, -1);
    expect(lines.map((line) => JSON.parse(line).type)).toEqual(
      expect.arrayContaining(['run.opened', 'check.sampled', 'run.ended']),
    );
    const quiet = await runDrill(home, file('quiet'), '--progress', 'quiet');
    expect(quiet.stdout).toBe('');
    expect(quiet.stderr).toBe(`${runOf(home, 'quiet').dir}\n`);
  });

  test('a reader that goes away does not end the run', async () => {
    const started = startDrill(home, file('broken-pipe'));
    started.child.stdout?.destroy();
    started.child.stderr?.destroy();
    await started.ended;
    expect(runOf(home, 'broken-pipe').events.at(-1)?.type).toBe('run.ended');
  });
});
