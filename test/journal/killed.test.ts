/** The writer is a real process, and it really dies. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { bootId } from '../../src/core/process-table.js';
import { openJournal, readJournal, resumeJournal, verifyJournal } from '../../src/journal/index.js';
import { type Built, buildParts, Puppet } from '../run-state/built.js';
import { onTinyDisk } from '../run-state/tiny-disk.js';
import { attempt, opened } from './bodies.js';

let built: Built;
let dir: string;
const puppets: Puppet[] = [];
beforeAll(() => {
  built = buildParts();
  dir = mkdtempSync(join(tmpdir(), 'firedrill-killed-'));
});
afterEach(async () => {
  for (const puppet of puppets.splice(0)) await puppet.kill();
});
afterAll(() => {
  built.remove();
  rmSync(dir, { recursive: true });
});

it('keeps all that was flushed before SIGKILL, and another process goes on with its clock', async () => {
  const path = join(dir, 'journal.jsonl');
  const puppet = new Puppet(built);
  puppets.push(puppet);
  await puppet.must({ do: 'journal', path });
  await puppet.must({ do: 'opened', body: opened({ bootId: bootId() }) });
  for (let n = 1; n < 50; n += 1) await puppet.must({ do: 'append', body: attempt(n) });
  await puppet.must({ do: 'flush' });
  void puppet.tell({ do: 'flood', body: attempt(99, 'x'.repeat(2000)) });
  await expect.poll(() => readFileSync(path).length, { timeout: 10_000, interval: 5 }).toBeGreaterThan(500_000);
  await puppet.kill();

  const before = readJournal(path);
  expect(before).toMatchObject({ broken: null, cut: true });
  expect(before.events.length).toBeGreaterThanOrEqual(50);

  const journal = resumeJournal({ path, clock: systemClock, bootId: bootId() });
  const started = journal.append({
    type: 'recover.started',
    by: 'bob',
    bootId: bootId(),
    tornBytes: journal.tornBytes,
  });
  journal.append({ type: 'recover.ended', clean: true });
  await journal.close();
  expect(started.ms).toBeGreaterThan(before.events.at(-1)?.ms ?? Number.POSITIVE_INFINITY);
  expect(started.ms).toBeLessThan((before.events.at(-1)?.ms ?? 0) + 60_000);
  expect(verifyJournal(path)).toMatchObject({ sound: true, cut: false, events: before.events.length + 2 });
});

it('tells of a disk that fills up, and what is on it stays sound', ({ skip }) =>
  onTinyDisk(skip, async (disk) => {
    const path = join(disk.path, 'journal.jsonl');
    const told: string[] = [];
    const journal = openJournal({ path, clock: systemClock, onDiskError: (error) => told.push(error.text.zh) });
    journal.append(opened());
    await journal.flush();
    disk.fill();
    for (let n = 1; n <= 100; n += 1) journal.append(attempt(n));
    await expect(journal.flush()).rejects.toThrow(/ENOSPC/);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('无法写入日志');
    await journal.close();

    const { events, broken, cut } = readJournal(path);
    expect({ broken, cut }).toEqual({ broken: null, cut: true });
    disk.makeRoom();
    const resumed = resumeJournal({ path, clock: systemClock, bootId: 'boot-1' });
    resumed.append({ type: 'recover.ended', clean: true });
    await resumed.close();
    expect(verifyJournal(path)).toEqual({ sound: true, events: events.length + 1, cut: false, broken: null });
  }));
