import { describe, expect, test } from 'vitest';
import { bi } from '../../src/core/text.js';
import {
  type CommandReading,
  evaluateReadiness,
  type ReadinessEvidence,
  readinessMarkdown,
  restoreTime,
} from '../../src/readiness/index.js';
import { archivesOf, blindTier, DAY_MS, good, HOUR_MS, plan, run, tier } from './evidence.js';

const found = (spoil: Partial<ReadinessEvidence>) => evaluateReadiness({ ...good, ...spoil });

describe('the three traps', () => {
  const command = (wanted: string, outcome: CommandReading['outcome']): Partial<ReadinessEvidence> => ({
    commands: [{ what: bi('etcdctl', 'etcdctl'), argv: ['etcdctl', 'version'], wanted, outcome }],
  });
  const prints = (output: string): CommandReading['outcome'] => ({ ran: true, output });

  test.each([
    ['3.5', prints('etcdctl version: 3.5.16\nAPI version: 3.5'), 'yes'],
    ['v3.5.16', prints('etcdctl version: 3.5.16'), 'yes'],
    ['3.5', prints('etcdctl version: 3.50.1'), 'no'],
    ['3.5', prints('etcdctl version: 3.4.2'), 'no'],
    ['3.5.1', prints('version 3.5'), 'no'],
    ['3.5', prints('no number here'), 'unknown'],
    ['3.5', { ran: false, found: false, why: bi('not on the PATH', '不在 PATH 中') }, 'no'],
    ['3.5', { ran: false, found: true, why: bi('took too long', '超时') }, 'unknown'],
  ] as const)('a command of version %s, found %j: %s', (wanted, outcome, expected) => {
    expect(found(command(wanted, outcome)).traps.find(({ kind }) => kind === 'command')?.answer).toBe(expected);
  });

  test.each([
    [true, 'yes'],
    [false, 'no'],
    [null, 'unknown'],
  ] as const)('a path: exists %j: %s', (exists, expected) => {
    const { traps } = found({ paths: good.paths.map((path) => ({ ...path, exists })) });
    expect(traps.find(({ kind }) => kind === 'path')?.answer).toBe(expected);
  });

  test('third parties are people too', () => {
    const { traps } = found({
      plan: { ...plan, thirdParties: [{ name: 'ISP', for: 'network', reach: '10010', confirmedAt: '2020-01-01' }] },
    });
    expect(
      traps.filter(({ kind, answer }) => kind === 'contact' && answer === 'no').map(({ text }) => text.en),
    ).toEqual(['ISP was last reached on 2020-01-01']);
  });
});

describe('forecast', () => {
  test('nothing measured is unknown', () => {
    expect(restoreTime(1_000, [])).toMatchObject({ known: false });
  });

  test('a larger one in proportion, a smaller one as it was measured', () => {
    const sample = { bytes: 1_000, tookMs: 2_000 };
    expect(restoreTime(3_000, [sample])).toMatchObject({ known: true, tookMs: 6_000, bytesPerSecond: 500 });
    expect(restoreTime(10, [sample])).toMatchObject({ known: true, tookMs: 2_000 });
  });

  test('kilobytes say nothing about gigabytes', () => {
    expect(restoreTime(4_000, [{ bytes: 1_000, tookMs: 1 }])).toMatchObject({ known: true });
    expect(restoreTime(4_001, [{ bytes: 1_000, tookMs: 1 }])).toMatchObject({ known: false });
  });

  test('the newest of a size like this', () => {
    const samples = [
      { bytes: 1_000, tookMs: 1 },
      { bytes: 2_000, tookMs: 7 },
      { bytes: 10, tookMs: 3 },
    ];
    expect(restoreTime(1_500, samples)).toMatchObject({ tookMs: 7, measured: { bytes: 2_000 } });
  });

  test('per tier: fetching what is there and restoring it, against the RTO', () => {
    const chain = archivesOf(plan, 7).filter(({ base }, _index, all) => base === all.at(-1)?.base);
    const restores = [{ bytes: chain.length * 1_000, tookMs: 60_000 }];
    const { forecasts } = found({ runs: { read: true, where: 'r', value: [{ ...run, restores }] } });
    // Of 1,000 bytes 10 ms were read back.
    const totalMs = 60_000 + chain.length * 10;
    expect(forecasts[0]).toMatchObject({ tier: 'local', bytes: chain.length * 1_000, totalMs, answer: 'yes' });
  });

  test('too slow on every tier: the RTO cannot be met', () => {
    const slow = {
      runs: { read: true, where: 'r', value: [{ ...run, restores: [{ bytes: 1_000_000, tookMs: HOUR_MS }] }] },
    } as const;
    expect(found(slow).objectives.find(({ objective }) => objective === 'rto')?.answer).toBe('no');
    const blind = { ...slow, tiers: [tier('local', false), blindTier('object', true)] };
    expect(found(blind).objectives.find(({ objective }) => objective === 'rto')?.answer).toBe('unknown');
  });

  test('a tier that was not read back has no known speed', () => {
    const { forecasts } = found({ tiers: [{ ...tier('local', false), readBack: [] }] });
    expect(forecasts[0]).toMatchObject({ answer: 'unknown', fetchMs: null });
  });
});

describe('objectives and the backup calendar', () => {
  const rpo = (rpoMs: number, sites: typeof plan.sites) => {
    const presets = { ...plan.presets, ours: { title: 'ours', rtoMs: HOUR_MS, rpoMs } };
    const { sites: _left, ...rest } = plan;
    return found({ plan: { ...rest, presets, ...(sites === undefined ? {} : { sites }) } }).objectives[0]?.answer;
  };

  test.each([
    ['hourly increments can keep an hour', HOUR_MS, 'yes'],
    ['and not five minutes', 5 * 60_000, 'no'],
    ['and not nothing at all', 0, 'no'],
  ])('%s', (_name, rpoMs, expected) => {
    expect(rpo(rpoMs, undefined)).toBe(expected);
  });

  test('a site that is kept alike could: nobody has measured it', () => {
    expect(rpo(5 * 60_000, plan.sites)).toBe('unknown');
  });
});

describe('stages and mistakes', () => {
  test('the next step is the first that is not taken', () => {
    const { stage } = found({ runs: { read: true, where: 'r', value: [{ ...run, kind: 'tabletop' }] } });
    expect([stage.reached, stage.next?.en]).toEqual([0, expect.stringMatching(/learn to restore/)]);
    const here = found({ tiers: [tier('local', false), tier('nas', false)] }).stage;
    expect([here.reached, here.next?.en]).toEqual([2, expect.stringMatching(/another place/)]);
  });

  test('none applies where all is in order; each of the four where it does', () => {
    expect(found({}).hints).toEqual([]);
    const hint = (spoil: Partial<ReadinessEvidence>): string =>
      found(spoil)
        .hints.map(({ en }) => en)
        .join('|');
    expect(hint({ runs: { read: true, where: 'r', value: [] } })).toMatch(/^Backups without drills/);
    expect(
      hint({ plan: { ...plan, readiness: { required: [], confirmedWithinMs: DAY_MS, objective: 'payment' } } }),
    ).toMatch(/The utmost/);
    expect(
      hint({ plan: { ...plan, sites: { main: { title: 'm', role: 'primary', delayMs: null, sync: null } } } }),
    ).toMatch(/^Backups are not disaster recovery/);
    expect(hint({ planFile: { path: 'p', changedMs: 0, sha256: 'p' } })).toMatch(/put away/);
  });
});

describe('Markdown', () => {
  test('every question once, in both languages; what others wrote stays text', () => {
    const evil = { ...plan, title: '<script>|`x`' };
    const pages = (['en', 'zh'] as const).map((lang) => readinessMarkdown(found({ plan: evil }), lang));
    for (const page of pages) {
      expect([...page.matchAll(/^- [✓✗?] (\d+)\. /gm)].map(([, number]) => Number(number))).toEqual(
        Array.from({ length: 16 }, (_, index) => index + 1),
      );
      expect(page).not.toContain('<script>');
    }
    expect(pages[1]).toMatch(/必须/);
  });
});
