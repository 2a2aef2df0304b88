import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OperationAvailability } from '../../src/core/measurement.js';
import { bi } from '../../src/core/text.js';
import { bandsOf, thinned } from '../../src/report/svg/availability.js';
import { el, label, serialise } from '../../src/report/svg/element.js';
import { ticksOf } from '../../src/report/svg/scale.js';
import { span, spanWithError } from '../../src/report/text/format.js';

const slice = (fromMs: number, ok: number, bad: number) => ({ fromMs, ok, bad, maxMs: null });
const availability = (slices: OperationAvailability['slices']): OperationAvailability => ({
  operation: 'register',
  attempts: slices.reduce((sum, one) => sum + one.ok + one.bad, 0),
  ok: 0,
  failed: 0,
  unknown: 0,
  sliceMs: 100,
  slices,
});

describe('svg', () => {
  it('lets no text become markup', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const markup = serialise(el('text', { class: text }, text));
        expect(markup.match(/</g)).toHaveLength(2);
        expect(markup.match(/"/g)).toHaveLength(2);
      }),
    );
  });

  it('writes a label once when both languages say the same', () => {
    expect(label({ x: 1 }, bi('n1', 'n1'))).toHaveLength(1);
    expect(label({ x: 1 }, bi('up', '正常')).map((node) => node.attributes.lang)).toEqual(['en', 'zh-CN']);
  });
});

describe('availability bands', () => {
  it('tell up, degraded, down and no samples apart', () => {
    const slices = [slice(0, 5, 0), slice(100, 5, 0), slice(200, 2, 3), slice(300, 0, 5), slice(900, 5, 0)];
    expect(bandsOf(availability(slices)).map(({ state, fromMs, toMs }) => [state, fromMs, toMs])).toEqual([
      ['up', 0, 200],
      ['degraded', 200, 300],
      ['down', 300, 400],
      ['none', 400, 900],
      ['up', 900, 1_000],
    ]);
  });

  it('do not call the pauses of a rare operation a gap', () => {
    const slices = Array.from({ length: 10 }, (_, index) => slice(index * 500, 1, 0));
    expect(bandsOf(availability(slices)).map((band) => band.state)).toEqual(['up']);
  });

  it('never lose an outage to thinning, and keep every count', () => {
    const outcome = fc.tuple(fc.nat(3), fc.nat(3));
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1, maxLength: 300 }), (list) => {
        const bands = bandsOf(availability(list.map(([ok, bad], index) => slice(index * 100, ok, bad))));
        const thin = thinned(bands, 20);
        const sum = (all: typeof bands): number => all.reduce((total, band) => total + band.ok + band.bad, 0);
        expect(thin.length).toBeLessThanOrEqual(20);
        expect(sum(thin)).toBe(sum(bands));
        expect(thin.some((band) => band.state === 'down')).toBe(bands.some((band) => band.state === 'down'));
      }),
    );
  });
});

describe('numbers', () => {
  it('show as many digits as the error allows', () => {
    expect(spanWithError(1_312.4, 10.1).en).toBe('1.31 ± 0.01 s');
    expect(spanWithError(1_312.4, 2).zh).toBe('1.312 ± 0.002 秒');
    expect(spanWithError(88.2, 131).en).toBe('88 ± 131 ms');
    expect(spanWithError(750_000, 480).en).toBe('12 min 30 s ± 480 ms');
    expect(span(0).zh).toBe('0 秒');
    expect(span(null)).toEqual(bi('unknown', '未知'));
    expect(span(59_999).en).toBe('60 s');
    expect(span(7_199_900).en).toBe('2 h');
  });

  it('put at most nine round ticks on an axis of any length', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e10, noNaN: true }), (toMs) => {
        const ticks = ticksOf({ fromMs: 0, toMs });
        expect(ticks.length).toBeGreaterThan(0);
        expect(ticks.length).toBeLessThanOrEqual(10);
        expect(ticks.every((tick) => tick.ms <= toMs)).toBe(true);
      }),
    );
  });
});
