/** The shipped drills whose restore cannot take the first backup, and what is made of them: newer damage, less at hand. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FallbackTry } from '../../src/core/measurement.js';
import { type CliHome, cliHome, repo } from '../support/cli.js';
import { type LabName, missingLab } from '../support/cluster.js';
import { expectArchives, expectPassed } from './passes.js';
import * as scene from './scene.js';

const LIMIT_MS = 300_000;
const WIPED = { faults: [{ step: 'lose-data', name: 'registry.wipe', targets: [] }] };
/** Told before it is hurried: the wrong key, a damaged archive. */
const SECONDS_MS = 5_000;

describe.each<{ readonly lab: LabName; readonly basePort: number }>([
  { lab: 'antietcd-3', basePort: 20_200 },
  { lab: 'etcd-3', basePort: 20_280 },
])('on $lab', ({ lab, basePort }) => {
  const why = missingLab(lab);
  let home: CliHome;
  beforeAll(async () => {
    if (why !== null) return;
    home = cliHome(basePort);
    await scene.labUp(home, lab);
  }, LIMIT_MS);
  afterAll(() => home?.dispose());

  const timed = { timeout: LIMIT_MS, skip: why !== null };
  const run = (name: string, edit: Edit = (text) => text) => runEdited(home, { lab, name, edit });

  test('latest-backup-damaged: the chain before it, and what came between the two is the price', timed, async () => {
    const ended = await run('latest-backup-damaged');
    expectPassed(ended, { ...WIPED, recoveryMs: [500, 55_000], lossless: false, issues: dataIssues(ended, 'damaged') });
    expectWhole(ended, { whole: ['earlier-full', 'earlier-increment', 'latest-increment'] });
    const [, increment, latest, newest] = ended.result.backups.map(({ file }) => file);
    expect(outcomes(ended)).toEqual([`damaged ${newest}`, `damaged ${latest}`, `taken ${increment}`]);
    expectToldFirst(ended);
    const { loss } = ended.result;
    const [fallback] = ended.result.fallbacks;
    expect(fallback?.olderByMs).toBeGreaterThan(2_900);
    expect(fallback?.olderByMs).toBeLessThan(15_000);
    // 20 writes a second for 3 s lie between the two, and some of them were overwritten later.
    expect(fallback?.lostBetween).toBeGreaterThan(20);
    expect(fallback?.lostBetween).toBeLessThanOrEqual(loss?.records ?? 0);
    expectOnlyLab(ended);
  });

  test('other-site-copy: everything at hand is damaged, and the copy that is older is taken', timed, async () => {
    const ended = await run('other-site-copy');
    expectPassed(ended, { ...WIPED, recoveryMs: [500, 55_000], lossless: false, issues: dataIssues(ended, 'damaged') });
    const [full, increment] = ended.result.backups.map(({ file }) => file);
    const copy = `other-site/${basename(full ?? '')}`;
    expect(outcomes(ended)).toEqual([`damaged ${increment}`, `damaged ${full}`, `taken ${copy}`]);
    expectToldFirst(ended);
    const [fallback] = ended.result.fallbacks;
    expect(fallback?.tries.map(({ where }) => where.en)).toEqual([
      'this run’s backups',
      'this run’s backups',
      'other-site',
    ]);
    expect(fallback?.olderByMs).toBeGreaterThan(1_900);
    expect(fallback?.lostBetween).toBeGreaterThan(0);
    expectOnlyLab(ended);
  });

  test(
    'key-missing: it is the key, told in seconds and before anything is touched; no key is left',
    timed,
    async () => {
      const ended = await run('key-missing');
      expectPassed(ended, { ...WIPED, recoveryMs: [500, 55_000], lossless: false, issues: dataIssues(ended, 'key') });
      expectArchives(ended, 1);
      const [full] = ended.result.backups.map(({ file }) => file);
      expect(full).toMatch(/\.tar\.gz\.age$/);
      expect(outcomes(ended)).toEqual([`key ${full}`, `taken ${full}`]);
      expectToldFirst(ended);
      expect(ended.result.fallbacks[0]).toMatchObject({ olderByMs: 0, lostBetween: 0 });
      for (const name of readdirSync(ended.dir, { recursive: true, encoding: 'utf8' }).filter((one) =>
        /\.\w+$/.test(one),
      ))
        expect(readFileSync(join(ended.dir, name)).includes('AGE-SECRET-KEY'), name).toBe(false);
      expectOnlyLab(ended);
    },
  );

  function expectOnlyLab(ended: scene.DrillRun): void {
    expect(ended.result.residue).toEqual({ checked: true, left: [] });
    expect(readdirSync(home.state)).toEqual(['labs']);
  }
});

describe('less at hand', () => {
  const lab = 'antietcd-3';
  let home: CliHome;
  beforeAll(async () => {
    home = cliHome(20_360);
    await scene.labUp(home, lab);
  }, LIMIT_MS);
  afterAll(() => home?.dispose());
  const run = (name: string, edit: Edit) => runEdited(home, { lab, name, edit });

  test.for([
    ['flip', 'damaged'],
    ['cut', 'damaged'],
    ['remove', 'damaged'],
  ])('the newest increment: %s', { timeout: LIMIT_MS }, async ([how = '', outcome = '']) => {
    const ended = await run('latest-backup-damaged', (text) => text.replace('newest-full, flip', `newest, ${how}`));
    expect(ended.code, ended.stderr).toBe(0);
    const [, , latest, newest] = ended.result.backups.map(({ file }) => file);
    expect(outcomes(ended)).toEqual([`${outcome} ${newest}`, `taken ${latest}`]);
    expect(ended.result.fallbacks[0]?.olderByMs).toBeGreaterThan(900);
  });

  test('the other site has none either: the owners register again, and nothing is lost', {
    timeout: LIMIT_MS,
  }, async () => {
    const ended = await run('other-site-copy', (text) =>
      text.replace("'{archives}/backups', '{archives}/other-site'", "'{archives}/backups', '{archives}/elsewhere'"),
    );
    expect(ended.of('restore.tried').map(({ way, outcome }) => `${way} ${outcome}`)).toEqual([
      'archives passed-over',
      'archives passed-over',
      're-register taken',
    ]);
    expect(ended.of('restore.chosen')).toEqual([]);
    expect(ended.result.fallbacks).toMatchObject([{ taken: null, byOwners: true, olderByMs: null }]);
    expect(ended.result.loss?.records).toBe(0);
    // With no archive that can be read nobody says what was there beside our own clients.
    expect(ended.result.integrity.count).toBe('unknown');
  });

  test('a tier of the recovery plan that is a folder', { timeout: LIMIT_MS }, async () => {
    const nas = join(home.dir, 'nas');
    const plan = readFileSync(join(repo, 'templates/recovery-plan.yaml'), 'utf8');
    writeFileSync(
      join(home.dir, 'recovery-plan.yaml'),
      plan.replace('place: /mnt/nas-server/backup/', `place: ${nas}`),
    );
    const ended = await run('other-site-copy', (text) =>
      text
        .replace('kind: partial', 'kind: partial\nrecoveryPlan: recovery-plan.yaml')
        .replace("'{archives}/other-site'", nas)
        .replace("{ in: '{archives}/other-site' }", '{ tier: object }\n        - { tier: nas }'),
    );
    expect(ended.code, ended.stderr).toBe(0);
    // The bucket of the plan that comes with Firedrill is nobody's: it cannot be reached, and that is told.
    expect(ended.of('restore.tried').map(({ where, outcome }) => `${where.en} ${outcome}`)).toEqual([
      'this run’s backups passed-over',
      'tier object passed-over',
      'tier nas taken',
    ]);
    expect(ended.result.issues.map(({ rule }) => rule)).toContain('backup-missing');
  });

  test('only the wrong key: told in seconds, and the registry is as it was', { timeout: LIMIT_MS }, async () => {
    const before = await scene.labUp(home, lab);
    const ended = await run('key-missing', (text) => text.replace(/ {6}fallback:\n.*\n/, ''));
    expect(ended.code).not.toBe(0);
    const restore = ended.of('step.ended').find(({ step }) => step === 'restore');
    expect(restore).toMatchObject({ outcome: 'fail' });
    expect(restore?.reason?.en).toMatch(/^The key does not open any archive, and nothing was touched/);
    expect(restore?.tookMs).toBeLessThan(SECONDS_MS);
    expect(ended.of('restore.substep')).toEqual([]);
    const rules = ended.result.issues.map(({ rule }) => rule);
    expect(rules).toContain('backup-key');
    expect(rules).not.toContain('backup-damaged');
    expect((await scene.labUp(home, lab)).map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid));
    expect(JSON.stringify([ended.result.fallbacks, ended.result.issues, ended.of('restore.tried')])).not.toContain(
      home.dir,
    );
  });

  test('a backup of another run is not put over what is there without the word: the next place', {
    timeout: LIMIT_MS,
  }, async () => {
    const { stdout } = await home.run('backup', 'full', '--target', `lab:${lab}`, '--to', join(home.dir, 'old'));
    expect(stdout.trim()).toMatch(/\.tar\.gz$/);
    const ended = await run('latest-backup-damaged', (text) =>
      text
        .replace('      inject: registry.wipe', '      inject: service.delete\n      with: { service: order-service }')
        .replace('      restore: latest', `      restore: ${join(home.dir, 'old')}\n      fallback: [{ in: latest }]`),
    );
    expect(ended.code, ended.stderr).toBe(0);
    const [first] = ended.result.fallbacks[0]?.tries ?? [];
    expect(first).toMatchObject({ outcome: 'refused', where: { en: 'old' } });
    expect(first?.reason?.en).toMatch(/^The registry holds \d+ instances/);
    expect(ended.of('restore.tried').at(-1)).toMatchObject({ outcome: 'taken', place: 1 });
  });
});

type Edit = (text: string) => string;

async function runEdited(
  home: CliHome,
  on: { readonly lab: LabName; readonly name: string; readonly edit: Edit },
): Promise<scene.DrillRun> {
  const path = scene.drillCopy(home, on.lab, `drills/${on.name}.drill.yaml`);
  writeFileSync(path, on.edit(readFileSync(path, 'utf8')));
  return scene.runDrill(home, path);
}

const outcomes = ({ result }: scene.DrillRun): readonly string[] =>
  (result.fallbacks[0]?.tries ?? []).map(({ outcome, file }: FallbackTry) => `${outcome} ${file}`);

/** Each archive that was passed over is journaled within seconds of the step, and before its first sub-step. */
function expectToldFirst({ of, result }: scene.DrillRun): void {
  const touched = of('undo.armed').find(({ undoer }) => undoer === 'restore')?.seq ?? 0;
  for (const { seq } of of('archive.refused')) expect(seq).toBeLessThan(touched);
  for (const { toldMs } of result.fallbacks[0]?.tries ?? []) expect(toldMs).toBeLessThan(SECONDS_MS);
}

function dataIssues({ result }: scene.DrillRun, rule: 'damaged' | 'key'): readonly string[] {
  const { stale = 0, resurrected = 0 } = result.ledger ?? {};
  return ['data-lost', `backup-${rule} restore`, ...(stale + resurrected > 0 ? ['old-data-back'] : [])];
}

/** Of these steps the archives are as they were written. */
function expectWhole(ended: scene.DrillRun, { whole }: { readonly whole: readonly string[] }): void {
  const backups = ended.result.backups.filter(({ step }) => whole.includes(step));
  expectArchives({ ...ended, result: { ...ended.result, backups } }, whole.length);
}
