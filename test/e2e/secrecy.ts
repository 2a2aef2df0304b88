/** Whether a secret stands in anything that was written or said: as it is, as JSON spells it, in base64, and inside archives. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';

export interface Looked {
  /** Everything below it is read; an archive and a compressed copy in one too, unpacked. */
  readonly dir: string;
  readonly texts: readonly string[];
  /** The files in which the secrets are meant to stand. */
  readonly except?: readonly string[];
}

export function expectNoSecret(secrets: readonly string[], { dir, texts, except = [] }: Looked): void {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => !except.includes(path));
  const read = files.map((path) => [path, contentOf(path)] as const);
  for (const secret of secrets) {
    for (const spelled of [secret, JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString('base64')]) {
      const holding = read.filter(([path, content]) => content.includes(spelled) || path.includes(spelled));
      expect(holding.map(([path]) => path)).toEqual([]);
      expect(texts.filter((text) => text.includes(spelled))).toEqual([]);
    }
  }
}

function contentOf(path: string): Buffer {
  const bytes = readFileSync(path);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return isGzip ? gunzipSync(bytes) : bytes;
}
