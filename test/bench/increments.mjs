/** Increments on a large registry: the time and bytes of one after a small change, and what a week of them saves. */
import { statSync } from 'node:fs';
import { median, seconds } from './measure.mjs';

const CHANGED = 0.01;
const CHANGED_A_DAY = 0.05;
const DAYS = 6;
const HOURS = 24;

/** `change` writes this many instances anew, beginning with the one of that number. `full`: ms and bytes of a full backup. */
export async function increments({ take, change, instances, runs, full }) {
  const few = Math.ceil(instances * CHANGED);
  const took = [];
  let bytes = 0;
  for (let run = 0; run < runs; run++) {
    await change(run * few, few);
    const { ms, archive } = await take('increment');
    took.push(ms);
    bytes = Math.max(bytes, statSync(archive).size);
  }
  const ms = median(took);
  const week = await stored({ take, change, instances, folder: 'week', count: DAYS, each: CHANGED_A_DAY });
  // As much as on a day of that week, over its hours.
  const day = await stored({ take, change, instances, folder: 'day', count: HOURS, each: CHANGED_A_DAY / HOURS });
  const percent = (share) => `${(share * 100).toFixed(1)} %`;
  const saved = 1 - (week.full + week.increments) / (week.full * (DAYS + 1));
  return [
    { work: 'increment after 1 % change: time', must: '≤ 15 % of the full one’s', measured: `${seconds(ms)} to ${seconds(full.ms)}: ${percent(ms / full.ms)}`, ok: ms <= 0.15 * full.ms },
    { work: 'the same: bytes', must: '≤ 5 % of the full one’s', measured: `${bytes} to ${full.bytes}: ${percent(bytes / full.bytes)}`, ok: bytes <= 0.05 * full.bytes },
    { work: 'a week: 1 full and 6 daily at 5 % change a day', must: '≥ 81 % less than seven fulls', measured: `${week.full + week.increments} bytes: ${percent(saved)} less`, ok: saved >= 0.81 },
    { work: 'a day of hourly ones at the same change, on top of it', must: 'shown', measured: `${day.increments} bytes: ${percent(day.increments / day.full)} of a full one`, ok: true },
  ];
}

async function stored({ take, change, instances, folder, count, each }) {
  const full = statSync((await take(folder)).archive).size;
  let increments = 0;
  for (let n = 0; n < count; n++) {
    const changed = Math.ceil(instances * each);
    await change(n * changed, changed);
    increments += statSync((await take(folder)).archive).size;
  }
  return { full, increments };
}
