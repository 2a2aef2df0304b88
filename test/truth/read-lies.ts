/** What a lying registry changes in answers to reads: a key is hidden, or shown with another value. */
import { Buffer } from 'node:buffer';

/** Key → the value to show; null = hide the key. Plain texts. */
export type ReadLies = ReadonlyMap<string, string | null>;

export const decode = (text: string): string => Buffer.from(text, 'base64').toString();
export const encode = (text: string): string => Buffer.from(text).toString('base64');

interface RangeAnswer {
  kvs?: { key: string; value: string }[];
}

/** Changes the answer to a range over the folder `folder`. */
export function bendRange(body: string, folder: string, lies: ReadLies): string {
  const answer: RangeAnswer = JSON.parse(body);
  const kvs = new Map((answer.kvs ?? []).map((kv) => [decode(kv.key), kv]));
  for (const [key, value] of lies) {
    if (!key.startsWith(folder)) continue;
    if (value === null) kvs.delete(key);
    else kvs.set(key, { ...kvs.get(key), key: encode(key), value: encode(value) });
  }
  return JSON.stringify({ ...answer, kvs: [...kvs.values()], count: String(kvs.size) });
}

interface Branch {
  value?: string;
  children?: Record<string, Branch>;
}

/** Changes antietcd's dump: a tree of path parts; values are plain texts there. */
export function bendDump(body: string, lies: ReadLies): string {
  const dump: { state: Branch } = JSON.parse(body);
  for (const [key, value] of lies) {
    let branch = dump.state;
    for (const part of key.split('/')) {
      branch.children ??= {};
      branch.children[part] ??= {};
      branch = branch.children[part];
    }
    if (value === null) delete branch.value;
    else branch.value = value;
  }
  return JSON.stringify(dump);
}
