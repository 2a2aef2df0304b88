/** How long a restore will take, from restores that were measured and the size that there is now. */
import { showDuration } from '../core/duration.js';
import { type Bilingual, bi } from '../core/text.js';
import type { Answer } from './answer.js';
import { chainsOf } from './chains.js';
import type { ReadinessEvidence, RestoreSample, TierReading } from './evidence.js';
import { bringsNothing, type Held, heldOf, heldText } from './held.js';
import { presetOf } from './questions/rehearsed.js';

export interface Forecast {
  readonly tier: string;
  /** Of the newest chain, to be fetched and restored. */
  readonly bytes: number | null;
  /** Getting it from the tier; measured by reading it back. */
  readonly fetchMs: number | null;
  readonly restoreMs: number | null;
  readonly bytesPerSecond: number | null;
  readonly totalMs: number | null;
  readonly rtoMs: number | null;
  /** Does it fit the RTO? */
  readonly answer: Answer;
  readonly why: Bilingual;
  /** Null = no target was named, or the tier holds no archive of it. */
  readonly held: Held | null;
}

export function forecastsOf(evidence: ReadinessEvidence): readonly Forecast[] {
  const runs = evidence.runs.read ? evidence.runs.value : [];
  const samples = runs.flatMap(({ restores }) => restores);
  return evidence.tiers.map((tier) => {
    const forecast = forecastOf(tier, samples, presetOf(evidence)?.rtoMs ?? null);
    const held = heldOf(evidence.target, [tier]);
    // However quick, it is not the restore that anybody will need; too slow it is all the same.
    const useless = held !== null && bringsNothing(held) && forecast.answer !== 'no';
    if (useless) return { ...forecast, held, answer: 'unknown', why: heldText(held) };
    return { ...forecast, held };
  });
}

function forecastOf(
  tier: TierReading,
  samples: readonly RestoreSample[],
  rtoMs: number | null,
): Omit<Forecast, 'held'> {
  const chain = chainsOf([tier])[0]?.archives ?? [];
  const bytes = chain.length === 0 ? null : chain.reduce((sum, archive) => sum + archive.storedBytes, 0);
  const none = { tier: tier.tier, bytes, fetchMs: null, restoreMs: null, bytesPerSecond: null, totalMs: null, rtoMs };
  if (!tier.archives.read) return { ...none, answer: 'unknown', why: tier.archives.why };
  if (bytes === null) return { ...none, answer: 'unknown', why: bi('there is no archive', '没有归档') };
  const fetchMs = fetchTime(tier, bytes);
  const restore = restoreTime(bytes, samples);
  if (!restore.known) return { ...none, fetchMs, answer: 'unknown', why: restore.why };
  if (fetchMs === null) return { ...none, restoreMs: restore.tookMs, answer: 'unknown', why: NOT_READ };
  const totalMs = fetchMs + restore.tookMs;
  const known = { ...none, fetchMs, restoreMs: restore.tookMs, bytesPerSecond: restore.bytesPerSecond, totalMs };
  const took = bi(
    `about ${showDuration(totalMs)}: ${showDuration(fetchMs)} to fetch, ${showDuration(restore.tookMs)} to restore`,
    `约 ${showDuration(totalMs)}：读取 ${showDuration(fetchMs)}，恢复 ${showDuration(restore.tookMs)}`,
  );
  if (rtoMs === null) return { ...known, answer: 'unknown', why: took };
  return { ...known, answer: totalMs <= rtoMs ? 'yes' : 'no', why: took };
}

const NOT_READ = bi('the tier was not read back, so its speed is not known', '未回读该层级，读取速度未知');

/** From what was read back just now; a part of it speaks for the rest. */
function fetchTime({ readBack }: TierReading, bytes: number): number | null {
  const read = readBack.reduce((sum, each) => sum + each.bytes, 0);
  const tookMs = readBack.reduce((sum, each) => sum + each.tookMs, 0);
  return read === 0 ? null : (tookMs / read) * bytes;
}

export type RestoreTime =
  | { readonly known: true; readonly tookMs: number; readonly bytesPerSecond: number; readonly measured: RestoreSample }
  | { readonly known: false; readonly why: Bilingual };

/** What was measured on a few kilobytes says nothing about gigabytes: beyond this many times the size it is unknown. */
const LARGEST_STEP = 4;

/**
 * By the newest measured restore of a size like this. A larger one is taken in proportion; a smaller one as it is, since
 * stopping and starting take their time whatever the size.
 */
export function restoreTime(bytes: number, samples: readonly RestoreSample[]): RestoreTime {
  if (samples.length === 0) return { known: false, why: bi('no restore was measured yet', '尚未测量过恢复') };
  const alike = samples.findLast((sample) => sample.bytes * LARGEST_STEP >= bytes);
  if (alike === undefined) {
    const largest = Math.max(...samples.map((sample) => sample.bytes));
    const why = bi(
      `the largest measured restore was of ${largest} bytes; ${bytes} bytes are too many to tell from it`,
      `测量过的最大恢复为 ${largest} 字节；无法据此推断 ${bytes} 字节`,
    );
    return { known: false, why };
  }
  const tookMs = alike.tookMs * Math.max(1, bytes / alike.bytes);
  return { known: true, tookMs, bytesPerSecond: (alike.bytes / alike.tookMs) * 1_000, measured: alike };
}
