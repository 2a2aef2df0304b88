/** Times that contradict each other: each possible alone, impossible together. */
import { LEAST_ATTEMPTS_WHEN_STABLE } from '../core/drill.js';
import { formatDuration, parseDuration } from '../core/duration.js';
import { isMapValue } from '../core/shape.js';
import { type Bilingual, bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';
import type { DocumentPath } from '../core/yaml-document.js';
import { DEFAULT_MAX_DURATION_MS, DEFAULT_RATE, DEFAULT_STABLE_FOR_MS } from './build.js';
import type { Checked } from './earlier-step.js';

export function checkLimits({ document, value, outline }: Checked): void {
  const safety = isMapValue(value.safety) ? value.safety : {};
  const maxMs = durationOf(safety.maxDuration) ?? DEFAULT_MAX_DURATION_MS;
  const longer = (path: DocumentPath, given: unknown, hint?: Bilingual): void => {
    const ms = durationOf(given);
    if (ms === null || ms <= maxMs) return;
    const max = formatDuration(maxMs);
    const message = bi(
      `${quoted(given)} is longer than the whole drill may take (safety.maxDuration ${max})`,
      `${quoted(given)}超过整个演练的时限（safety.maxDuration 为 ${max}）`,
    );
    document.report({ path, message, hint });
  };
  for (const { path, raw, verb } of outline) {
    const keys = ['wait', 'for', 'within'].filter((key) => Object.hasOwn(raw, key));
    for (const key of keys) longer([...path, key], raw[key], verb === 'check' ? AGE_HINT : undefined);
    const [waitMs, withinMs] = [durationOf(raw.wait), durationOf(raw.within)];
    if (verb === 'wait' && waitMs !== null && withinMs !== null && withinMs < waitMs) {
      const message = bi(
        'a pause cannot be over before it is over: “within” is shorter than “wait”',
        '等待不可能提前结束：“within”比“wait”短',
      );
      document.report({ path: [...path, 'within'], message });
    }
  }
  const objectives = isMapValue(value.objectives) ? value.objectives : {};
  longer(['objectives', 'stableFor'], objectives.stableFor);
  checkTraffic({ document, value });
  checkRates({ document, value, outline });
}

/** `within` on a check is how long it polls: an age is a setting of the probe. */
const AGE_HINT = bi(
  'here “within” is how long the check polls; the age of a backup is with: { maxAge: 24h }',
  '此处“within”是轮询时长；备份的最大时限请写 with: { maxAge: 24h }',
);

function checkTraffic({ document, value }: Pick<Checked, 'document' | 'value'>): void {
  const traffic = isMapValue(value.traffic) ? value.traffic : {};
  const leaseMs = durationOf(traffic.lease) ?? 15_000;
  const limitMs = durationOf(traffic.requestLimit) ?? 500;
  if (limitMs * 3 <= leaseMs) return;
  const path = ['traffic', Object.hasOwn(traffic, 'requestLimit') ? 'requestLimit' : 'lease'];
  document.report({
    path,
    message: bi(
      'one slow renewal would let the lease lapse: “requestLimit” must be at most a third of “lease”',
      '一次缓慢的续约就会使租约失效：“requestLimit”不得超过“lease”的三分之一',
    ),
  });
}

/** A recovery that is judged has to be seen: each judged operation needs some attempts within `stableFor`. */
function checkRates({ document, value, outline }: Pick<Checked, 'document' | 'value' | 'outline'>): void {
  const objectives = isMapValue(value.objectives) ? value.objectives : {};
  const hasRto = Object.hasOwn(objectives, 'rto') || Object.hasOwn(objectives, 'preset');
  if (!hasRto || !isMapValue(value.traffic) || !outline.some(({ verb }) => verb === 'inject')) return;
  const stableForMs = durationOf(objectives.stableFor) ?? DEFAULT_STABLE_FOR_MS;
  const { operation } = objectives;
  const needed = [
    ...(operation === undefined || operation === 'register' ? (['writes'] as const) : []),
    ...(operation === undefined || operation === 'discover' ? (['reads'] as const) : []),
  ];
  for (const key of needed) {
    const perSecond = rateOf(value.traffic[key]) ?? DEFAULT_RATE;
    if ((perSecond * stableForMs) / 1_000 >= LEAST_ATTEMPTS_WHEN_STABLE) continue;
    const path = Object.hasOwn(value.traffic, key) ? ['traffic', key] : ['objectives', 'stableFor'];
    document.report({ path, message: tooFew({ key, perSecond, stableForMs }), hint: raise(key, stableForMs) });
  }
}

function tooFew(what: { readonly key: string; readonly perSecond: number; readonly stableForMs: number }): Bilingual {
  const [window, least] = [formatDuration(what.stableForMs), LEAST_ATTEMPTS_WHEN_STABLE];
  return bi(
    `recovery could never be seen: ${what.perSecond}/s of “${what.key}” is fewer than ${least} attempts in a stableFor of ${window}`,
    `永远无法判定恢复：“${what.key}”为 ${what.perSecond}/s，在 stableFor（${window}）内不足 ${least} 次尝试`,
  );
}

function raise(key: string, stableForMs: number): Bilingual {
  const enough = `${Math.ceil((LEAST_ATTEMPTS_WHEN_STABLE * 1_000) / stableForMs)}/s`;
  return bi(`raise ${key} to ${enough}, or stableFor`, `请将 ${key} 提高到 ${enough}，或延长 stableFor`);
}

const rateOf = (value: unknown): number | null => {
  const perSecond = typeof value === 'string' && value.endsWith('/s') ? Number.parseFloat(value) : Number.NaN;
  return perSecond > 0 ? perSecond : null;
};

const durationOf = (value: unknown): number | null => (typeof value === 'string' ? parseDuration(value) : null);
