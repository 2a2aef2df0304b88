/** `backup run` on the embedded registry: once a slot, made up once, one at a time; and the unit files that start it. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliHome, cliHome, repo } from '../support/cli.js';

let home: CliHome;
let plan = '';
let backups = '';
beforeAll(async () => {
  home = cliHome(27_100);
  backups = join(home.dir, 'backups');
  plan = join(home.dir, 'plan.yaml');
  const builtIn = readFileSync(join(repo, 'templates/recovery-plan.yaml'), 'utf8');
  writeFileSync(plan, builtIn);
  const up = await home.run('lab', 'up', 'antietcd-3');
  expect(up.code, up.stderr).toBe(0);
}, 60_000);
afterAll(() => home?.dispose());

const backupRun = (...more: readonly string[]) =>
  home.run('backup', 'run', '--target', 'lab:antietcd-3', '--plan', plan, '--to', backups, ...more);
const archives = (): readonly string[] =>
  readdirSync(backups).filter((name) => name.startsWith('registry-backup-') && name.endsWith('.tar.gz'));

test('does what is due, once; says first what that is', { timeout: 120_000 }, async () => {
  const dry = await backupRun('--dry-run', '--json');
  expect(dry.code, dry.stderr).toBe(0);
  expect(JSON.parse(dry.stdout)).toMatchObject({ due: { type: 'full', slot: 'full' }, missed: [], written: null });

  const first = await backupRun();
  expect(first.code, first.stderr).toBe(0);
  expect(first.stderr).toMatch(/Due: full \(full \d{4}-/);
  expect(archives()).toHaveLength(1);

  const again = await backupRun();
  expect(again.code, again.stderr).toBe(0);
  // A slot may have come between the two.
  if (again.stderr.includes('Nothing is due')) expect(archives()).toHaveLength(1);
  expect(again.stderr).toContain('Next: ');
});

test('two at a time exclude each other', { timeout: 120_000 }, async () => {
  const other = join(home.dir, 'raced');
  mkdirSync(other);
  const both = await Promise.all(
    [1, 2].map(() => home.run('backup', 'run', '--target', 'lab:antietcd-3', '--plan', plan, '--to', other)),
  );
  const codes = both.map(({ code }) => code).toSorted();
  // Either they met at the lock, or one came after the other and found nothing due.
  expect(codes[0], both.map(({ stderr }) => stderr).join('\n')).toBe(0);
  if (codes[1] !== 0) {
    expect(codes[1]).toBe(4);
    expect(both.find(({ code }) => code === 4)?.stderr).toMatch(/Another backup run \(process \d+\)/);
  }
  expect(readdirSync(other).filter((name) => name.endsWith('.tar.gz'))).toHaveLength(1);
});

test.each([
  {
    scheduler: 'cron',
    says: [
      /^\*\/5 \* \* \* \* cd \S+ && \S+env FIREDRILL_STATE=\S+ \S*node\S* \S+ backup run --target lab:antietcd-3 --plan \S+ --to \S+$/m,
    ],
  },
  {
    scheduler: 'systemd',
    says: [
      /^WorkingDirectory=\/\S+$/m,
      /^ExecStart=\S+env FIREDRILL_STATE=\S+ \S*node\S* \S+ backup run --target lab:antietcd-3/m,
      /^OnCalendar=Sun \*-\*-\* 02:00:00 Asia\/Shanghai$/m,
      /^OnCalendar=Mon,Tue,Wed,Thu,Fri,Sat \*-\*-\* 02:00:00 Asia\/Shanghai$/m,
      /^OnCalendar=\*-\*-\* \*:00:00 Asia\/Shanghai$/m,
      /^Persistent=true$/m,
    ],
  },
])('prints what $scheduler needs, and does nothing', async ({ scheduler, says }) => {
  const before = archives();
  const { code, stdout, stderr } = await backupRun('--print-units', scheduler);
  expect(code, stderr).toBe(0);
  for (const text of says) expect(stdout).toMatch(text);
  expect(stdout).not.toContain('print-units');
  expect(archives()).toEqual(before);
});

test('a tier that takes encrypted archives only is refused, and so is a plan without a calendar', async () => {
  // A key that only opens; the tier's own key would encrypt.
  const opening = ['--identity', join(home.dir, 'identity.txt')];
  const tier = await home.run('backup', 'run', '--target', 'lab:antietcd-3', '--plan', plan, ...opening);
  expect(tier.code).toBe(4);
  expect(tier.stderr).toMatch(/local takes encrypted archives only/);
  const bare = join(home.dir, 'bare.yaml');
  const text = readFileSync(plan, 'utf8').replace(/^calendar:\n(?: {2}.*\n)+/m, '');
  writeFileSync(`${bare}.tmp`, text);
  renameSync(`${bare}.tmp`, bare);
  const none = await home.run('backup', 'run', '--target', 'lab:antietcd-3', '--plan', bare, '--to', backups);
  expect(none.code).toBe(4);
  expect(none.stderr).toMatch(/has no calendar/);
});
