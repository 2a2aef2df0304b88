/** Encrypted chains from the command line, on a live registry: made, verified, refused without their key, restored. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliHome, cliHome, type Ended } from '../support/cli.js';
import { post } from '../truth/plain-node.js';
import { agreedContent, type LabNode, labUp, put, runDrill, stateIsClean, writeDrill } from './scene.js';
import { expectNoSecret } from './secrecy.js';

const LIMIT_MS = 120_000;
const TARGET = ['--target', 'lab:antietcd-3'];
const PHRASE = 'zwei-Chinesen-ohne-Bass-und-Geige';

let home: CliHome;
let nodes: readonly LabNode[];
let secrets: readonly string[];
let keyFiles: readonly string[];
let to: readonly string[];
let key: readonly string[];
let phrase: readonly string[];
const outputs: string[] = [];

beforeAll(async () => {
  home = cliHome(18_500);
  nodes = await labUp(home);
  const [own, other] = [await generateIdentity(), await generateIdentity()];
  secrets = [own, other, PHRASE, 'not-the-phrase'].map((secret) => secret.trim());
  const file = (name: string, content: string): string => {
    const path = join(home.dir, name);
    writeFileSync(path, `${content}\n`);
    return path;
  };
  const files = {
    identity: file('key.txt', own),
    other: file('other.txt', other),
    phrase: file('phrase', PHRASE),
    wrong: file('wrong-phrase', 'not-the-phrase'),
  };
  keyFiles = Object.values(files);
  to = ['--encrypt-to', file('key.pub', await identityToRecipient(own))];
  key = ['--identity', files.identity];
  phrase = ['--passphrase-file', files.phrase];
}, LIMIT_MS);
afterAll(() => home?.dispose());

const folder = (): string => mkdtempSync(join(home.dir, 'backups-'));

async function run(...args: readonly string[]): Promise<Ended> {
  const ended = await home.run(...args);
  outputs.push(ended.stdout, ended.stderr);
  return ended;
}

async function taken(mode: 'full' | 'incremental', dir: string, ...keys: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run('backup', mode, ...TARGET, '--to', dir, '--json', ...keys);
  expect(code, stderr).toBe(0);
  const { path, type }: { path: string; type: string } = JSON.parse(stdout);
  expect(type).toBe(mode);
  expect(path).toMatch(/\.tar\.gz\.age$/);
  return path;
}

const change = (value: string): Promise<unknown> =>
  put(nodes[0] ?? { name: '', url: '', pid: 0 }, '/services/order-service/changed', value);

interface Chain {
  readonly dir: string;
  readonly paths: readonly string[];
  readonly content: Readonly<Record<string, string>>;
}

/** A full archive and so many increments, all encrypted, and what the registry held at the end; now it holds something else. */
async function chain(increments: number, ...keys: readonly string[]): Promise<Chain> {
  const dir = folder();
  const paths = [await taken('full', dir, ...keys)];
  for (let n = 1; n <= increments; n += 1) {
    await change(`change ${n}`);
    paths.push(await taken('incremental', dir, ...keys));
  }
  const content = await agreedContent(nodes);
  await change('after the backup');
  return { dir, paths, content };
}

const revisions = async (): Promise<string> => {
  const status = ({ url }: LabNode) => post<{ header?: object }>(`${url}/v3/maintenance/status`, {});
  const answers = await Promise.all(nodes.map(status));
  return JSON.stringify(answers.map(({ header }) => (header as { revision?: unknown } | undefined)?.revision));
};

/** By `backup verify` with exit 1 and by `restore` with exit 4, each with its sentence; no node saw a write. */
async function expectRefused(path: string, why: RegExp, ...keys: readonly string[]): Promise<void> {
  const before = { content: await agreedContent(nodes), revisions: await revisions() };
  const verified = await run('backup', 'verify', path, '--out', join(home.dir, 'verified'), ...keys);
  expect(verified.code).toBe(1);
  expect(verified.stdout).toMatch(why);
  const restored = await run('restore', path, ...TARGET, '--into-non-empty', ...keys);
  expect(restored.code, restored.stderr).toBe(4);
  expect(restored.stderr).toMatch(why);
  expect(restored.stderr).toContain('nothing was touched');
  expect({ content: await agreedContent(nodes), revisions: await revisions() }).toEqual(before);
  expect(stateIsClean(home)).toBe(true);
}

test(
  'a chain for one key: verified and restored with it, and with nothing else',
  async () => {
    const { dir, paths, content } = await chain(2, ...to, ...key);
    const newest = paths.at(-1) ?? '';
    const verified = await run('backup', 'verify', newest, '--out', join(home.dir, 'verified'), ...key);
    expect(verified.code, verified.stdout).toBe(0);
    expect(verified.stdout).toContain('sound, with the 2 archives that it stands on');

    await expectRefused(newest, /is encrypted, and no key was given/);
    const wrong = ['--identity', join(home.dir, 'other.txt')];
    const startedMs = performance.now();
    await expectRefused(newest, /what is in other\.txt does not open it \(the wrong key/, ...wrong);
    expect(performance.now() - startedMs).toBeLessThan(30_000);
    await expectRefused(newest, /only a passphrase was given \(phrase\)/, ...phrase);

    const restored = await run('restore', dir, ...TARGET, '--into-non-empty', ...key);
    expect(restored.code, restored.stderr).toBe(0);
    expect(await agreedContent(nodes)).toEqual(content);
  },
  LIMIT_MS,
);

test(
  'an archive that its chain stands on is missing: told by its name, before anything is touched',
  async () => {
    const { paths } = await chain(2, ...to, ...key);
    const [full = '', middle = '', newest = ''] = paths;
    rmSync(middle);
    const name = (path: string): string =>
      path
        .split('/')
        .at(-1)
        ?.replace(/\.age$/, '') ?? '';
    await expectRefused(newest, new RegExp(`${name(middle)} is missing, on which ${name(newest)}`), ...key);
    const still = await run('backup', 'verify', full, '--out', join(home.dir, 'verified'), ...key);
    expect(still.code, still.stdout).toBe(0);
  },
  LIMIT_MS,
);

test(
  'without the key antietcd’s next backup is a full one, and says why: its increments are told from the content',
  async () => {
    const dir = folder();
    await taken('full', dir, ...to);
    const { code, stderr } = await run('backup', 'incremental', ...TARGET, '--to', dir, ...to);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/A full backup instead of an increment: .*no key was given/);
    expect(readdirSync(dir).filter((name) => name.endsWith('.age'))).toHaveLength(2);
  },
  LIMIT_MS,
);

test(
  'an archive under a passphrase: restored by a drill, whose key the environment names',
  async () => {
    // One archive only: to open it takes a second, which is what age makes of a passphrase.
    const { paths, content } = await chain(0, ...phrase);
    const newest = paths.at(-1) ?? '';
    const wrong = ['--passphrase-file', join(home.dir, 'wrong-phrase')];
    const refused = await run('restore', newest, ...TARGET, '--into-non-empty', ...wrong);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(/what is in wrong-phrase does not open it/);
    const drill = writeDrill(home, {
      id: 'restored-from-encrypted',
      execute: [{ id: 'restore', restore: newest, intoNonEmpty: true }],
    });
    const without = await runDrill(home, drill);
    outputs.push(without.stdout, without.stderr);
    expect(without.code).not.toBe(0);
    const started = home.start(['run', drill, '--out', home.reports], {
      env: { FIREDRILL_PASSPHRASE_FILE: phrase.at(-1) },
    });
    const ended = await started.ended;
    outputs.push(ended.stdout, ended.stderr);
    expect(ended.stderr).toMatch(/✓ restore /);
    expect(await agreedContent(nodes)).toEqual(content);
  },
  LIMIT_MS,
);

test('no key is in any file that was written, or in anything that was said', () => {
  expect(readdirSync(home.reports).length).toBeGreaterThan(0);
  expect(outputs.length).toBeGreaterThan(20);
  expectNoSecret(secrets, { dir: home.dir, texts: outputs, except: keyFiles });
});
