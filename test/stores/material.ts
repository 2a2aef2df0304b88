/** Files to be put, whole, cut off or wrong. */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Progress, Source, Store } from '../../src/core/store.js';

/** Bytes that no two places of it share. */
export function someBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const sourceOf = (bytes: Buffer, chunkBytes = 64 * 1024): Source => ({
  bytes: bytes.length,
  sha256: sha256(bytes),
  read: async function* () {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  },
});

export const readAll = async (store: Store, file: string, fromByte = 0): Promise<Buffer> =>
  buffer(store.read(file, { fromByte }));

/** Puts the file and stops once this much is there; resolves when the put has ended. */
export async function cutOffAt(store: Store, file: string, source: Source, bytes: number): Promise<void> {
  const stop = new AbortController();
  const onProgress = ({ doneBytes }: Progress): void => {
    if (doneBytes >= bytes) stop.abort();
  };
  await store.put(file, source, { signal: stop.signal, onProgress }).then(
    () => {
      throw new Error('the put was not cut off');
    },
    (error: unknown) => {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'interrupted') throw error;
    },
  );
}
