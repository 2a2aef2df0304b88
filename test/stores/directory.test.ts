import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import type { Store } from '../../src/core/store.js';
import { stores } from '../../src/stores/index.js';
import { storeContract } from './contract.js';
import { someBytes, sourceOf } from './material.js';

const openDirectory = (path: string): Store => {
  const driver = stores.find('directory');
  if (driver === undefined) throw new Error('there is no store of kind directory');
  return driver.open({ kind: 'directory', path }, { clock: systemClock, env: {} });
};

storeContract(
  'directory',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'firedrill-store-'));
    return {
      store: openDirectory(join(dir, 'made', 'by', 'put')),
      independently: async (file) => readFileSync(join(dir, 'made', 'by', 'put', file)),
      dispose: async () => rmSync(dir, { recursive: true, force: true }),
    };
  },
  { largeBytes: 5 * 1024 * 1024 },
);

describe('a folder', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'firedrill-folder-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('whatever a killed put left, the next one ends in the same bytes', async () => {
    const store = openDirectory(dir);
    const bytes = someBytes(300_000);
    const left = fc.record({
      length: fc.nat(330_000),
      damagedAt: fc.option(fc.nat(329_999)),
      chunkBytes: fc.constantFrom(1_000, 65_536, 300_000),
    });
    await fc.assert(
      fc.asyncProperty(left, async ({ length, damagedAt, chunkBytes }) => {
        const partial = Buffer.concat([bytes, Buffer.alloc(30_000)]).subarray(0, length);
        if (damagedAt !== null && damagedAt < length) partial[damagedAt] = (partial[damagedAt] ?? 0) ^ 1;
        writeFileSync(join(dir, 'a.bin.partial'), partial);
        await store.put('a.bin', sourceOf(bytes, chunkBytes));
        expect(readFileSync(join(dir, 'a.bin')).equals(bytes)).toBe(true);
        await store.remove('a.bin');
      }),
      { numRuns: 150, seed: 5 },
    );
  });

  it('that is not there, or is no folder, says so in one sentence', async () => {
    await expect(openDirectory(join(dir, 'nowhere')).list()).rejects.toMatchObject({ code: 'store-unreadable' });
    writeFileSync(join(dir, 'file'), '');
    const put = openDirectory(join(dir, 'file')).put('a.bin', sourceOf(someBytes(10)));
    await expect(put).rejects.toMatchObject({ code: 'store-unwritable' });
  });
});
