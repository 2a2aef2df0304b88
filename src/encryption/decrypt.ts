import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Decrypter } from 'age-encryption';
import type { KeyFiles } from '../core/archive-cipher.js';
import { WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';
import { type AgeHeader, lockedHow, readAgeHeader, withPassphrase } from './header.js';
import { keyLines, keyUnreadable, passphraseIn } from './key-files.js';
import { passphraseIdentity } from './passphrase.js';
import { chunksOf, webStream } from './web-stream.js';

/** What the library says when every stanza was tried. A damaged header can end there too. */
const NO_MATCH = /no identity matched/;

export async function* decryptFile(keys: KeyFiles, path: string): AsyncGenerator<Uint8Array> {
  const header = await readAgeHeader(path);
  if (header === null) throw damaged(path, 'it does not begin as an age file does');
  const { decrypter, tried } = await decrypterOf(keys);
  if (tried === 0) throw keyMissing(path, header);
  const file = createReadStream(path);
  try {
    yield* chunksOf(await decrypter.decrypt(webStream(file)));
  } catch (error) {
    if (error instanceof WorldError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw NO_MATCH.test(why) ? keyWrong(path, header, keys) : damaged(path, why);
  } finally {
    file.destroy();
  }
}

export async function decrypterOf(keys: KeyFiles): Promise<{ readonly decrypter: Decrypter; readonly tried: number }> {
  const { Decrypter: Age } = await import('age-encryption');
  const decrypter = new Age();
  let tried = 0;
  for (const file of keys.identities ?? []) {
    for (const line of await keyLines(file)) {
      try {
        decrypter.addIdentity(line);
      } catch {
        throw keyUnreadable(
          file,
          bi(`key ${tried + 1} in it is not an age identity`, `其中第 ${tried + 1} 个密钥不是 age 身份私钥`),
        );
      }
      tried += 1;
    }
  }
  if (keys.passphrase !== undefined) {
    decrypter.addIdentity(passphraseIdentity(await passphraseIn(keys.passphrase)));
    tried += 1;
  }
  return { decrypter, tried };
}

const HOW_TO_GIVE = bi(
  'give the right one with --identity FILE or --passphrase-file FILE; the registry was not touched',
  '请用 --identity 文件 或 --passphrase-file 文件 提供正确的密钥；注册中心未被触碰',
);

function keyMissing(path: string, header: AgeHeader): WorldError {
  const how = lockedHow(header);
  const file = basename(path);
  return new WorldError({
    code: 'key-missing',
    message: bi(`${file} is encrypted ${how.en}, and no key was given`, `${file} 已${how.zh}加密，但未提供密钥`),
    hint: HOW_TO_GIVE,
  });
}

/** Which keys would open it is not in an age file; which were tried, and of what sort it wants, can be said. */
function keyWrong(path: string, header: AgeHeader, keys: KeyFiles): WorldError {
  const how = lockedHow(header);
  const file = basename(path);
  const given = [...(keys.identities ?? []), ...(keys.passphrase === undefined ? [] : [keys.passphrase])];
  const names = given.map((name) => basename(name)).join(', ');
  const sort =
    withPassphrase(header) && keys.passphrase === undefined
      ? bi(`, and only private keys were given (${names})`, `，而只提供了私钥（${names}）`)
      : !withPassphrase(header) && (keys.identities ?? []).length === 0
        ? bi(`, and only a passphrase was given (${names})`, `，而只提供了口令（${names}）`)
        : bi(
            `, and what is in ${names} does not open it (the wrong key, or a damaged header)`,
            `，而 ${names} 中的密钥无法打开它（密钥不对，或文件头已损坏）`,
          );
  return new WorldError({
    code: 'key-wrong',
    message: bi(`${file} is encrypted ${how.en}${sort.en}`, `${file} 已${how.zh}加密${sort.zh}`),
    hint: HOW_TO_GIVE,
  });
}

const damaged = (path: string, why: string): WorldError =>
  new WorldError({
    code: 'archive-damaged',
    message: bi(`${basename(path)} does not decrypt: ${why}`, `${basename(path)} 无法解密：${why}`),
    hint: bi('take another copy of it, or an earlier one', '请改用它的另一份副本，或更早的备份'),
  });
