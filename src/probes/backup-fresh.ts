import type { Scalar } from '../core/drill.js';
import { formatDuration, parseDuration } from '../core/duration.js';
import { ARCHIVES_IN, type Probe, type ProbeWorld, type Sample } from '../core/probe.js';
import { bi } from '../core/text.js';
import { unknown } from './need-cluster.js';
import { newestSound } from './newest-archive.js';

/** The seed's schedule makes a backup every day (§2.1, §3.3). */
const DEFAULT_MAX_AGE = '24h';
/** Clocks of two hosts differ; an archive from further ahead than this is not believed. */
const CLOCK_SKEW_MS = 60_000;

export const backupFresh: Probe = {
  name: 'backup.fresh',
  title: bi('A fresh backup exists', '备份足够新'),
  description: bi(
    `True when the newest sound archive is not older than \`maxAge\` (default ${DEFAULT_MAX_AGE}).`,
    `最新的完好归档不早于 \`maxAge\`（默认 ${DEFAULT_MAX_AGE}）时为真。`,
  ),
  params: [
    ...['maxAge', 'within'].map((name) => ({
      name,
      type: 'string' as const,
      required: false,
      description: bi('how old it may be, for example 24h', '允许的最大时长，例如 24h'),
    })),
    {
      name: ARCHIVES_IN,
      type: 'string' as const,
      required: false,
      description: bi(
        'folder of a backup job, relative to the drill; default: where this drill’s own backups go',
        '备份任务的目录，相对于演练文件；默认为本演练自身备份的目录',
      ),
    },
  ],
  needs: 'nothing',
  defaultTolerance: { op: 'is', value: true },
  sample,
};

async function sample(world: ProbeWorld, params: Readonly<Record<string, Scalar>>): Promise<Sample> {
  const maxAgeMs = durationOf(params.maxAge ?? params.within ?? DEFAULT_MAX_AGE);
  if (maxAgeMs === null) {
    return unknown(bi('`maxAge` is not a duration such as 24h', '`maxAge` 不是合法时长（例如 24h）'));
  }
  const newest = await newestSound(world);
  if (newest.state === 'unread') return unknown(newest.reason);
  const facts = { archives: world.archives.length, damaged: newest.damaged };
  if (newest.state === 'none') {
    const detail =
      newest.damaged === 0
        ? bi('there is no archive at all', '没有任何归档')
        : bi(`none of ${newest.damaged} archives is sound`, `${newest.damaged} 个归档无一完好`);
    return { value: false, detail, facts };
  }
  const { info } = newest;
  const ageMs = Date.parse(world.clock.wallIso()) - Date.parse(info.backupTimeUtc);
  if (Number.isNaN(ageMs) || ageMs < -CLOCK_SKEW_MS) {
    return unknown(
      bi(
        `${info.fileName} says it was made at ${info.backupTimeUtc}, which is ahead of this machine’s clock`,
        `${info.fileName} 记录的备份时间 ${info.backupTimeUtc} 晚于本机时钟`,
      ),
    );
  }
  const age = formatDuration(Math.max(0, ageMs));
  const limit = formatDuration(maxAgeMs);
  return {
    value: ageMs <= maxAgeMs,
    detail: bi(
      `${info.fileName} is ${age} old (at most ${limit}); damaged and passed over: ${newest.damaged}`,
      `${info.fileName} 距今 ${age}（上限 ${limit}）；跳过的损坏归档：${newest.damaged}`,
    ),
    facts: { ...facts, file: info.fileName, ageMs: Math.max(0, ageMs), maxAgeMs },
  };
}

const durationOf = (value: Scalar): number | null => {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? parseDuration(value) : null;
};
