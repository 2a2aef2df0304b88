import { describe, expect, test } from 'vitest';
import { type BackupCalendar, type BackupSlot, plannedBackups, WEEKDAYS } from '../../src/core/backup-calendar.js';
import { builtInRecoveryPlan } from '../../src/plan/index.js';

const HOUR_MS = 3_600_000;
const slot: BackupSlot = { type: 'full', days: WEEKDAYS, hours: [2], minute: 0, keepMs: HOUR_MS };
const everyHour = { ...slot, hours: Array.from({ length: 24 }, (_, hour) => hour) };
const span = (from: string, to: string) => ({ fromMs: Date.parse(from), toMs: Date.parse(to) });
const times = (calendar: BackupCalendar, from: string, to: string): readonly string[] =>
  plannedBackups(calendar, span(from, to)).map(({ slot: name, atMs }) => `${name} ${new Date(atMs).toISOString()}`);
const only = (timeZone: string, spec: BackupSlot): BackupCalendar => ({
  timeZone,
  graceMs: 60_000,
  slots: { it: spec },
});

describe('planned backups', () => {
  test('the calendar of seed §3.3 over a week: 1 full, 6 daily, 168 hourly', () => {
    const calendar = builtInRecoveryPlan().calendar;
    if (calendar === undefined) throw new Error('no calendar');
    const week = plannedBackups(calendar, span('2026-01-04T12:00:00Z', '2026-01-11T12:00:00Z'));
    const counts = ['full', 'daily', 'hourly'].map((name) => week.filter((each) => each.slot === name).length);
    expect(counts).toEqual([1, 6, 168]);
    // Sunday 02:00 in Shanghai is Saturday 18:00 UTC.
    expect(week.find((each) => each.slot === 'full')?.atMs).toBe(Date.parse('2026-01-10T18:00:00Z'));
  });

  test('the beginning of the span is not in it, its end is', () => {
    const utc = only('UTC', slot);
    expect(times(utc, '2026-01-04T02:00:00Z', '2026-01-05T02:00:00Z')).toEqual(['it 2026-01-05T02:00:00.000Z']);
    expect(times(utc, '2026-01-04T02:00:01Z', '2026-01-05T01:59:59Z')).toEqual([]);
  });

  test('an hour that clocks leave out is planned at the moment that takes its place', () => {
    // New York goes from 02:00 to 03:00 on 2026-03-08.
    expect(times(only('America/New_York', slot), '2026-03-08T00:00:00Z', '2026-03-09T00:00:00Z')).toHaveLength(1);
    expect(times(only('America/New_York', everyHour), '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z')).toHaveLength(23);
  });

  test('an hour that comes twice is planned once, and every hour means both', () => {
    // New York goes from 02:00 back to 01:00 on 2026-11-01.
    const one = { ...slot, hours: [1] };
    expect(times(only('America/New_York', one), '2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z')).toHaveLength(1);
    expect(times(only('America/New_York', everyHour), '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z')).toHaveLength(25);
  });

  test.each([['Asia/Kolkata'], ['Asia/Kathmandu'], ['UTC'], ['America/St_Johns']])(
    'every hour at the full hour of %s',
    (zone) => {
      const found = plannedBackups(only(zone, everyHour), span('2026-02-01T00:00:00Z', '2026-02-02T00:00:00Z'));
      expect(found).toHaveLength(24);
      const minutes = found.map(({ atMs }) =>
        new Intl.DateTimeFormat('en-GB', { timeZone: zone, minute: 'numeric' }).format(atMs),
      );
      expect(new Set(minutes)).toEqual(new Set(['0']));
      const gaps = found.slice(1).map(({ atMs }, index) => atMs - (found[index]?.atMs ?? 0));
      expect(new Set(gaps)).toEqual(new Set([HOUR_MS]));
    },
  );
});
