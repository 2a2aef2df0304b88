import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXIT_CODES } from '../../src/core/outcome.js';
import { type CliHome, cliHome } from '../support/cli.js';

const COMMANDS = [
  'init',
  'doctor',
  'validate',
  'plan',
  'run',
  'status',
  'abort',
  'recover',
  'problem',
  'score',
  'report',
  'review',
  'verify',
  'issues',
  'lab',
  'backup',
  'restore',
  'readiness',
  'calendar',
  'schema',
  'completion',
  'help',
];
const NESTED = [
  'problem open',
  'problem solve',
  'issues list',
  'issues show',
  'issues close',
  'lab list',
  'lab up',
  'lab down',
  'backup full',
  'backup incremental',
  'backup list',
  'backup verify',
  'backup copy',
  'backup prune',
  'backup run',
];

let home: CliHome;
beforeAll(() => {
  home = cliHome(31_500);
});
afterAll(() => home.dispose());

test('the help names every command, and nothing that is not there', async () => {
  const { code, stdout } = await home.run('--help');
  expect(code).toBe(0);
  const named = [...stdout.matchAll(/^ {2}([a-z]+)(?: |$)/gm)].map((match) => match[1]);
  expect(named.sort()).toEqual([...COMMANDS].sort());
});

describe('every command has help with an example, in both languages', () => {
  test.each([...COMMANDS, ...NESTED])('%s', async (command) => {
    const [en, zh] = await Promise.all([
      home.run(...command.split(' '), '--help'),
      home.run(...command.split(' '), '--help', '--lang', 'zh'),
    ]);
    expect(en.code).toBe(0);
    expect(en.stdout).toContain('Examples:');
    expect(en.stdout).toContain(
      `$ firedrill ${command.split(' ')[0]}`
        .replace('firedrill completion', 'source <(firedrill completion')
        .replace('$ source', '$ source'),
    );
    expect(en.stdout).not.toMatch(/\p{Script=Han}/u);
    expect(zh.code).toBe(0);
    expect(zh.stdout).toContain('示例：');
    expect(zh.stdout).toContain('用法：');
  });
});

test.each([
  { call: ['frobnicate'], says: 'frobnicate' },
  { call: ['run'], says: 'file' },
  { call: ['run', 'x', '--frob'], says: '--frob' },
  { call: ['help', 'frob'], says: 'exit-codes' },
  { call: ['lab', 'up', 'antietcd3'], says: 'did you mean "antietcd-3"' },
  { call: ['schema', 'dril'], says: 'did you mean "drill"' },
  { call: ['backup', 'full'], says: '--target' },
])('wrong usage $call ends with 2 and says what is wrong', async ({ call, says }) => {
  const { code, stdout, stderr } = await home.run(...call);
  expect(stderr).toContain(says);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('help exit-codes prints the one table, in the order that decides', async () => {
  const { stdout } = await home.run('help', 'exit-codes');
  const codes = [...stdout.matchAll(/^(\d+) /gm)].map((match) => Number(match[1]));
  expect(codes).toEqual(EXIT_CODES.map((row) => row.code));
});

test('help rubric prints every weight, and marks what is ours', async () => {
  const { stdout } = await home.run('help', 'rubric');
  for (const points of ['30', '25', '20']) expect(stdout).toContain(points);
  expect(stdout).toContain('seed §8.4');
  expect(stdout).toContain('ours');
});

test('the schema is one JSON document', async () => {
  for (const name of ['drill', 'recovery-plan', 'result']) {
    const { code, stdout } = await home.run('schema', name);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toHaveProperty('$schema');
  }
});

test.each(['bash', 'zsh', 'fish'])('the completion script of %s asks firedrill', async (shell) => {
  const { code, stdout } = await home.run('completion', shell);
  expect(code).toBe(0);
  expect(stdout).toContain('firedrill');
});

test('completion knows the commands', async () => {
  const { stdout } = await home.run('complete', '--', 're');
  expect(stdout).toContain('recover');
  expect(stdout).toContain('report');
});
