/** A drill that puts its backups into tiers of the recovery plan, and restores from one: a real S3 server, real age keys. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingS3 } from '../setup/s3.js';
import { planWith } from '../stores/killed-copy.js';
import { type CliHome, cliHome, until } from '../support/cli.js';
import { type S3Server, s3Server } from '../support/s3-server.js';
import * as scene from './scene.js';

const LIMIT_MS = 120_000;
const LAB = 'antietcd-3';

describe.skipIf(missingS3() !== null)('a drill and the tiers of its recovery plan', () => {
  let home: CliHome;
  let server: S3Server;
  let bucket: string;
  beforeAll(async () => {
    home = cliHome(20_440);
    server = await s3Server(20_490);
    bucket = server.bucket('backups');
    const identity = await generateIdentity();
    writeFileSync(join(home.dir, 'tier.key'), `${identity}\n`);
    writeFileSync(join(home.dir, 'tier.pub'), `${await identityToRecipient(identity)}\n`);
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = server.env;
    writeFileSync(join(home.dir, 's3'), `aws_access_key_id=${id}\naws_secret_access_key=${secret}\n`, { mode: 0o600 });
    planWith(
      home,
      `  nas:
    kind: directory
    title: NAS
    place: ./nas
    keep: 30d
    for: test
    countsAsAnotherPlace: false
    encryption: { recipients: ./tier.pub, identity: ./tier.key }
  object:
    kind: s3
    title: S3
    endpoint: ${server.endpoint}
    bucket: backups
    credentials: ./s3
    keep: 90d
    for: test
    countsAsAnotherPlace: true
    encryption: { none: a test }`,
    );
    await scene.labUp(home, LAB);
  }, LIMIT_MS);
  afterAll(async () => {
    await home?.dispose();
    await server?.dispose();
  });

  const edited = (edit: (text: string) => string): string => {
    const path = scene.drillCopy(home, LAB, 'drills/other-site-copy.drill.yaml');
    const text = readFileSync(path, 'utf8').replace('kind: partial', 'kind: partial\nrecoveryPlan: plan.yaml');
    writeFileSync(path, edit(text));
    return path;
  };
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

  test('full and increment go to S3 and come back from there; what goes to a tier with a key is encrypted', {
    timeout: LIMIT_MS,
  }, async () => {
    const path = edited((text) =>
      text
        .replace('{ id: full, backup: full,', '{ id: full, backup: full, tier: object,')
        .replace('{ id: increment, backup: incremental,', '{ id: increment, backup: incremental, tier: object,')
        .replace(
          / {4}- id: copy-to-other-site\n.*\n.*\n/,
          '    - { id: sealed, backup: full, to: sealed, tier: nas }\n',
        )
        .replace(/run: \[node.*\]/, "run: [rm, -r, '{archives}/backups']")
        .replace("- { in: '{archives}/other-site' }", '- { tier: object }'),
    );
    const ended = await scene.runDrill(home, path);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.of('restore.tried').map(({ where, outcome }) => `${where.en} ${outcome}`)).toEqual([
      'this run’s backups passed-over',
      'tier object taken',
    ]);
    const [full, sealed, increment] = ended.result.backups;
    expect(ended.of('restore.chosen')[0]?.file).toBe(`from-tier-object/${basename(increment?.file ?? '')}`);
    // In the bucket lie the bytes that were written, and their labels.
    for (const { file = '', sha256: promised } of [full, increment].flatMap((one) => one ?? []))
      expect(sha256(readFileSync(join(bucket, basename(file))))).toBe(promised);
    expect(readdirSync(bucket).filter((name) => !name.startsWith('.')).length).toBe(4);
    expect(sealed?.file).toMatch(/^sealed\/.*\.tar\.gz\.age$/);
    const copy = join(home.dir, 'nas', basename(sealed?.file ?? ''));
    expect(sha256(readFileSync(copy))).toBe(sealed?.sha256);
    const withoutKey = await home.run('backup', 'verify', copy);
    expect([withoutKey.code, withoutKey.stdout + withoutKey.stderr]).toMatchObject([1, /key/]);
    const opened = await home.run('backup', 'verify', copy, '--identity', join(home.dir, 'tier.key'));
    expect(opened.code, opened.stderr).toBe(0);
    const said = ended.of('step.ended').find(({ step }) => step === 'increment')?.reason?.en ?? '';
    expect(said).toMatch(
      /; in tier object: 2 archives of its chain, \d+ bytes, \d+ of them copied in \d+ ms and checked/,
    );
    const [, all = 0, copied = 0] = (/(\d+) bytes, (\d+) of them/.exec(said) ?? []).map(Number);
    expect(copied).toBe(increment?.bytes);
    expect(all).toBe((full?.bytes ?? 0) + copied);
  });

  test('an encrypted tier is opened with the key that the plan names for it', { timeout: LIMIT_MS }, async () => {
    const path = edited((text) =>
      text
        .replace('{ id: full, backup: full,', '{ id: full, backup: full, tier: nas,')
        .replace(/run: \[cp.*\]/, "run: [rm, -r, '{archives}/backups']")
        .replace(/run: \[node.*\]/, "run: [rm, -r, '{archives}/backups']")
        .replace("- { in: '{archives}/other-site' }", '- { tier: nas }'),
    );
    const ended = await scene.runDrill(home, path);
    expect(ended.code, ended.stderr).toBe(0);
    const [full] = ended.result.backups;
    expect(ended.of('restore.chosen')[0]?.file).toBe(`nas/${basename(full?.file ?? '')}`);
    expect(full?.file).toMatch(/\.tar\.gz\.age$/);
    expect(JSON.stringify(ended.result)).not.toContain('AGE-SECRET-KEY');
  });

  test('a tier that cannot be reached: the step fails, nothing was broken', { timeout: LIMIT_MS }, async () => {
    await server.stop();
    const path = edited((text) => text.replace('{ id: full, backup: full,', '{ id: full, backup: full, tier: object,'));
    const ended = await scene.runDrill(home, path);
    await server.start();
    expect(ended.code, ended.stderr).toBe(4);
    expect(ended.stderr).toMatch(/connect|refused|reach/i);
    expect(ended.of('fault.requested')).toEqual([]);
  });

  test(
    'backup incremental straight into S3: on the newest there; where there is none a full one, and that is told',
    async () => {
      const cold = server.bucket('cold');
      const plan = join(home.dir, 'cold.yaml');
      writeFileSync(plan, readFileSync(join(home.dir, 'plan.yaml'), 'utf8').replace('bucket: backups', 'bucket: cold'));
      const take = async () => {
        const to = ['--target', `lab:${LAB}`, '--to', 'object', '--plan', plan];
        const { code, stdout, stderr } = await home.run('backup', 'incremental', ...to, '--json');
        expect(code, stderr).toBe(0);
        const taken = { ...JSON.parse(stdout), stderr };
        // Names hold the second: two of one second would be siblings.
        await until('the next second', () => Date.now() >= Date.parse(taken.backupTimeUtc) + 1_000);
        return taken;
      };
      const first = await take();
      expect(first).toMatchObject({
        type: 'full',
        stderr: expect.stringContaining('A full backup instead of an increment'),
      });
      const second = await take();
      expect(second).toMatchObject({ type: 'incremental', parent: { file: first.fileName }, base: first.fileName });
      const third = await take();
      expect(third).toMatchObject({ type: 'incremental', parent: { file: second.fileName }, base: first.fileName });
      expect(readdirSync(cold).filter((name) => name.endsWith('.tar.gz'))).toEqual(
        [first, second, third].map(({ fileName }) => fileName),
      );
      rmSync(join(cold, `${first.fileName}.json`));
      const cut = await take();
      expect(cut).toMatchObject({ type: 'full', stderr: expect.stringContaining(first.fileName) });
      expect(
        readdirSync(home.state)
          .filter((name) => name === 'staging')
          .flatMap((name) => readdirSync(join(home.state, name))),
      ).toEqual([]);
    },
    LIMIT_MS,
  );

  test('a tier that the plan does not have is found before the run', async () => {
    const path = edited((text) =>
      text.replace('{ id: full, backup: full,', '{ id: full, backup: full, tier: objects,'),
    );
    const { code, stdout, stderr } = await home.run('validate', path);
    expect([code, stdout + stderr]).toMatchObject([3, /has no tier “objects”[\s\S]*object/]);
  });
});
