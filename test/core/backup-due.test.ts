/** The laws of the backup calendar: each slot once, whatever clocks do, and one backup for all that was missed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BackupCalendar, plannedBackups, WEEKDAYS } from '../../src/core/backup-calendar.js';
import { dueBackup, type TakenBackup } from '../../src/core/backup-due.js';
import { instantOf, isoIn, localTime, readTime } from '../../src/core/local-time.js';

const HOUR_MS = 3_600_000;
const calendarIn = (timeZone: string, fullHour = 2, minute = 0): BackupCalendar => ({
  timeZone,
  graceMs: HOUR_MS / 2,
  slots: {
    full: { type: 'full', days: ['sunday'], hours: [fullHour], minute, keepMs: 28 * 24 * HOUR_MS },
    daily: { type: 'incremental', days: WEEKDAYS.slice(1), hours: [fullHour], minute, keepMs: 7 * 24 * HOUR_MS },
    hourly: {
      type: 'incremental',
      days: WEEKDAYS,
      hours: Array.from({ length: 24 }, (_, hour) => hour),
      minute,
      keepMs: 24 * HOUR_MS,
    },
  },
});

/** The job is started at each of these moments and does what is due. */
function simulate(calendar: BackupCalendar, moments: readonly number[]): readonly TakenBackup[] {
  const taken: TakenBackup[] = [];
  for (const atMs of moments) {
    const { due } = dueBackup(calendar, taken, atMs);
    if (due !== null) taken.push({ type: due.type, atMs });
  }
  return taken;
}

const zones = ['Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'];
const zone = fc.constantFrom(...zones);
/** Both changes of the clocks lie in such a year. */
const start = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 20) });

describe('what is due', () => {
  it('is done once a slot, though the job is started every ten minutes', () => {
    fc.assert(
      fc.property(zone, start, fc.integer({ min: 0, max: 23 }), (timeZone, from, fullHour) => {
        const calendar = calendarIn(timeZone, fullHour);
        const moments = Array.from({ length: 30 * 6 }, (_, n) => from + n * 600_000);
        const span = { fromMs: from, toMs: moments.at(-1) ?? 0 };
        // The first start makes up for what was before it.
        const taken = simulate(calendar, moments).slice(1);
        const planned = plannedBackups(calendar, span);
        const instants = [...new Set(planned.map(({ atMs }) => atMs))];
        expect(taken.length).toBe(instants.length);
        for (const [n, atMs] of instants.entries()) {
          expect((taken[n]?.atMs ?? 0) - atMs).toBeLessThan(600_000);
          const isFull = planned.some(({ slot, atMs: at }) => slot === 'full' && at === atMs);
          expect(taken[n]?.type).toBe(isFull ? 'full' : 'incremental');
        }
      }),
      { numRuns: 6 },
    );
  });

  it('after any pause is one backup, a full one if a full one was missed, and then nothing', () => {
    fc.assert(
      fc.property(zone, start, fc.integer({ min: 0, max: 21 * 24 * 60 }), (timeZone, from, pauseMinutes) => {
        const calendar = calendarIn(timeZone);
        const taken = [
          { type: 'full', atMs: from - HOUR_MS },
          { type: 'incremental', atMs: from },
        ] as const;
        const nowMs = from + pauseMinutes * 60_000;
        const missed = plannedBackups(calendar, { fromMs: from, toMs: nowMs });
        const fullMissed = plannedBackups(calendar, { fromMs: from - HOUR_MS, toMs: nowMs }).some(
          ({ slot }) => slot === 'full',
        );
        const { due } = dueBackup(calendar, taken, nowMs);
        expect(due?.type ?? null).toBe(fullMissed ? 'full' : missed.length > 0 ? 'incremental' : null);
        if (due !== null)
          expect(dueBackup(calendar, [...taken, { type: due.type, atMs: nowMs }], nowMs).due).toBeNull();
      }),
      { numRuns: 60 },
    );
  });

  it('names what was missed, and counts nothing as missed before the first backup', () => {
    const calendar = calendarIn('Asia/Shanghai');
    const at = (text: string): number => Date.parse(`${text}+08:00`);
    expect(dueBackup(calendar, [], at('2026-11-25T10:30:00'))).toMatchObject({
      due: { type: 'full', slot: { slot: 'full', atMs: at('2026-11-22T02:00:00') }, late: true },
      missed: [],
      next: { slot: 'hourly', atMs: at('2026-11-25T11:00:00') },
    });
    const taken = [{ type: 'full', atMs: at('2026-11-25T07:10:00') }] as const;
    const { due, missed } = dueBackup(calendar, taken, at('2026-11-25T10:10:00'));
    expect(due).toMatchObject({ type: 'incremental', slot: { atMs: at('2026-11-25T10:00:00') }, late: false });
    expect(missed.map(({ atMs }) => atMs)).toEqual([at('2026-11-25T08:00:00'), at('2026-11-25T09:00:00')]);
  });
});

describe('local times', () => {
  it('that exist are found again, to the second', () => {
    fc.assert(
      fc.property(zone, start, (timeZone, instantMs) => {
        const wall = localTime(Math.floor(instantMs / 1000) * 1000, timeZone);
        expect(localTime(instantOf(wall, timeZone), timeZone)).toEqual(wall);
        expect(Date.parse(isoIn(instantMs, timeZone))).toBe(Math.floor(instantMs / 1000) * 1000);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    // Berlin jumps from 02:00 to 03:00, and in autumn has 02:30 twice: the first counts.
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T03:30:00+02:00'],
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T02:30:00+02:00'],
    ['2026-03-08T02:30', 'America/New_York', '2026-03-08T03:30:00-04:00'],
    ['2026-11-01T01:30', 'America/New_York', '2026-11-01T01:30:00-04:00'],
    ['2026-12-01', 'Asia/Shanghai', '2026-12-01T23:59:59+08:00'],
    ['2026-12-01T10:00:00Z', 'Asia/Shanghai', '2026-12-01T18:00:00+08:00'],
    ['2026-12-01 10:00-05:00', 'UTC', '2026-12-01T15:00:00+00:00'],
  ])('%s in %s is %s', (text, timeZone, expected) => {
    const instant = readTime(text, timeZone);
    expect(instant === null ? null : isoIn(instant, timeZone)).toBe(expected);
  });

  it.each(['2026-02-30', '2026-13-01', '2026-01-01T25:00', '2026-1-1', 'now', ''])('“%s” is none', (text) => {
    expect(readTime(text, 'UTC')).toBeNull();
  });
});
