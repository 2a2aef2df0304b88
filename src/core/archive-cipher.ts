/** How an archive is encrypted and opened again. Keys are files of the user; what they hold is never told to anyone. */

/** Paths. Recipients (public keys) or a passphrase to encrypt; identities (private keys) or a passphrase to open. */
export interface KeyFiles {
  readonly recipients?: string;
  readonly identities?: readonly string[];
  readonly passphrase?: string;
}

export interface Cipher {
  /** False: with these keys archives can only be opened. */
  readonly encrypts: boolean;
  /** Reads the key files: whatever is wrong with them is told before long work begins. Throws `key-unreadable`. */
  readonly checkKeys: () => Promise<void>;
  /**
   * Writes the encrypted file durably; it must not be there yet. Equal plain bytes give other encrypted ones each time:
   * encrypt once, then copy. No plain byte goes to the disk.
   */
  readonly encrypt: (plain: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, intoPath: string) => Promise<void>;
  /**
   * The plain bytes. Throws `key-missing`, `key-wrong` (before the first byte) or `archive-damaged`, at the latest after
   * the last byte: what was read is not to be used before the end was reached.
   */
  readonly decrypt: (path: string) => AsyncIterable<Uint8Array>;
}

/** Codes of the errors that say: the archive may be whole, it is the key that does not open it. */
export const KEY_CODES: readonly string[] = ['key-missing', 'key-wrong', 'key-unreadable'];
