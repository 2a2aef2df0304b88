/** What every kind of store must do. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../src/core/store.js';
import { cutOffAt, readAll, someBytes, sourceOf } from './material.js';

const MIB = 1024 * 1024;

export interface Scene {
  readonly store: Store;
  /** The bytes of the file, read without our store. */
  readonly independently: (file: string) => Promise<Buffer>;
  readonly dispose: () => Promise<void>;
}

export function storeContract(
  kind: string,
  open: () => Promise<Scene>,
  { largeBytes }: { readonly largeBytes: number },
) {
  let scene: Scene;
  let store: Store;
  beforeAll(async () => {
    scene = await open();
    store = scene.store;
  });
  afterAll(() => scene.dispose());

  describe(`a store of kind ${kind}`, () => {
    it.each([0, 1, 1_000, largeBytes])('gives back the %d bytes that were put', async (length) => {
      const bytes = someBytes(length);
      const seen: number[] = [];
      const put = await store.put(`round-${length}.bin`, sourceOf(bytes), {
        onProgress: ({ doneBytes }) => seen.push(doneBytes),
      });
      expect(put.keptBytes).toBe(0);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(seen.at(-1) ?? 0).toBe(length);
      expect((await scene.independently(`round-${length}.bin`)).equals(bytes)).toBe(true);
      expect((await readAll(store, `round-${length}.bin`)).equals(bytes)).toBe(true);
      expect(await store.list()).toContainEqual(
        expect.objectContaining({ file: `round-${length}.bin`, bytes: length }),
      );
      await store.remove(`round-${length}.bin`);
      expect((await store.list()).map(({ file }) => file)).not.toContain(`round-${length}.bin`);
      await store.remove(`round-${length}.bin`);
    });

    it('reads from a byte on', async () => {
      const bytes = someBytes(200_000);
      await store.put('range.bin', sourceOf(bytes));
      expect((await readAll(store, 'range.bin', 150_001)).equals(bytes.subarray(150_001))).toBe(true);
      await store.remove('range.bin');
    });

    it('leaves what is there with the same bytes, and never replaces what has others', async () => {
      const bytes = someBytes(3_000);
      await store.put('same.bin', sourceOf(bytes));
      expect(await store.put('same.bin', sourceOf(bytes))).toMatchObject({ keptBytes: 3_000 });
      const other = sourceOf(someBytes(3_000, 2));
      await expect(store.put('same.bin', other)).rejects.toMatchObject({ code: 'store-file-differs' });
      expect((await readAll(store, 'same.bin')).equals(bytes)).toBe(true);
      await store.remove('same.bin');
    });

    it('a put that was cut off is not listed, and the next one goes on from there', async () => {
      const bytes = someBytes(largeBytes);
      const source = sourceOf(bytes);
      await cutOffAt(store, 'cut.bin', source, Math.floor(largeBytes / 2));
      expect((await store.list()).map(({ file }) => file)).not.toContain('cut.bin');
      expect((await store.unfinished()).map(({ file }) => file)).toEqual(['cut.bin']);
      const put = await store.put('cut.bin', source);
      expect(put.keptBytes).toBeGreaterThan(largeBytes / 4);
      expect(put.keptBytes).toBeLessThan(largeBytes);
      expect((await scene.independently('cut.bin')).equals(bytes)).toBe(true);
      expect(await store.unfinished()).toEqual([]);
      await store.remove('cut.bin');
    });

    it('a cut-off put of other bytes under the same name does not end in a mixture', async () => {
      await cutOffAt(store, 'mixed.bin', sourceOf(someBytes(largeBytes, 3)), Math.floor(largeBytes / 2));
      const bytes = someBytes(largeBytes - 7, 4);
      await store.put('mixed.bin', sourceOf(bytes));
      expect((await scene.independently('mixed.bin')).equals(bytes)).toBe(true);
      await store.remove('mixed.bin');
    });

    it('what a cut-off put left can be abandoned', async () => {
      await cutOffAt(store, 'left.bin', sourceOf(someBytes(largeBytes)), Math.floor(largeBytes / 2));
      for (const left of await store.unfinished()) await store.abandon(left);
      expect(await store.unfinished()).toEqual([]);
    });

    it('bytes that are not those of the checksum are never put in place', async () => {
      const bytes = someBytes(100_000);
      const source = { ...sourceOf(bytes), sha256: '0'.repeat(64) };
      await expect(store.put('wrong.bin', source)).rejects.toMatchObject({ code: 'source-changed' });
      const short = { ...sourceOf(bytes), bytes: 100_001 };
      await expect(store.put('wrong.bin', short)).rejects.toMatchObject({ code: 'source-changed' });
      expect((await store.list()).map(({ file }) => file)).not.toContain('wrong.bin');
      expect(await store.unfinished()).toEqual([]);
    });

    it('two puts of the same file at once end in its bytes', async () => {
      const bytes = someBytes(largeBytes);
      const puts = [1, 2].map(() => store.put('twice.bin', sourceOf(bytes)));
      await Promise.all(puts);
      expect((await scene.independently('twice.bin')).equals(bytes)).toBe(true);
      await store.remove('twice.bin');
    });

    it('keeps to the limit', async () => {
      const bytes = someBytes(MIB);
      const startedMs = performance.now();
      await store.put('slow.bin', sourceOf(bytes), { limitBytesPerSecond: MIB });
      const tookMs = performance.now() - startedMs;
      expect(tookMs).toBeGreaterThan(950);
      expect(tookMs).toBeLessThan(1_700);
      await store.remove('slow.bin');
    });

    it('says so when a file is not there', async () => {
      await expect(readAll(store, 'none.bin')).rejects.toMatchObject({ code: 'store-file-missing' });
    });
  });
}
