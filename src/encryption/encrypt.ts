import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import type { Encrypter } from 'age-encryption';
import type { Cipher, KeyFiles } from '../core/archive-cipher.js';
import { syncFolder } from '../core/durable-file.js';
import { invariant } from '../core/errors.js';
import { bi } from '../core/text.js';
import { keyLines, keyUnreadable, passphraseIn } from './key-files.js';
import { passphraseRecipient } from './passphrase.js';
import { chunksOf, webStream } from './web-stream.js';

export async function encryptFile(keys: KeyFiles, ...[plain, intoPath]: Parameters<Cipher['encrypt']>): Promise<void> {
  const encrypter = await encrypterOf(keys);
  const encrypted = await encrypter.encrypt(webStream(Readable.from(plain, { objectMode: false })));
  const file = await open(intoPath, 'wx', 0o600);
  try {
    for await (const chunk of chunksOf(encrypted)) await file.write(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(dirname(intoPath));
}

export async function encrypterOf({ recipients, passphrase }: KeyFiles): Promise<Encrypter> {
  const { Encrypter: Age, Stanza } = await import('age-encryption');
  const encrypter = new Age();
  if (recipients === undefined) {
    invariant(passphrase !== undefined, 'there is something to encrypt with');
    encrypter.addRecipient(passphraseRecipient(await passphraseIn(passphrase), Stanza));
    return encrypter;
  }
  for (const [index, line] of (await keyLines(recipients)).entries()) {
    try {
      encrypter.addRecipient(line);
    } catch {
      // Its words are of the key itself.
      throw keyUnreadable(
        recipients,
        bi(`key ${index + 1} in it is not an age recipient`, `其中第 ${index + 1} 个密钥不是 age 收件人公钥`),
      );
    }
  }
  return encrypter;
}
