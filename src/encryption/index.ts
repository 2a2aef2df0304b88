/** Archives encrypted as the program `age` does it, so that they open without Firedrill. */
import type { Cipher, KeyFiles } from '../core/archive-cipher.js';
import { decrypterOf, decryptFile } from './decrypt.js';
import { encrypterOf, encryptFile } from './encrypt.js';

export function ageCipher(keys: KeyFiles): Cipher {
  const encrypts = keys.recipients !== undefined || keys.passphrase !== undefined;
  return {
    encrypts,
    checkKeys: async () => {
      if (encrypts) await encrypterOf(keys);
      await decrypterOf(keys);
    },
    encrypt: (plain, intoPath) => encryptFile(keys, plain, intoPath),
    decrypt: (path) => decryptFile(keys, path),
  };
}
