import { afterEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.js';

afterEach(() => {
  vi.useRealTimers();
});

it.each([
  '2026-03-04T05:06:07.000Z',
  '2026-03-04T05:06:07.009Z',
  '2026-03-04T05:06:07.999Z',
  '2026-03-04T05:06:08.010Z',
  '2026-03-04T05:06:07.120Z',
])('tells the wall time %s as UTC with milliseconds, also after a step back', (time) => {
  vi.useFakeTimers({ now: new Date(time) });
  expect(systemClock.wallIso()).toBe(time);
});
