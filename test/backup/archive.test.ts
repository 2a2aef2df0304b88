import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backupService } from '../../src/backup/index.js';
import { backupTime } from '../../src/backup/local-time.js';
import { packArchive } from '../../src/backup/pack.js';
import { writeDurably } from '../../src/core/durable-file.js';
import { ENTRIES, someParts, someSnapshot, writeArchive } from './material.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'firedrill-archive-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const reasonOf = async (bytes: Uint8Array): Promise<string | null> => {
  const path = join(dir, 'registry-backup-20250101-000000.tar.gz');
  writeFileSync(path, bytes);
  const verdict = await backupService.verify(path);
  rmSync(path);
  return verdict.sound ? null : verdict.reason.en;
};

describe('writing', () => {
  it.each([
    ['before it begins', (stop: AbortController) => stop.abort()],
    ['while it goes on', (stop: AbortController) => setImmediate(() => stop.abort())],
  ])('that is stopped %s leaves no part of a file', async (_, stopIt) => {
    const empty = mkdtempSync(join(dir, 'stopped-'));
    const stop = new AbortController();
    stopIt(stop);
    const writing = writeDurably(join(empty, 'x'), new Uint8Array(64 * 1024 * 1024), stop.signal);
    await expect(writing).rejects.toThrow();
    expect(readdirSync(empty)).toEqual([]);
  });
});

describe('the archive', () => {
  it('is read with tar, jq-like plain JSON, sha256sum -c and md5sum -c alone', async () => {
    const path = await writeArchive(dir, '2025-09-22T18:00:00Z');
    const out = mkdtempSync(join(dir, 'out-'));
    execFileSync('tar', ['-xzf', path, '-C', out]);
    expect(readdirSync(out).sort()).toEqual([
      'antietcd-dump.json.gz',
      'backup.md5',
      'backup.sha256',
      'manifest.json',
      'snapshot.json',
    ]);
    execFileSync('sha256sum', ['-c', 'backup.sha256'], { cwd: out });
    execFileSync('md5sum', ['-c', 'backup.md5'], { cwd: out });
    const text = readFileSync(join(out, 'snapshot.json'), 'utf8');
    const snapshot = JSON.parse(text) as Record<string, unknown>;
    expect(Object.keys(snapshot).slice(0, 3)).toEqual(['backup_time', 'version', 'services']);
    expect(snapshot).toMatchObject({
      backup_time: '2025-09-23 02:00:00',
      backup_time_utc: '2025-09-22T18:00:00Z',
      version: '1.0',
      services: [
        { name: 'legacy', instances: [{ ip: null, port: null, status: 'UNKNOWN', raw: 'not json “中文”\n' }] },
        { name: 'live', instances: [{ leased: true }] },
        { name: 'order-service', instances: [{ ip: '10.0.0.1', port: 8081, status: 'DOWN' }, { ip: '10.0.0.2' }] },
      ],
    });
    expect(text).toContain('\n  "services"');
    rmSync(path);
  });

  it('gives equal bytes for equal state and equal backup time, in whatever order it was listed', async () => {
    const reversed = [...ENTRIES].reverse();
    const one = await packArchive(someParts(someSnapshot(ENTRIES)), 1_758_564_000);
    const two = await packArchive(someParts(someSnapshot(reversed)), 1_758_564_000);
    expect(Buffer.from(one).equals(two)).toBe(true);
  });

  it('is sound as written', async () => {
    const path = await writeArchive(dir, '2025-09-22T18:00:00Z');
    expect(await backupService.verify(path)).toMatchObject({
      sound: true,
      info: { fileName: 'registry-backup-20250923-020000.tar.gz', services: 3, instances: 4, durable: 3, revision: 7 },
    });
    rmSync(path);
  });
});

describe('verify', () => {
  it('finds every random bit flip, cut and addition that changes the content', async () => {
    const sound = Buffer.from(await packArchive(someParts(), 1_758_564_000));
    const content = gunzipSync(sound);
    const damage = fc.oneof(
      { weight: 8, arbitrary: fc.tuple(fc.constant('flip' as const), fc.nat(sound.length * 8 - 1)) },
      { weight: 2, arbitrary: fc.tuple(fc.constant('cut' as const), fc.nat(sound.length - 1)) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('add' as const), fc.nat(600)) },
    );
    let missed = 0;
    await fc.assert(
      fc.asyncProperty(damage, async ([how, at]) => {
        const bytes = damaged(sound, how, at);
        if ((await reasonOf(bytes)) !== null) return;
        missed += 1;
        expect(gunzipSync(bytes).equals(content), `${how} at ${at} passed`).toBe(true);
      }),
      { numRuns: 1_500, seed: 7 },
    );
    // Two bytes of the gzip header and the last bits of the deflate stream carry no content.
    expect(missed).toBeLessThan(30);
  });

  it('refuses what stands behind the end, even where gzip itself would ignore it', async () => {
    const sound = Buffer.from(await packArchive(someParts(), 0));
    expect(await reasonOf(Buffer.concat([sound, Buffer.alloc(600)]))).toContain('600 bytes stand after its end');
    expect(await reasonOf(Buffer.concat([sound, sound]))).not.toBeNull();
  });

  it('finds a change inside that was packed again with a good CRC', async () => {
    const parts = someParts();
    for (const [index, part] of parts.entries()) {
      const bytes = Buffer.from(part.bytes);
      const at = Math.floor(bytes.length / 2);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      const changed = parts.map((p, i) => (i === index ? { ...p, bytes } : p));
      expect(await reasonOf(await packArchive(changed, 0)), part.name).not.toBeNull();
      const without = parts.filter((_, i) => i !== index);
      expect(await reasonOf(await packArchive(without, 0)), `without ${part.name}`).not.toBeNull();
    }
  });

  it.each([
    ['a path out of the folder', { name: '../evil' }, 'not allowed'],
    ['an absolute path', { name: '/etc/passwd' }, 'not allowed'],
    ['a hidden file', { name: '.bashrc' }, 'not allowed'],
    ['a link', { name: 'link', type: 'symlink', linkname: '/etc/passwd' }, 'is a symlink'],
    ['a file twice', { name: 'snapshot.json' }, 'twice'],
    ['a stranger', { name: 'extra.txt' }, 'holds 6 files'],
  ] as const)('refuses %s', async (_, header, reason) => {
    const tar = pack();
    for (const { name, bytes } of someParts()) tar.entry({ name }, Buffer.from(bytes));
    tar.entry({ ...header }, 'type' in header ? '' : 'x');
    tar.finalize();
    expect(await reasonOf(gzipSync(await buffer(tar), { level: 6 }))).toContain(reason);
  });

  it('says why of a folder, a missing file, an empty file and one that is no archive', async () => {
    expect(await backupService.verify(dir)).toMatchObject({ sound: false });
    expect(await backupService.verify(join(dir, 'none'))).toMatchObject({ sound: false });
    expect(await reasonOf(Buffer.alloc(0))).toContain('does not begin');
    expect(await reasonOf(Buffer.from('hello'))).toContain('does not begin');
    expect(await reasonOf(gzipSync('hello'))).not.toBeNull();
  });
});

describe('list', () => {
  it('is newest first by backup time, across a change of zone and of summer time, damaged ones included', async () => {
    const folder = mkdtempSync(join(dir, 'list-'));
    // 02:30 comes twice that night in Berlin.
    const early = await writeArchive(folder, '2025-10-26T00:30:00Z', 'Europe/Berlin');
    const late = await writeArchive(folder, '2025-10-26T01:30:00Z', 'Europe/Berlin', 2);
    const third = await writeArchive(folder, '2025-10-26T01:30:00Z', 'Europe/Berlin', 10);
    const old = await writeArchive(folder, '2025-10-01T00:00:00Z', 'Europe/Berlin');
    writeFileSync(join(folder, 'registry-backup-20251027-000000.tar.gz'), 'broken');
    writeFileSync(join(folder, 'registry-backup-20251027-000000.tar.gz.partial'), 'half');
    const found = await backupService.list(folder);
    expect(found.map((v) => (v.sound ? v.info.path : 'damaged'))).toEqual(['damaged', third, late, early, old]);
  });

  it('says so when there is no such folder', async () => {
    await expect(backupService.list(join(dir, 'nowhere'))).rejects.toThrow('cannot be listed');
  });
});

it.each([
  ['Asia/Shanghai', '2025-09-23 02:00:00'],
  ['UTC', '2025-09-22 18:00:00'],
  ['America/New_York', '2025-09-22 14:00:00'],
])('the backup time in %s is %s', (zone, local) => {
  expect(backupTime('2025-09-22T18:00:00.999Z', zone)).toMatchObject({ local, utc: '2025-09-22T18:00:00Z' });
});

function damaged(sound: Buffer, how: 'flip' | 'cut' | 'add', at: number): Buffer {
  if (how === 'cut') return sound.subarray(0, at);
  if (how === 'add') return Buffer.concat([sound, Buffer.alloc(at + 1, at)]);
  const copy = Buffer.from(sound);
  const byte = Math.floor(at / 8);
  copy[byte] = (copy[byte] ?? 0) ^ (1 << (at % 8));
  return copy;
}
