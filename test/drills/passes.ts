/** What every run of a shipped drill that passes must say, whatever it breaks. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { DrillRun } from './scene.js';

export interface Expected {
  readonly faults: readonly { readonly step: string; readonly name: string; readonly targets: readonly string[] }[];
  /** Issue rules; the two that an unattended drill always leaves out are added. */
  readonly issues?: readonly string[];
  /** Longest that a busy machine may take, and the shortest that the registry's own timers allow. */
  readonly recoveryMs: readonly [least: number, most: number];
  readonly lossless?: boolean;
}

const UNATTENDED = ['phase-incomplete briefing', 'phase-incomplete review-held'];
/** How long a step takes says something of this machine only. */
const OF_THE_MACHINE = /^(step-slow|step-slow-in-time|rto-borderline)\b/;

export function expectPassed(run: DrillRun, expected: Expected): void {
  const { result } = run;
  expect(run.code, run.stderr).toBe(0);
  expect(result).toMatchObject({ valid: true, invalidBecause: [], outcome: 'pass', endedEarly: null });
  expect(result.objectives.filter(({ verdict }) => verdict !== 'within')).toEqual([]);
  expectRecovered(run, expected);
  expectFaultsLifted(run, expected);
  expectLedger(run, expected);
  expectSteps(run);
  const issues = result.issues.map(({ rule, step }) => `${rule}${step === null ? '' : ` ${step}`}`);
  const wanted = [...(expected.issues ?? []), ...UNATTENDED];
  expect(issues.filter((issue) => !OF_THE_MACHINE.test(issue)).toSorted()).toEqual(wanted.toSorted());
  expect(JSON.stringify(result)).not.toContain('undefined');
  expect(run.of('run.error')).toEqual([]);
}

function expectRecovered({ result }: DrillRun, { recoveryMs: [least, most] }: Expected): void {
  const rto = result.objectives.find(({ id }) => id === 'rto');
  expect(rto?.measuredMs).toBeGreaterThan(least);
  expect(rto?.measuredMs).toBeLessThan(most);
  expect(result.recovery.map(({ state }) => state)).not.toContain('not-recovered');
  for (const row of result.recovery.filter(({ operation }) => operation !== 'renew')) {
    expect(row.state, `${row.step} ${row.operation}`).toBe('recovered');
    expect(row.errorMs).toBeGreaterThan(0);
  }
}

/** What is there for the whole run, and goes when it ends. */
const ENDS_WITH_THE_RUN: readonly string[] = ['canary', 'lab', 'surroundings'];

function expectFaultsLifted({ result, of }: DrillRun, { faults }: Expected): void {
  expect(result.faults.map(({ step, name, targets }) => ({ step, name, targets: [...targets].sort() }))).toEqual(
    faults,
  );
  for (const fault of result.faults) expect(fault).toMatchObject({ confirmed: true, reverted: true });
  const causes = of('undo.reverted').filter(({ undoer }) => !ENDS_WITH_THE_RUN.includes(undoer));
  expect(causes.map(({ cause }) => cause)).not.toContain('final');
  expect(result.residue).toEqual({ checked: true, left: [] });
  expect(result.safety.failedReverts).toEqual([]);
  // On disk before it is on: each undo record stands before the injection it is for.
  for (const injected of of('fault.injected')) {
    const armed = of('undo.armed').find((event) => event.undo === injected.undo);
    expect(armed?.seq).toBeLessThan(injected.seq);
  }
}

function expectLedger({ result, of }: DrillRun, { lossless = true }: Expected): void {
  const { ledger, loss } = result;
  expect(result.integrity).toMatchObject({ count: 'pass', hash: 'pass', functional: 'pass' });
  expect(ledger).toMatchObject({ divergent: 0 });
  expect(ledger?.nodes.map(({ node, readable }) => `${node} ${readable}`)).toEqual(['n1 true', 'n2 true', 'n3 true']);
  if (lossless) {
    expect(loss).toMatchObject({ records: 0, lostUpdates: 0, timeMs: 0, cause: null });
    expect(ledger).toMatchObject({ lost: 0, stale: 0, resurrected: 0 });
  }
  const writes = of('attempt').filter(({ op }) => op === 'register' || op === 'deregister');
  const [acknowledged, failed] = (['ok', 'failed'] as const).map(
    (is) => writes.filter(({ outcome }) => outcome === is).length,
  );
  expect(ledger?.operations).toMatchObject({ issued: writes.length, acknowledged, failed });
}

function expectSteps({ result }: DrillRun): void {
  expect(result.steps.filter(({ outcome }) => outcome !== 'pass').map(({ id }) => id)).toEqual([]);
  expect(result.checks.filter(({ outcome }) => outcome !== 'pass').map(({ probe }) => probe)).toEqual([]);
  const places = result.checks.map(({ place }) => place);
  expect(places.filter((place) => place === 'steady-before').length).toBeGreaterThan(0);
  expect(places.filter((place) => place === 'steady-after')).toEqual(
    places.filter((place) => place === 'steady-before').map(() => 'steady-after'),
  );
}

/** Every archive lies in the run folder and is, byte for byte, the one that the report names. */
export function expectArchives({ result, dir }: DrillRun, count: number): void {
  expect(result.backups).toHaveLength(count);
  for (const { file, sha256, bytes } of result.backups) {
    const archive = readFileSync(join(dir, file));
    expect(createHash('sha256').update(archive).digest('hex')).toBe(sha256);
    expect(archive.length).toBe(bytes);
  }
}
