/** What an age file says in the clear: how it was encrypted, never for whom. */
import { open } from 'node:fs/promises';
import { type Bilingual, bi } from '../core/text.js';

const HEADER_LIMIT_BYTES = 64 * 1024;
const VERSION = 'age-encryption.org/v1\n';

export interface AgeHeader {
  /** One per key that opens it: `X25519`, `scrypt` (a passphrase), `ssh-ed25519` … */
  readonly locks: readonly string[];
}

/** Null: it does not begin as an age file does. */
export async function readAgeHeader(path: string): Promise<AgeHeader | null> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_LIMIT_BYTES), 0, HEADER_LIMIT_BYTES, 0);
    const text = buffer.subarray(0, bytesRead).toString('latin1');
    const end = text.indexOf('\n--- ');
    if (!text.startsWith(VERSION) || end === -1) return null;
    const locks = [...text.slice(0, end + 1).matchAll(/^-> (\S+)/gm)].map(([, kind = '']) => kind);
    return locks.length === 0 ? null : { locks };
  } finally {
    await file.close();
  }
}

export const withPassphrase = ({ locks }: AgeHeader): boolean => locks.includes('scrypt');

export function lockedHow({ locks }: AgeHeader): Bilingual {
  if (locks.includes('scrypt')) return bi('with a passphrase', '使用口令');
  const { length } = locks;
  const ssh = locks.some((lock) => lock.startsWith('ssh-'));
  const kind = ssh
    ? bi(' (SSH keys among them, which only the program `age` opens)', '（含 SSH 密钥，只有 `age` 程序能打开）')
    : bi('', '');
  return length === 1
    ? bi(`for one key${kind.en}`, `针对 1 个密钥${kind.zh}`)
    : bi(`for ${length} keys${kind.en}`, `针对 ${length} 个密钥${kind.zh}`);
}
