import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import { systemClock } from '../../src/core/clock.js';
import { WorldError } from '../../src/core/errors.js';
import type { EventBody, JournalEvent } from '../../src/core/journal.js';
import { bi } from '../../src/core/text.js';
import { openJournal, parseJournal, readJournal, resumeJournal, verifyJournal } from '../../src/journal/index.js';
import { attempt, ended, opened } from './bodies.js';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'firedrill-journal-'));
  path = join(dir, 'journal.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Every look at it is 1.5 ms later. */
function steppingClock(fromMs: number): Clock {
  let nowMs = fromMs;
  return {
    ...systemClock,
    monotonicMs: () => {
      nowMs += 1.5;
      return nowMs;
    },
    wallIso: () => '2026-11-22T10:15:00.000Z',
  };
}

async function write(bodies: readonly EventBody[]): Promise<readonly JournalEvent[]> {
  const journal = openJournal({ path, clock: steppingClock(1000) });
  const events = bodies.map((body) => journal.append(body));
  await journal.close();
  return events;
}

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof WorldError ? error.code : String(error);
  }
  return 'nothing was thrown';
};

/** Any text: quotes, line ends, Chinese, halves of surrogate pairs. */
const anyText = fc.string({ unit: 'binary', maxLength: 30 });
const anyBodies = fc
  .array(fc.tuple(fc.nat(1000), fc.option(anyText)), { maxLength: 12 })
  .map((rows) => [opened(), ...rows.map(([n, reason]) => attempt(n, reason)), ended]);

describe('writing', () => {
  it('stamps number, times and chain, and the bytes are on disk after flush', async () => {
    const journal = openJournal({ path, clock: steppingClock(1000) });
    const first = journal.append(opened());
    const second = journal.append(attempt(1));
    expect(first).toMatchObject({ seq: 1, ms: 1.5, at: '2026-11-22T10:15:00.000Z', prev: '0'.repeat(64) });
    expect(second).toMatchObject({ seq: 2, ms: 3, prev: first.hash });
    expect(journal.toRunMs(1250)).toBe(250);
    await journal.flush();
    expect(readJournal(path)).toEqual({ events: [first, second], tornBytes: 0, cut: true, broken: null });
    await journal.close();
  });

  it('has a hash that anyone can recompute: of the line without its hash member', async () => {
    await write([opened(), attempt(1, 'timeout "503"\n中文'), ended]);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    let prev = '0'.repeat(64);
    for (const line of lines) {
      const { hash, ...rest } = JSON.parse(line);
      expect(rest.prev).toBe(prev);
      expect(createHash('sha256').update(JSON.stringify(rest)).digest('hex')).toBe(hash);
      prev = hash;
    }
    expect(lines).toHaveLength(3);
  });

  it('writes by itself soon, without a flush', async () => {
    const journal = openJournal({ path, clock: systemClock });
    journal.append(opened());
    await expect.poll(() => statSync(path).size, { timeout: 5_000, interval: 5 }).toBeGreaterThan(0);
    await journal.close();
  });

  it('shows every event to the observer, in order', async () => {
    const seen: number[] = [];
    const journal = openJournal({ path, clock: systemClock, onEvent: (event) => seen.push(event.seq) });
    for (const body of [opened(), attempt(1), attempt(2)]) journal.append(body);
    await journal.close();
    expect(seen).toEqual([1, 2, 3]);
  });

  it('does not overwrite a journal', async () => {
    await write([opened(), ended]);
    expect(codeOf(() => openJournal({ path, clock: systemClock }))).toBe('journal-exists');
    expect(verifyJournal(path)).toMatchObject({ sound: true, events: 2 });
  });

  it('says where it could not be opened', () => {
    const nowhere = join(dir, 'no', 'such', 'folder', 'journal.jsonl');
    expect(codeOf(() => openJournal({ path: nowhere, clock: systemClock }))).toBe('journal-unwritable');
  });

  it('keeps the order under many flushes at once', async () => {
    const journal = openJournal({ path, clock: systemClock });
    journal.append(opened());
    await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        journal.append(attempt(n));
        await journal.flush();
        expect(readFileSync(path, 'utf8')).toContain(`/i${n}"`);
      }),
    );
    await journal.close();
    expect(verifyJournal(path)).toEqual({ sound: true, events: 201, cut: true, broken: null });
  });

  it('loses nothing that was flushed when more follows than is written at once', async () => {
    const journal = openJournal({ path, clock: systemClock });
    journal.append(opened());
    for (let n = 1; n < 5_000; n += 1) journal.append(attempt(n));
    await journal.flush();
    expect(readJournal(path).events).toHaveLength(5_000);
    await journal.close();
  });
});

describe('a disk that refuses', () => {
  it.skipIf(!existsSync('/dev/full'))(
    'is told once, fails every later flush, and appends go on in memory',
    async () => {
      const told: WorldError[] = [];
      const journal = openJournal({ path: '/dev/full', clock: systemClock, onDiskError: (error) => told.push(error) });
      journal.append(opened());
      await expect(journal.flush()).rejects.toThrow(/cannot be written.*ENOSPC/);
      expect(journal.append(attempt(1)).seq).toBe(2);
      await expect(journal.flush()).rejects.toThrow(/ENOSPC/);
      expect(told.map((error) => error.code)).toEqual(['journal-unwritable']);
      await expect(journal.close()).resolves.toBeUndefined();
    },
  );

  it.skipIf(!existsSync('/dev/full'))('is told by close when nobody heard of it before', async () => {
    const journal = openJournal({ path: '/dev/full', clock: systemClock });
    journal.append(opened());
    await expect(journal.close()).rejects.toThrow(/ENOSPC/);
  });

  it('counts an event after the close as lost', async () => {
    const told: WorldError[] = [];
    const journal = openJournal({ path, clock: systemClock, onDiskError: (error) => told.push(error) });
    journal.append(opened());
    await journal.close();
    await journal.flush();
    expect(journal.append(ended).seq).toBe(2);
    expect(told).toHaveLength(1);
    await expect(journal.flush()).rejects.toThrow(/closed/);
    expect(readJournal(path).events).toHaveLength(1);
  });
});

describe('reading', () => {
  it('gives back what was appended, and parses a text the same way', async () => {
    await fc.assert(
      fc.asyncProperty(anyBodies, async (bodies) => {
        rmSync(path, { force: true });
        const events = await write(bodies);
        const reading = readJournal(path);
        expect(reading).toEqual({ events: JSON.parse(JSON.stringify(events)), tornBytes: 0, cut: false, broken: null });
        expect(parseJournal(readFileSync(path, 'utf8'))).toEqual(reading);
      }),
      { numRuns: 30 },
    );
  });

  it('takes a journal cut off at any byte for its beginning', async () => {
    const events = await write([opened(), attempt(1, '中文 🔥'), attempt(2), ended]);
    const whole = readFileSync(path);
    for (let length = 0; length <= whole.length; length += 1) {
      writeFileSync(path, whole.subarray(0, length));
      const { events: read, tornBytes, cut, broken } = readJournal(path);
      expect(broken).toBeNull();
      expect(read).toEqual(events.slice(0, read.length));
      const ends = whole.subarray(0, length).filter((byte) => byte === 10).length;
      expect(read.length).toBeGreaterThanOrEqual(ends);
      expect(cut).toBe(read.length < events.length);
      expect(tornBytes > 0).toBe(length > 0 && whole[length - 1] !== 10 && read.length === ends);
    }
  });

  it('finds any single changed byte', async () => {
    await write([opened(), attempt(1, '中文 🔥'), attempt(2), ended]);
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at += 1) {
      const flip = [1, 0x20, 0x80, 0x0a ^ (whole[at] ?? 0)][at % 4] || 1;
      const changed = Buffer.from(whole);
      changed[at] = (whole[at] ?? 0) ^ flip;
      writeFileSync(path, changed);
      if (!isFound(path)) throw new Error(`byte ${at} changed by ${flip} is not found`);
    }
  });

  it('finds a line that is missing, doubled, swapped or added, and names it', async () => {
    await write([opened(), attempt(1), attempt(2), attempt(3), ended]);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const [one = '', two = '', three = '', four = '', five = ''] = lines;
    const brokenAt = (...texts: readonly string[]): number | undefined => {
      writeFileSync(path, `${texts.join('\n')}\n`);
      return verifyJournal(path).broken?.line;
    };
    expect(brokenAt(one, two, three, four, five)).toBeUndefined();
    expect(brokenAt(two, three, four, five)).toBe(1);
    expect(brokenAt(one, three, four, five)).toBe(2);
    expect(brokenAt(one, two, two, three)).toBe(3);
    expect(brokenAt(one, two, four, three, five)).toBe(3);
    expect(brokenAt(one, two, three, four, five, '{}')).toBe(6);
    expect(brokenAt(one, '', two)).toBe(2);
  });

  it('holds only what is proven: nothing from the broken line on', async () => {
    await write([opened(), attempt(1), attempt(2), ended]);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"version":2', '"version":9'));
    const { events, broken, cut } = readJournal(path);
    expect(events.map((event) => event.seq)).toEqual([1, 2]);
    expect(broken?.line).toBe(3);
    expect(broken?.why.zh).toContain('哈希');
    expect(cut).toBe(true);
  });

  it('is not cut by an output that failed after the end', async () => {
    await write([opened(), ended, { type: 'output.failed', what: 'report', message: bi('no', '否') }]);
    expect(readJournal(path).cut).toBe(false);
  });

  it('refuses a newer journal and a file that is none, in one sentence', async () => {
    await write([opened(), ended]);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"schemaVersion":1', '"schemaVersion":2'));
    expect(codeOf(() => readJournal(path))).toBe('journal-too-new');
    for (const text of ['hello', 'hello\nworld\n', '{"a":1}\n', '\u0000\u0001\u0002', '[]\n']) {
      writeFileSync(path, text);
      expect([text, codeOf(() => readJournal(path))]).toEqual([text, 'not-a-journal']);
      expect([text, codeOf(() => parseJournal(text))]).toEqual([text, 'not-a-journal']);
    }
    expect(codeOf(() => readJournal(join(dir, 'missing')))).toBe('journal-unreadable');
  });
});

function isFound(file: string): boolean {
  try {
    return !verifyJournal(file).sound;
  } catch (error) {
    return error instanceof WorldError;
  }
}

describe('resuming', () => {
  const started = (tornBytes: number): EventBody => ({
    type: 'recover.started',
    by: 'bob',
    bootId: 'boot-1',
    tornBytes,
  });

  it('goes on after a cut at any byte, and the result is a sound journal', async () => {
    const events = await write([opened(), attempt(1, '中文 🔥'), attempt(2)]);
    const whole = readFileSync(path);
    const firstLine = whole.indexOf(10);
    for (let length = firstLine; length <= whole.length; length += 7) {
      writeFileSync(path, whole.subarray(0, length));
      const before = readJournal(path);
      const journal = resumeJournal({ path, clock: steppingClock(9000), bootId: 'boot-1' });
      expect(journal.tornBytes).toBe(before.tornBytes);
      journal.append(started(journal.tornBytes));
      journal.append({ type: 'recover.ended', clean: true });
      await journal.close();
      const after = readJournal(path);
      expect(after).toMatchObject({ broken: null, cut: false, tornBytes: 0 });
      expect(after.events.slice(0, -2)).toEqual(events.slice(0, before.events.length));
      expect(after.events.at(-2)).toMatchObject({
        seq: before.events.length + 1,
        ms: 8001.5,
        tornBytes: before.tornBytes,
      });
    }
  });

  it('has no run time in another boot', async () => {
    await write([opened()]);
    const journal = resumeJournal({ path, clock: steppingClock(5), bootId: 'boot-2' });
    expect(journal.append(started(0)).ms).toBeNull();
    expect(() => journal.toRunMs(5)).toThrow(/another boot/);
    await journal.close();
    expect(verifyJournal(path).sound).toBe(true);
  });

  it('adds nothing to a journal that was changed, or has no beginning', async () => {
    await write([opened(), attempt(1), attempt(2)]);
    const text = readFileSync(path, 'utf8').replace('"version":1', '"version":7');
    writeFileSync(path, text);
    const resume = (): unknown => resumeJournal({ path, clock: systemClock, bootId: 'boot-1' });
    expect(codeOf(resume)).toBe('journal-not-resumable');
    expect(readFileSync(path, 'utf8')).toBe(text);
    writeFileSync(path, '');
    expect(codeOf(resume)).toBe('journal-not-resumable');
    rmSync(path);
    expect(codeOf(resume)).toBe('journal-unreadable');
    appendFileSync(path, 'hello\n');
    expect(codeOf(resume)).toBe('not-a-journal');
  });
});
