/** What is encrypted opens again, and with nothing else; nothing that is said of a failure holds a key. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorldError } from '../../src/core/errors.js';
import { ageCipher } from '../../src/encryption/index.js';

let dir: string;
const keys: { identity: string; recipient: string; identityFile: string; recipientFile: string }[] = [];
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'firedrill-cipher-'));
  for (const name of ['one', 'two', 'three']) {
    const identity = await generateIdentity();
    const recipient = await identityToRecipient(identity);
    const identityFile = file(`${name}.key`, `# created: today\n# public key: ${recipient}\n${identity}\n`);
    keys.push({
      identity,
      recipient,
      identityFile,
      recipientFile: file(`${name}.pub`, `# ${name}\n\n${recipient}\r\n`),
    });
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const key = (index: number) => {
  const found = keys[index];
  if (found === undefined) throw new Error('no such key');
  return found;
};

const failure = async (work: Promise<unknown>): Promise<WorldError> => {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof WorldError)) throw error;
  return error;
};

let made = 0;
const encrypted = async (plain: Uint8Array, recipients: string): Promise<string> => {
  made += 1;
  const into = join(dir, `${made}.tar.gz.age`);
  await ageCipher({ recipients }).encrypt([plain], into);
  return into;
};

describe('a round trip', () => {
  it.each([0, 1, 65_535, 65_536, 65_537, 400_000])('of %i bytes', async (size) => {
    const plain = Buffer.alloc(size, 'registry');
    const path = await encrypted(plain, key(0).recipientFile);
    expect(readFileSync(path).includes('registryregistry')).toBe(false);
    const opened = await buffer(ageCipher({ identities: [key(0).identityFile] }).decrypt(path));
    expect(opened.equals(plain)).toBe(true);
  });

  it('for two keys opens with either, and with the right one among several', async () => {
    const both = file('both.pub', `${key(0).recipient}\n${key(1).recipient}\n`);
    const path = await encrypted(Buffer.from('x'), both);
    for (const identities of [
      [key(0).identityFile],
      [key(1).identityFile],
      [key(2).identityFile, key(1).identityFile],
    ]) {
      expect(String(await buffer(ageCipher({ identities }).decrypt(path)))).toBe('x');
    }
  });

  it('with a passphrase', async () => {
    const passphrase = file('passphrase', 'correct horse battery\n');
    const cipher = ageCipher({ passphrase });
    const into = join(dir, 'phrase.age');
    await cipher.encrypt([Buffer.from('x')], into);
    expect(String(await buffer(cipher.decrypt(into)))).toBe('x');
    const wrong = ageCipher({ passphrase: file('other', 'incorrect horse\n') });
    expect(await failure(buffer(wrong.decrypt(into)))).toMatchObject({
      code: 'key-wrong',
      message: expect.stringMatching(
        /^phrase.age is encrypted with a passphrase, and what is in other does not open it/,
      ),
    });
    const noPhrase = ageCipher({ identities: [key(0).identityFile] });
    expect(await failure(buffer(noPhrase.decrypt(into)))).toMatchObject({
      code: 'key-wrong',
      message: 'phrase.age is encrypted with a passphrase, and only private keys were given (one.key)',
    });
  });
});

describe('what is told of a key', () => {
  it('missing: how the file was encrypted, and what to do', async () => {
    const path = await encrypted(Buffer.from('x'), key(0).recipientFile);
    const error = await failure(buffer(ageCipher({}).decrypt(path)));
    expect(error).toMatchObject({ code: 'key-missing' });
    expect(error.message).toMatch(/\.tar\.gz\.age is encrypted for one key, and no key was given$/);
    expect(error.hint?.en).toContain('--identity FILE');
  });

  it('wrong: told at once, in one sentence that names the file that was tried', async () => {
    const path = await encrypted(Buffer.alloc(1_000_000), key(0).recipientFile);
    const startedMs = performance.now();
    const error = await failure(buffer(ageCipher({ identities: [key(1).identityFile] }).decrypt(path)));
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(error).toMatchObject({ code: 'key-wrong' });
    expect(error.message).toContain('what is in two.key does not open it');
  });

  it.each([
    ['that does not exist', 'gone.key', null, 'it does not exist'],
    ['that is empty', 'empty.key', '# nothing\n', 'there is no key in it'],
    ['of another kind', 'ssh.key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me\n', 'key 1 in it is not an age'],
    [
      'with a typing error',
      'typo.key',
      'AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ\n',
      'key 1 in it is not an age',
    ],
  ])('file %s', async (_, name, content, words) => {
    const path = content === null ? join(dir, name) : file(name, content);
    for (const cipher of [ageCipher({ identities: [path] }), ageCipher({ recipients: path })]) {
      const error = await failure(cipher.checkKeys());
      expect(error).toMatchObject({ code: 'key-unreadable' });
      expect(error.message).toContain(words);
      const told = JSON.stringify([error.text, error.hint, error.cause]);
      for (const line of (content ?? '').split('\n').filter((text) => text.length > 12))
        expect(told).not.toContain(line.slice(12, 24));
    }
  });
});

it('a file cut short, one bit over, or one that is not encrypted is damaged, not wrongly keyed', async () => {
  const path = await encrypted(Buffer.alloc(200_000, 'x'), key(0).recipientFile);
  const bytes = readFileSync(path);
  const flipped = Buffer.from(bytes);
  flipped[150_000] = (flipped[150_000] ?? 0) ^ 1;
  const cut = bytes.subarray(0, 131_000);
  for (const damagedBytes of [
    cut,
    flipped,
    Buffer.from('hello'),
    Buffer.alloc(0),
    Buffer.concat([bytes, Buffer.from('x')]),
  ]) {
    const damaged = file('damaged.age', damagedBytes);
    const error = await failure(buffer(ageCipher({ identities: [key(0).identityFile] }).decrypt(damaged)));
    expect(error).toMatchObject({ code: 'archive-damaged' });
  }
});
