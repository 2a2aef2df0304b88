/** A thousand random damages and more, of archives in plain text and encrypted: each is refused with a reason. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sumOfSnapshot } from '../../src/backup/content-hash.js';
import { deliver } from '../../src/backup/deliver.js';
import { backupServiceWith } from '../../src/backup/index.js';
import { backupTime } from '../../src/backup/local-time.js';
import type { Cipher } from '../../src/core/archive-cipher.js';
import { labelName } from '../../src/core/archive-label.js';
import { seededRandom } from '../../src/core/random.js';
import { ageCipher } from '../../src/encryption/index.js';
import { someParts, someSnapshot } from '../backup/material.js';

let dir: string;
let cipher: Cipher;
let secrets: readonly string[];
let plain: string;
let encrypted: string;

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
};

async function write(where: string, using?: Cipher): Promise<string> {
  const snapshot = someSnapshot();
  const native = someParts().find(({ name }) => name.endsWith('.gz'));
  if (native === undefined) throw new Error('no native copy');
  const state = sumOfSnapshot(snapshot);
  const content = { snapshot, native, stable: true, notStable: [], settingsListed: true, chain: null, state };
  const time = backupTime('2025-09-22T18:00:00.321Z', 'Asia/Shanghai');
  const steps = { run: async <T>(_: string, work: () => Promise<{ readonly value: T }>) => (await work()).value };
  const place = { dir: join(dir, where), time, signal: undefined, cipher: using };
  return (await deliver(content, place, steps)).path;
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'firedrill-damage-'));
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  secrets = [identity, recipient];
  cipher = ageCipher({ recipients: file('key.pub', recipient), identities: [file('key.txt', identity)] });
  plain = await write('plain');
  encrypted = await write('encrypted', cipher);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** One random damage: a bit, a byte, a cut, something left out, put in, doubled, blanked, or exchanged. */
function damaged(bytes: Buffer, random: () => number): Buffer {
  const below = (limit: number): number => Math.floor(random() * limit);
  const at = below(bytes.length);
  const length = 1 + below(64);
  const copy = Buffer.from(bytes);
  const before = bytes.subarray(0, at);
  switch (below(8)) {
    case 0:
    case 1:
      copy[at] = (copy[at] ?? 0) ^ (1 << below(8));
      return copy;
    case 2:
      copy[at] = ((copy[at] ?? 0) + 1 + below(255)) % 256;
      return copy;
    case 3:
      return copy.subarray(0, at);
    case 4:
      return Buffer.concat([before, bytes.subarray(at + length)]);
    case 5:
      return Buffer.concat([before, Buffer.from(Array.from({ length }, () => below(256))), bytes.subarray(at)]);
    case 6:
      return Buffer.concat([before, bytes.subarray(at, at + length), bytes.subarray(at)]);
    default:
      return copy.fill(0, at, Math.min(at + length, copy.length));
  }
}

const backups = () => backupServiceWith({ cipher });

async function verdictOf(of: string, content: Uint8Array, withLabel: boolean) {
  const path = file(basename(of), content);
  rmSync(labelName(path), { force: true });
  if (withLabel) cpSync(labelName(of), labelName(path));
  return backups().verify(path);
}

describe.each([
  ['in plain text', () => plain, 600, true],
  ['encrypted', () => encrypted, 600, true],
  ['encrypted, its label lost', () => encrypted, 150, false],
])('an archive %s', (_, path, count, withLabel) => {
  it('is sound as it was written', async () => {
    const verdict = await verdictOf(path(), readFileSync(path()), withLabel);
    expect(verdict).toMatchObject({ sound: true });
  });

  it(`is refused with a reason after each of ${count} damages`, async () => {
    const random = seededRandom(20_250_923);
    const whole = readFileSync(path());
    const accepted: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const bytes = damaged(whole, random);
      if (bytes.equals(whole)) continue;
      const verdict = await verdictOf(path(), bytes, withLabel);
      if (verdict.sound) accepted.push(`damage ${n}`);
      else expect(verdict.reason.en.length).toBeGreaterThan(15);
    }
    expect(accepted).toEqual([]);
  });
});

it('in plain text without its label, whatever is still accepted has the same content; no byte of the gzip header may differ', async () => {
  const random = seededRandom(7);
  const whole = readFileSync(plain);
  const sound = await verdictOf(plain, whole, false);
  for (let n = 0; n < 150; n += 1) {
    const verdict = await verdictOf(plain, damaged(whole, random), false);
    if (verdict.sound && sound.sound) expect(verdict.snapshot).toEqual(sound.snapshot);
  }
  for (let at = 0; at < 10; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      expect(await verdictOf(plain, bytes, false), `bit ${bit} of byte ${at}`).toMatchObject({ sound: false });
    }
  }
});

it('the wrong key, and none, are told as such at once, and never a key', async () => {
  const other = file('other.txt', await generateIdentity());
  const startedMs = performance.now();
  const wrong = await backupServiceWith({ cipher: ageCipher({ identities: [other] }) }).verify(encrypted);
  const none = await backupServiceWith().verify(encrypted);
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  expect(wrong).toMatchObject({ sound: false, key: true });
  expect(none).toMatchObject({ sound: false, key: true });
  for (const secret of [...secrets, readFileSync(other, 'utf8')]) {
    expect(JSON.stringify([wrong, none])).not.toContain(secret.slice(0, 40));
    expect(readFileSync(labelName(encrypted), 'utf8')).not.toContain(secret.slice(0, 40));
  }
});

it('a label that says other things than the archive is refused, one that is damaged is not needed', async () => {
  const label = readFileSync(labelName(plain), 'utf8');
  const path = file(basename(plain), readFileSync(plain));
  writeFileSync(labelName(path), label.replace('"revision": 7', '"revision": 8'));
  expect(await backups().verify(path)).toMatchObject({ sound: true });
  writeFileSync(labelName(path), readFileSync(labelName(encrypted)));
  expect(await backups().verify(path)).toMatchObject({ sound: false });
  expect(dirname(path)).toBe(dir);
});
