/** One drill that misses its objective, and again with one that it reaches: verdicts, issues, and what a journal is worth. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluate, writeReports } from '../../src/cli/reports.js';
import { seededRandom } from '../../src/core/random.js';
import { type CliHome, cliHome, type Ended } from '../support/cli.js';
import { folder, hashesOf, labUp, leaderKilledDrill, type Run, runDrill, runOf } from './scene.js';

let home: CliHome;
let missed: { readonly end: Ended; readonly run: Run };
let passed: { readonly end: Ended; readonly run: Run };
beforeAll(async () => {
  home = cliHome(29_200);
  await labUp(home);
  missed = await killLeader('1ms');
  passed = await killLeader('1m');
}, 180_000);
afterAll(() => home.dispose());

async function killLeader(rto: string): Promise<{ readonly end: Ended; readonly run: Run }> {
  const end = await runDrill(home, leaderKilledDrill(home, { rto }), '--json');
  return { end, run: runOf(home, 'leader-killed') };
}

describe('verdicts', () => {
  test('an objective that is missed ends with 1, and the RTO is what was missed', () => {
    const { result } = missed.run;
    expect(result.invalidBecause).toEqual([]);
    expect(result.objectives.find(({ id }) => id === 'rto')?.verdict).toBe('missed');
    expect(result.score?.percent).toBeLessThan(100);
    expect([missed.end.code, result.exitCode]).toEqual([1, 1]);
  });

  test('objectives that are reached end with 0', () => {
    const { result } = passed.run;
    expect(result.invalidBecause).toEqual([]);
    expect(result.objectives.map(({ verdict }) => verdict)).not.toContain('missed');
    expect(result.ledger?.lost).toBe(0);
    expect(result.score?.percent).toBeGreaterThanOrEqual(80);
    expect([passed.end.code, result.exitCode]).toEqual([0, 0]);
  });

  test('`run --json` prints result.json and nothing else', () => {
    const { schemaVersion, ...printed } = JSON.parse(passed.end.stdout);
    expect(schemaVersion).toBe(1);
    expect({ schemaVersion, ...printed }).toEqual(passed.run.result);
  });

  test('the last line of standard error is the run folder', () => {
    expect(passed.end.stderr.trimEnd().split('\n').at(-1)).toBe(passed.run.dir);
  });

  test('`score` says the same later, with the same exit code, and explains each lost point', async () => {
    const again = await home.run('score', missed.run.dir, '--json');
    expect(again.code).toBe(1);
    expect(JSON.parse(again.stdout)).toMatchObject({ schemaVersion: 1, score: missed.run.result.score });
    const explained = await home.run('score', missed.run.dir, '--explain');
    expect(explained.stdout).toMatch(/rto .* · −\d+/);
    expect(explained.stdout).toMatch(/→ missed/);
    const criteria = missed.run.result.score?.dimensions.flatMap((dimension) => dimension.criteria) ?? [];
    const lost = criteria.filter(
      ({ state, earned, possible }) => state === 'assessed' && earned !== null && earned < possible,
    );
    expect(lost.length).toBeGreaterThan(0);
    for (const { id } of lost) expect(explained.stdout).toMatch(new RegExp(`^ {2}${id} · .*−`, 'm'));
    expect(explained.code).toBe(1);
  });
});

describe('issues across runs', () => {
  const issues = (...args: string[]): Promise<Ended> => home.run('issues', ...args, '--out', home.reports);

  test('a missed RTO is an issue until a later run passes the same rule', async () => {
    const listed = await issues('list', '--json');
    const { schemaVersion, issues: all } = JSON.parse(listed.stdout);
    expect(schemaVersion).toBe(1);
    const rto = all.find(({ title }: { title: { en: string } }) => title.en.startsWith('RTO of 1 ms'));
    expect(rto).toMatchObject({ priority: 'P1', status: 'open', runs: [missed.run.id] });

    const shown = await issues('show', rto.id);
    expect(shown.stdout).toContain(missed.run.id);
    expect(JSON.parse((await issues('show', rto.id, '--json')).stdout)).toMatchObject({ schemaVersion: 1 });

    const sameRun = await issues('close', rto.id, '--verified-by', missed.run.id);
    expect(sameRun.stderr).toContain('not later');
    expect(sameRun.code).toBe(1);
    const byWord = await issues('close', rto.id, '--by', 'bob', '--evidence', 'it is fine now');
    expect(byWord.stderr).toContain('a word is not enough');
    expect(byWord.code).toBe(1);
    expect((await issues('close', rto.id)).code).toBe(2);
    expect((await issues('show', rto.id)).stdout).toContain('status: open');

    const closed = await issues('close', rto.id, '--verified-by', passed.run.id);
    expect(closed.stderr).toBe('');
    expect(closed.code).toBe(0);
    expect((await issues('list')).stdout).not.toContain(rto.id);
    expect((await issues('list', '--all')).stdout).toContain(rto.id);
    expect((await issues('close', rto.id, '--verified-by', passed.run.id)).code).toBe(1);
  });

  test('an issue that is not there', async () => {
    const { code, stderr } = await issues('show', 'FD-00000000');
    expect(stderr).toContain('There is no issue FD-00000000');
    expect(code).toBe(2);
  });
});

describe('the journal is all that is needed', () => {
  const files = ['report.html', 'report.md', 'result.json', 'junit.xml'];

  test.each([
    { TZ: 'Asia/Tokyo', LANG: 'zh_CN.UTF-8' },
    { TZ: 'America/St_Johns', LANG: 'de_DE.UTF-8' },
  ])('the same bytes with %o and from another folder', async (env) => {
    const to = folder(home.dir, `again-${env.LANG}`);
    const report = await home.start(['report', passed.run.dir, '--to', to], { cwd: to, env }).ended;
    expect(report.code).toBe(0);
    const [was, is] = [hashesOf(passed.run.dir), hashesOf(to)];
    expect(Object.keys(is)).toEqual(expect.arrayContaining(files));
    for (const [name, hash] of Object.entries(is)) expect(`${name} ${hash}`).toBe(`${name} ${was[name]}`);

    for (const args of [['--json'], ['--explain', '--lang', 'en']]) {
      const here = await home.run('score', passed.run.dir, ...args);
      const there = await home.start(['score', passed.run.dir, ...args], { cwd: to, env }).ended;
      expect(there.stdout).toBe(here.stdout);
    }
  });

  test('`verify` is content with the whole one', async () => {
    const { code, stdout } = await home.run('verify', passed.run.dir);
    expect(stdout).toContain('hash chain whole');
    expect(code).toBe(0);
    const json = await home.run('verify', passed.run.dir, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ schemaVersion: 1, sound: true, findings: [] });
  });

  const changed = (name: string, change: (journal: string) => string): string => {
    const dir = folder(home.dir, name);
    cpSync(passed.run.dir, dir, { recursive: true });
    writeFileSync(join(dir, 'journal.jsonl'), change(readFileSync(join(passed.run.dir, 'journal.jsonl'), 'utf8')));
    return dir;
  };

  test.each<{ what: string; change: (journal: string) => string }>([
    { what: 'one digit changed', change: (journal) => journal.replace(/"tookMs":(\d)/, '"tookMs":9$1') },
    { what: 'a line taken out', change: (journal) => journal.replace(/^.*"type":"fault\.injected".*\n/m, '') },
    { what: 'two lines swapped', change: (journal) => journal.replace(/^(.*"seq":20,.*\n)(.*\n)/m, '$2$1') },
    { what: 'a line twice', change: (journal) => journal.replace(/^(.*"seq":20,.*\n)/m, '$1$1') },
    {
      what: 'the end cut off',
      change: (journal) => journal.slice(0, journal.lastIndexOf('\n', journal.length - 2) + 1),
    },
    { what: 'the last line torn', change: (journal) => journal.slice(0, -20) },
  ])('`verify` is not, with $what', async ({ what, change }) => {
    const dir = changed(`changed-${what.replaceAll(' ', '-')}`, change);
    expect(readFileSync(join(dir, 'journal.jsonl'), 'utf8')).not.toBe(
      readFileSync(join(passed.run.dir, 'journal.jsonl'), 'utf8'),
    );
    const { code, stdout } = await home.run('verify', dir);
    expect(stdout).toMatch(/^✗ /);
    expect(code).toBe(1);
  });

  test('cut anywhere it still gives a report, which says that the run ended early', async () => {
    const random = seededRandom(20);
    const journal = readFileSync(join(passed.run.dir, 'journal.jsonl'), 'utf8');
    const lineEnds = [...journal.matchAll(/\n/g)].map(({ index }) => index + 1).slice(0, -1);
    const [first = 0] = lineEnds;
    const atLine = Array.from({ length: 20 }, () => lineEnds[Math.floor(random() * lineEnds.length)] ?? first);
    const inLine = Array.from({ length: 20 }, () => first + Math.floor(random() * (journal.length - first - 1)));
    const cuts = [first, first + 1, ...atLine, ...inLine, journal.length - 2];
    const expectEndedEarly = (dir: string): void => {
      const result = JSON.parse(readFileSync(join(dir, 'result.json'), 'utf8'));
      expect(result).toMatchObject({ valid: false, score: null });
      expect(readFileSync(join(dir, 'report.html'), 'utf8')).toContain(result.endedEarly.en);
      expect(readFileSync(join(dir, 'report.md'), 'utf8')).toContain(result.endedEarly.en);
    };
    const cutDir = (cut: number, by: string): string => changed(`cut-${by}-${cut}`, (whole) => whole.slice(0, cut));
    for (const cut of cuts) {
      const dir = cutDir(cut, 'here');
      writeReports(evaluate(dir), dir);
      expectEndedEarly(dir);
    }
    // The command itself, which does the same in a process of its own.
    for (const cut of [...cuts.slice(0, 3), ...cuts.slice(-2)]) {
      const dir = cutDir(cut, 'command');
      const { code, stderr } = await home.run('report', dir);
      expect(`${cut}: ${code} ${stderr}`).toMatch(/: 0 .*ended early/);
      expectEndedEarly(dir);
    }
  }, 240_000);
});
