/** What is on disk, in real archives of a real cluster and real recorded runs, becomes answers of the command line. */
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Readiness } from '../../src/readiness/index.js';
import { type CliHome, cliHome, repo } from '../support/cli.js';

const LIMIT_MS = 120_000;
const LAB = 'antietcd-3';

let home: CliHome;
let local = '';
let away = '';
let planFile = '';

beforeAll(async () => {
  home = cliHome(24_700);
  local = join(home.dir, 'local');
  away = join(home.dir, 'away');
  for (const dir of [local, away, home.reports]) mkdirSync(dir, { recursive: true });
  const sample = join(repo, 'reports/sample');
  const { runId } = JSON.parse(readFileSync(join(sample, 'result.json'), 'utf8'));
  cpSync(sample, join(home.reports, runId), { recursive: true });
  // A copy under another name is not a run of this place: it must not count a second time.
  cpSync(sample, join(home.reports, 'sample'), { recursive: true });
  planFile = join(home.dir, 'plan.yaml');
  writeFileSync(join(home.dir, 'runbook.md'), '# How to recover\n');
  writeFileSync(planFile, ownPlan());
  expect((await home.run('lab', 'up', LAB)).code).toBe(0);
}, LIMIT_MS);
afterAll(() => home?.dispose());

/** The built-in plan with two folders as tiers, no key, and people. */
function ownPlan(): string {
  const plan = parse(readFileSync(join(repo, 'templates/recovery-plan.yaml'), 'utf8'));
  const [here, other] = [plan.tiers.local, plan.tiers.nas];
  const none = { none: 'a test' };
  return stringify({
    ...plan,
    encryption: none,
    tiers: {
      local: { ...here, place: './local' },
      away: { ...other, place: './away', countsAsAnotherPlace: true, site: 'standby' },
    },
    contacts: Object.keys(plan.roles).map((role) => ({
      name: `Chen ${role}`,
      role,
      reach: '+86 10 5555',
      confirmedAt: new Date().toISOString().slice(0, 10),
    })),
    resources: [
      { title: 'runbook', runbook: './runbook.md' },
      { title: 'tar', command: ['tar', '--version'], version: '1' },
      { title: 'etcd of the last century', command: ['node', '--version'], version: '0.1' },
    ],
  });
}

async function readiness(
  ...more: readonly string[]
): Promise<{ readonly code: number | null; readonly found: Readiness }> {
  const { code, stdout, stderr } = await home.run(
    'readiness',
    '--plan',
    planFile,
    '--out',
    home.reports,
    '--json',
    ...more,
  );
  if (stdout === '') throw new Error(stderr);
  return { code, found: JSON.parse(stdout) };
}
const answer = ({ answers }: Readiness, number: number): string | undefined =>
  answers.find((each) => each.number === number)?.answer;

test(
  'empty tiers, then a backup, a verification and a copy: the answers follow what is there',
  async () => {
    const empty = await readiness();
    expect(empty.code).toBe(1);
    expect([1, 2, 3, 4, 9, 11].map((number) => answer(empty.found, number))).toEqual([
      'no',
      'unknown',
      'no',
      'unknown',
      'yes',
      'yes',
    ]);

    const target = ['--target', `lab:${LAB}`];
    const { stdout, code } = await home.run('backup', 'full', ...target, '--to', local, '--json');
    expect(code).toBe(0);
    const archive: string = JSON.parse(stdout).fileName;
    const unverified = (await readiness()).found;
    expect([2, 3, 8].map((number) => answer(unverified, number))).toEqual(['unknown', 'no', 'yes']);

    expect((await home.run('backup', 'verify', join(local, archive), '--out', home.reports)).code).toBe(0);
    for (const file of readdirSync(local)) copyFileSync(join(local, file), join(away, file));
    const copied = (await readiness()).found;
    expect([2, 3, 4].map((number) => answer(copied, number))).toEqual(['yes', 'yes', 'yes']);
    expect(copied.forecasts.map(({ tier, fetchMs }) => [tier, fetchMs !== null])).toEqual([
      ['local', true],
      ['away', true],
    ]);

    const bytes = readFileSync(join(away, archive));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(join(away, archive), bytes);
    expect(answer((await readiness()).found, 3)).toBe('no');
    expect(answer((await readiness('--no-read-back')).found, 3)).toBe('yes');
    expect((await home.run('backup', 'verify', join(away, archive), '--out', home.reports)).code).toBe(1);
    expect(answer((await readiness()).found, 2)).toBe('no');
  },
  LIMIT_MS,
);

test(
  'the recorded run answers what it measured; the command of another version is a trap',
  async () => {
    const { found } = await readiness();
    expect([6, 7, 16].map((number) => answer(found, number))).toEqual(['yes', 'yes', 'unknown']);
    expect(found.traps.filter(({ kind }) => kind === 'command').map((trap) => trap.answer)).toEqual(['yes', 'no']);
    expect(found.traps.filter(({ kind }) => kind === 'path').map((trap) => trap.answer)).toEqual(['yes', 'yes', 'yes']);
  },
  LIMIT_MS,
);

test(
  'on the terminal and as Markdown, in both languages',
  async () => {
    const of = (...more: readonly string[]) =>
      home.run('readiness', '--plan', planFile, '--out', home.reports, ...more);
    expect((await of('--lang', 'zh')).stdout).toContain('1. 是否有定时备份任务？（必须） 否');
    expect((await of('--lang', 'en')).stdout).toContain('Required and answered with no: 1, 2, 3.');
    expect((await of('--markdown', '--lang', 'en')).stdout).toMatch(/^# Readiness: /);
    expect((await of('--markdown', '--json')).code).toBe(2);
  },
  LIMIT_MS,
);

test(
  'the calendar: what was never done is overdue, and says so with its exit code',
  async () => {
    const { code, stdout } = await home.run('calendar', '--plan', planFile, '--out', home.reports, '--json');
    const { kinds } = JSON.parse(stdout);
    expect(code).toBe(1);
    expect(kinds.map(({ kind, state }: { kind: string; state: string }) => [kind, state])).toMatchObject([
      ['tabletop', 'overdue'],
      ['partial', 'overdue'],
      ['full-flow', expect.stringMatching(/done|due/)],
      ['fault-injection', 'overdue'],
    ]);
  },
  LIMIT_MS,
);
