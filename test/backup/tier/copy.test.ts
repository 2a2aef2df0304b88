import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { contentOf, copyChain, findChain, type Wanted } from '../../../src/backup/index.js';
import { type ArchiveLabel, labelName } from '../../../src/core/archive-label.js';
import { systemClock } from '../../../src/core/clock.js';
import type { Store } from '../../../src/core/store.js';
import { bytesOf, DAY_MS, folderStore, someLabel, writeLabelled } from './material.js';

const START_MS = Date.UTC(2026, 0, 4);
const BYTES = 300_000;
const dir = mkdtempSync(join(tmpdir(), 'firedrill-copy-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const made = (day: number, parent: ArchiveLabel | null): ArchiveLabel =>
  someLabel(START_MS + day * DAY_MS, parent, bytesOf(START_MS + day * DAY_MS, BYTES));

const full = made(0, null);
const first = made(1, full);
const second = made(2, first);
const branch = made(3, full);
const otherFull = made(4, null);

let from: string;
let to: string;
beforeEach(() => {
  from = mkdtempSync(join(dir, 'from-'));
  to = join(mkdtempSync(join(dir, 'to-')), 'new');
  for (const label of [full, first, second, branch, otherFull]) {
    writeLabelled(from, label, bytesOf(Date.parse(label.backup_time_utc), BYTES));
  }
});

async function copy(wanted: Wanted, target: Store = folderStore(to)): Promise<readonly string[]> {
  const source = folderStore(from);
  const chain = await findChain(source, wanted);
  return (await copyChain(chain, { from: source, to: target }, { clock: systemClock })).map(({ file }) => file);
}

const isThere = async (): Promise<readonly string[]> =>
  (await contentOf(folderStore(to))).archives.map(({ file }) => file).toReversed();

describe('copy', () => {
  it('takes what the archive stands on, and nothing else; the newest when none is named', async () => {
    expect(await copy({ which: 'file', file: second.file })).toEqual([full, first, second].map(({ file }) => file));
    expect(await isThere()).toEqual([full, first, second].map(({ file }) => file));
    for (const file of readdirSync(to)) {
      expect(readFileSync(join(to, file)).equals(readFileSync(join(from, file))), file).toBe(true);
    }
    expect(await copy({ which: 'latest' })).toEqual([otherFull.file]);
    // Again: everything is there, and stays as it is.
    expect(await copy({ which: 'file', file: second.file })).toHaveLength(3);
  });

  it('cut off after any number of steps, only whole chains are listed; run again, it ends in the same bytes', async () => {
    for (let steps = 0; steps < 6; steps += 1) {
      let left = steps;
      const target = folderStore(to);
      const dying: Store = {
        ...target,
        put: async (...args) => {
          left -= 1;
          if (left < 0) throw new Error('killed');
          return target.put(...args);
        },
      };
      await expect(copy({ which: 'file', file: second.file }, dying)).rejects.toThrow('killed');
      if (steps > 0) {
        const { archives } = await contentOf(target);
        expect(archives.map(({ file }) => file).toReversed()).toEqual(
          [full, first, second].slice(0, Math.floor(steps / 2)).map(({ file }) => file),
        );
      }
      await copy({ which: 'file', file: second.file });
      expect(readdirSync(to)).toHaveLength(6);
      rmSync(to, { recursive: true });
    }
  });

  it('says which file is missing of a chain, and copies nothing', async () => {
    rmSync(join(from, first.file));
    await expect(copy({ which: 'file', file: second.file })).rejects.toMatchObject({
      code: 'chain-broken',
      text: { en: `${second.file} stands on ${first.file}, which is not in ${from} (or has no sound label)` },
    });
    expect(() => readdirSync(to)).toThrow();
  });

  it('does not take another archive of the same name for the parent', async () => {
    writeLabelled(from, { ...first, snapshot_sha256: '0'.repeat(64) }, readFileSync(join(from, first.file)));
    await expect(copy({ which: 'file', file: second.file })).rejects.toMatchObject({ code: 'chain-broken' });
  });

  it('a damaged archive is not put in place, what stands on it neither', async () => {
    const bytes = readFileSync(join(from, first.file));
    bytes[BYTES / 2] = (bytes[BYTES / 2] ?? 0) ^ 1;
    writeFileSync(join(from, first.file), bytes);
    await expect(copy({ which: 'file', file: second.file })).rejects.toMatchObject({ code: 'source-changed' });
    expect(await isThere()).toEqual([full.file]);
    expect(readdirSync(to).sort()).toEqual([full.file, labelName(full.file)]);
  });

  it.each([
    ['that is not there', 'registry-backup-20000101-000000.tar.gz', 'archive-not-found'],
    ['whose label is damaged', second.file, 'archive-not-found'],
  ])('says so of an archive %s', async (_, file, code) => {
    writeFileSync(join(from, labelName(second.file)), '{}');
    await expect(copy({ which: 'file', file })).rejects.toMatchObject({ code });
  });
});

describe('what is in a store', () => {
  it('tells what is whole, what looks like a backup and is none, and what is somebody else’s', async () => {
    writeFileSync(join(from, first.file), 'cut off');
    rmSync(join(from, second.file));
    writeFileSync(join(from, labelName(branch.file)), readFileSync(join(from, labelName(full.file))));
    writeFileSync(join(from, 'registry-backup-20260201-000000-2.tar.gz.age'), 'x');
    writeFileSync(join(from, 'notes.txt'), 'x');
    const { archives, orphans, unusable, others } = await contentOf(folderStore(from));
    expect(archives.map(({ file }) => file)).toEqual([otherFull.file, full.file]);
    expect(orphans.map(({ file }) => file)).toEqual([second.file]);
    expect(Object.fromEntries(unusable.map(({ file, why }) => [file, why.en]))).toEqual({
      [labelName(branch.file)]: `a label that is not usable: it is the label of ${full.file}`,
      [branch.file]: 'no label: a copy that is not finished, or an older archive',
      [first.file]: `it has 7 bytes, its label says ${BYTES}`,
      [second.file]: 'its label is here, the archive is missing',
      'registry-backup-20260201-000000-2.tar.gz.age': 'no label: a copy that is not finished, or an older archive',
    });
    expect(others).toEqual(['notes.txt']);
  });
});
