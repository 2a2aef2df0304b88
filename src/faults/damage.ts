/** Damaging a file: which one, how, and what its bytes are afterwards. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';

export const DAMAGES = ['flip', 'cut'] as const;
export type Damage = (typeof DAMAGES)[number];

interface Candidate {
  readonly path: string;
  readonly changedMs: number;
}

/** The newest file (the write-ahead log of a busy node) whose path holds the text; null = none. Relative to `data`; '' = `data` is the file. */
export async function newestFile(data: string, holding: string): Promise<string | null> {
  if ((await stat(data)).isFile()) return basename(data).includes(holding) ? '' : null;
  const entries = await readdir(data, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const fitting = paths.filter((path) => relative(data, path).includes(holding) && !path.endsWith('.tmp'));
  const candidates: Candidate[] = await Promise.all(
    fitting.map(async (path) => ({ path, changedMs: (await stat(path)).mtimeMs })),
  );
  const [newest] = candidates.filter(({ path }) => path !== '').sort((a, b) => b.changedMs - a.changedMs);
  return newest === undefined ? null : relative(data, newest.path);
}

/** Logs are laid out ahead with zeros: only what is in use counts. */
function usedLength(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end;
}

/** Flipped or cut in the middle of what is in use; null = there is nothing to damage. */
export async function damaged(path: string, how: Damage, count: number): Promise<Buffer | null> {
  const bytes = await readFile(path);
  const used = usedLength(bytes);
  if (used < 2) return null;
  const middle = Math.floor(used / 2);
  if (how === 'cut') return bytes.subarray(0, middle);
  for (let at = middle; at < Math.min(middle + count, used); at += 1) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  return bytes;
}
