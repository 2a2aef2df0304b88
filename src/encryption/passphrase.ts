/** age's passphrase stanza with Node's own scrypt: three times as fast as one in JavaScript, and it does not block. */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import type { Identity, Recipient, Stanza } from 'age-encryption';

const LABEL = 'age-encryption.org/v1/scrypt';
const WORK_FACTOR = 18;
/** 1 GiB of memory; `age` itself writes 18. */
const MAX_WORK_FACTOR = 20;
const TAG_BYTES = 16;
const WRAPPED_BYTES = 16 + TAG_BYTES;
const NONCE = Buffer.alloc(12);
const TAG = { authTagLength: TAG_BYTES } as const;

type MakeStanza = new (args: string[], body: Uint8Array) => Stanza;

export const passphraseRecipient = (passphrase: string, MadeStanza: MakeStanza): Recipient => ({
  wrapFileKey: async (fileKey) => {
    const salt = randomBytes(16);
    const cipher = createCipheriv('chacha20-poly1305', await keyOf(passphrase, salt, WORK_FACTOR), NONCE, TAG);
    const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
    return [new MadeStanza(['scrypt', unpadded(salt), String(WORK_FACTOR)], body)];
  },
});

export const passphraseIdentity = (passphrase: string): Identity => ({
  unwrapFileKey: async (stanzas) => {
    const stanza = stanzas.find(({ args }) => args[0] === 'scrypt');
    if (stanza === undefined) return null;
    const [, saltText = '', factorText = ''] = stanza.args;
    const salt = Buffer.from(saltText, 'base64');
    const factor = Number(factorText);
    if (stanzas.length !== 1 || stanza.args.length !== 3 || salt.length !== 16 || unpadded(salt) !== saltText)
      throw new Error('the passphrase stanza is damaged');
    if (!/^[1-9]\d?$/.test(factorText) || factor > MAX_WORK_FACTOR || stanza.body.length !== WRAPPED_BYTES)
      throw new Error(`the passphrase stanza is damaged, or its work factor is above ${MAX_WORK_FACTOR}`);
    return unwrap(stanza.body, await keyOf(passphrase, salt, factor));
  },
});

function unwrap(body: Uint8Array, key: Buffer): Uint8Array | null {
  const decipher = createDecipheriv('chacha20-poly1305', key, NONCE, TAG);
  decipher.setAuthTag(body.subarray(-TAG_BYTES));
  const fileKey = decipher.update(body.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
    return new Uint8Array(fileKey);
  } catch {
    // Not this passphrase: for the caller to say.
    return null;
  }
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

function keyOf(passphrase: string, salt: Buffer, factor: number): Promise<Buffer> {
  const N = 2 ** factor;
  const options = { N, r: 8, p: 1, maxmem: 128 * 8 * N + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, Buffer.concat([Buffer.from(LABEL), salt]), 32, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
