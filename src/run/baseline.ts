import { pollUntil } from '../core/clock.js';
import type { JudgedOperation, TrafficSpec } from '../core/drill.js';
import type { Traffic } from '../core/services.js';
import { type Bilingual, bi } from '../core/text.js';
import type { Run } from './context.js';

/** semantics.md, "What counts as a valid run". */
const MIN_ATTEMPTS = 50;
const MIN_MS = 5_000;
const MIN_RATE = 0.99;
/** A slow schedule may take this many times what its rates say. */
const PATIENCE = 3;
const LOOK_EVERY_MS = 50;

/** Waits until every judged operation has a good baseline. Returns what is missing when the time is over. */
export async function waitForBaseline(run: Run, traffic: Traffic, spec: TrafficSpec): Promise<Bilingual | null> {
  const operations = judgedOperations(run);
  const { clock } = run.services;
  const seenSince = new Map<JudgedOperation, number>();
  const look = async (): Promise<readonly JudgedOperation[]> => {
    const counts = traffic.counts();
    const now = clock.monotonicMs();
    for (const op of operations) if (counts[op].attempts > 0 && !seenSince.has(op)) seenSince.set(op, now);
    return operations.filter((op) => {
      const { attempts, ok } = counts[op];
      const spanMs = now - (seenSince.get(op) ?? now);
      return attempts < MIN_ATTEMPTS || spanMs < MIN_MS || ok / attempts < MIN_RATE;
    });
  };
  const withinMs = PATIENCE * Math.max(MIN_MS, ...operations.map((op) => expectedMs(op, spec))) + MIN_MS;
  const { value: missing } = await pollUntil(look, (left) => left.length === 0, {
    clock,
    withinMs,
    everyMs: LOOK_EVERY_MS,
    signal: run.stop.signal,
  });
  if (missing.length === 0 || run.stop.signal.aborted) return null;
  const counts = traffic.counts();
  const seen = missing.map((op) => `${op} ${counts[op].ok}/${counts[op].attempts}`).join(', ');
  const seconds = Math.round(withinMs / 1_000);
  return bi(
    `No good baseline within ${seconds} s (${seen}; needed: ${MIN_ATTEMPTS} attempts, ${MIN_RATE * 100} %).`,
    `${seconds} 秒内没有得到合格的基线（${seen}；要求：${MIN_ATTEMPTS} 次尝试，成功率 ${MIN_RATE * 100}%）。`,
  );
}

export function judgedOperations(run: Run): readonly JudgedOperation[] {
  const { operation } = run.drill.objectives;
  return [...new Set<JudgedOperation>(['register', 'discover', ...(operation === undefined ? [] : [operation])])];
}

/** How long the schedule needs for enough attempts. */
function expectedMs(operation: JudgedOperation, spec: TrafficSpec): number {
  const perSecond = {
    register: spec.writesPerSecond,
    renew: (spec.instances * 3_000) / spec.leaseMs,
    discover: spec.readsPerSecond,
  }[operation];
  return perSecond > 0 ? (MIN_ATTEMPTS / perSecond) * 1_000 : 0;
}
