/** An observer that shares nothing with the canary: a process of its own, its own connections, its own clock reading. */
import { join } from 'node:path';
import { expect } from 'vitest';
import { type CliHome, repo, said } from '../support/cli.js';
import type { DrillRun } from './scene.js';

/** CLOCK_MONOTONIC, ms. */
interface Answer {
  readonly sent: number;
  readonly ended: number;
  readonly ok: boolean;
  /** Index of its URL. */
  readonly node: number;
}

export interface Prober {
  readonly stop: () => Promise<readonly Answer[]>;
}

export async function startProber(
  home: CliHome,
  urls: readonly string[],
  program = 'test/drills/prober.mjs',
): Promise<Prober> {
  const started = home.startProgram([process.execPath, join(repo, program), ...urls]);
  await said(started, 'probing');
  return {
    stop: async () => {
      started.child.kill('SIGTERM');
      const { stdout } = await started.ended;
      const rows: [number, number, boolean, number][] = JSON.parse(stdout);
      return rows.map(([sent, ended, ok, node]) => ({ sent, ended, ok, node })).sort((a, b) => a.sent - b.sent);
    },
  };
}

/**
 * The reported recovery and the prober's own (by the same rule: the first success from which on 99 % succeed for 3 s)
 * agree within the stated error and the gap between that success and the failure before it.
 */
export function agreeWithProber(
  { result, of }: DrillRun,
  answers: readonly Answer[],
  step: string,
  bringsBack = 'restart',
): void {
  const origin = of('run.opened')[0]?.clockOriginMs ?? 0;
  const fault = result.faults.find((row) => row.step === step);
  const register = result.recovery.find((row) => row.step === step && row.operation === 'register');
  const faultAt = origin + (fault?.effectiveAtMs ?? 0);
  // A node that comes back may stir the cluster again: that is after this recovery.
  const untilMs = origin + (of('step.started').find((event) => event.step === bringsBack)?.ms ?? 0);
  const felt = answers.filter(({ sent }) => sent > faultAt && sent < untilMs);
  const back = felt.find((answer) => answer.ok && isStable(felt, answer.sent));
  const lastBad = felt.findLast(({ ok, sent }) => !ok && sent < (back?.sent ?? 0));
  expect(lastBad, 'the prober felt the outage').toBeDefined();
  expect(back, 'the prober felt the recovery').toBeDefined();
  if (lastBad === undefined || back === undefined) return;
  const reported = register?.recoveryMs ?? Number.NaN;
  const difference = Math.abs(reported - (back.ended - faultAt));
  const allowed = (register?.errorMs ?? Number.NaN) + (back.ended - lastBad.sent);
  expect(difference, `reported ${reported} ± ${register?.errorMs}, prober ${back.ended - faultAt}`).toBeLessThanOrEqual(
    allowed,
  );
}

const STABLE_FOR_MS = 3_000;

function isStable(answers: readonly Answer[], fromMs: number): boolean {
  const window = answers.filter(({ sent }) => sent >= fromMs && sent < fromMs + STABLE_FOR_MS);
  return window.filter(({ ok }) => ok).length / window.length >= 0.99;
}
