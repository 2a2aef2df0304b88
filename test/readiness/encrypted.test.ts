/** What `readiness` says of encrypted tiers to somebody without the key: what labels tell, and otherwise that it is unknown. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Readiness } from '../../src/readiness/index.js';
import { type CliHome, cliHome, repo } from '../support/cli.js';

const LIMIT_MS = 120_000;

let home: CliHome;
let tier = '';
let plan = '';
beforeAll(async () => {
  home = cliHome(18_800);
  tier = join(home.dir, 'tier');
  plan = join(home.dir, 'plan.yaml');
  mkdirSync(tier);
  const builtIn = readFileSync(join(repo, 'templates/recovery-plan.yaml'), 'utf8');
  writeFileSync(plan, builtIn.replace('place: /data/backup/registry/', `place: ${tier}`));
  for (const name of ['key', 'other']) {
    const identity = await generateIdentity();
    writeFileSync(join(home.dir, `${name}.txt`), `${identity}\n`);
    writeFileSync(join(home.dir, `${name}.pub`), `${await identityToRecipient(identity)}\n`);
  }
  const up = await home.run('lab', 'up', 'antietcd-3');
  expect(up.code, up.stderr).toBe(0);
}, LIMIT_MS);
afterAll(() => home?.dispose());

async function answerOf(number: number): Promise<{ readonly answer: string; readonly seen: string }> {
  const { stdout, stderr } = await home.run('readiness', '--plan', plan, '--out', home.reports, '--json');
  if (stdout === '') throw new Error(stderr);
  const { answers }: Readiness = JSON.parse(stdout);
  const found = answers.find((each) => each.number === number);
  return { answer: found?.answer ?? '', seen: JSON.stringify(found?.seen) };
}
const verify = (path: string, ...keys: readonly string[]) =>
  home.run('backup', 'verify', path, '--out', home.reports, ...keys);

test(
  'a verification without the right key is unknown, never damaged and never yes; one with it stands',
  async () => {
    const to = ['--encrypt-to', join(home.dir, 'key.pub')];
    const made = await home.run('backup', 'full', '--target', 'lab:antietcd-3', '--to', tier, '--json', ...to);
    expect(made.code, made.stderr).toBe(0);
    const { path }: { path: string } = JSON.parse(made.stdout);
    expect((await answerOf(2)).answer).toBe('unknown');

    const other = ['--identity', join(home.dir, 'other.txt')];
    for (const keys of [[], other]) {
      expect((await verify(path, ...keys)).code).toBe(1);
      const { answer, seen } = await answerOf(2);
      expect(answer).toBe('unknown');
      expect(seen).toMatch(/is encrypted and could not be opened at .*: its key was not at hand/);
    }

    expect((await verify(path, '--identity', join(home.dir, 'key.txt'))).code).toBe(0);
    expect((await answerOf(2)).answer).toBe('yes');
    expect((await verify(path)).code).toBe(1);
    expect((await answerOf(2)).answer).toBe('yes');

    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    expect((await verify(path)).code).toBe(1);
    expect((await answerOf(2)).answer).toBe('no');
  },
  LIMIT_MS,
);

test(
  'an encrypted archive without its label counts for nothing, and that is said',
  async () => {
    for (const file of readdirSync(tier)) if (file.endsWith('.json')) rmSync(join(tier, file));
    const { stderr } = await home.run('readiness', '--plan', plan, '--out', home.reports, '--json');
    expect(stderr).toMatch(/registry-backup-\S+\.age does not count: it has no label/);
    for (const number of [1, 2, 3]) expect((await answerOf(number)).answer).not.toBe('yes');
  },
  LIMIT_MS,
);
