import type { Clock } from '../core/clock.js';
import { askInTurn } from '../core/members.js';
import type { Probe, ProbeWorld, Sample } from '../core/probe.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import { unknown, withCluster } from './need-cluster.js';
import { NO_STANDBY } from './no-standby.js';

const USUAL_MARKERS = 5;
const MOST_MARKERS = 100;
const LOOK_EVERY_MS = 5;
const REQUEST_LIMIT_MS = 2_000;
/** Of the time for a look, what is kept for taking the markers away again. */
const KEPT_MS = 500;

export const replicationLag: Probe = {
  name: 'replication.lag',
  title: bi('Replication lag', '复制延迟'),
  description: bi(
    'Milliseconds from the moment the primary site acknowledged a marker until it is first read at the standby: the longest of several, which are removed again.',
    '从主站点确认标记写入到备用站点首次读到它的毫秒数：取多个标记中最长者，标记随后删除。',
  ),
  params: [
    {
      name: 'markers',
      type: 'number',
      required: false,
      description: bi(
        `how many are written, one after the other; default ${USUAL_MARKERS}`,
        `依次写入的标记数；默认 ${USUAL_MARKERS}`,
      ),
      range: [1, MOST_MARKERS],
    },
  ],
  needs: 'cluster',
  defaultTolerance: { op: 'atMost', value: 100, unit: 'ms' },
  sample: withCluster(async (cluster, world, { markers = USUAL_MARKERS }): Promise<Sample> => {
    const { standby } = cluster;
    if (standby === undefined) return unknown(NO_STANDBY);
    const marking: Marking = { primary: cluster, standby, world, untilMs: lookUntilMs(world) };
    const names = Array.from(
      { length: Number(markers) },
      (_, n) => `mark-${Math.round(world.clock.monotonicMs())}-${n}`,
    );
    const written: string[] = [];
    const looks: Look[] = [];
    try {
      for (const name of names) {
        written.push(name);
        const look = await mark(name, marking);
        looks.push(look);
        if (look.seen !== 'yes') break;
      }
    } finally {
      await removeMarkers(written, marking);
    }
    return judged(looks);
  }),
};

interface Marking {
  readonly primary: Cluster;
  readonly standby: Cluster;
  readonly world: ProbeWorld;
  readonly untilMs: number;
}

type Look =
  | { readonly seen: 'yes'; readonly lagMs: number; readonly errorMs: number }
  /** Longer than the look lasted. */
  | { readonly seen: 'not-yet'; readonly lagMs: number }
  | { readonly seen: 'unknown'; readonly why: Bilingual };

const lookUntilMs = ({ clock, limitMs }: ProbeWorld): number =>
  clock.monotonicMs() + Math.max(limitMs / 2, limitMs - KEPT_MS);

const leftMs = (untilMs: number, clock: Clock): number => Math.max(1, untilMs - clock.monotonicMs());

/** One marker: written at the primary, looked for at the standby until it is there. */
async function mark(instance: string, { primary, standby, world, untilMs }: Marking): Promise<Look> {
  const { clock, signal, scratchService: service } = world;
  const options = () => ({
    clock,
    limitMs: Math.min(REQUEST_LIMIT_MS, leftMs(untilMs, clock)),
    ...(signal && { signal }),
  });
  const sentMs = clock.monotonicMs();
  const entry = { service, instance, value: JSON.stringify({ marker: instance }) };
  const write = await askInTurn(primary.registry, (client, limits) => client.register(entry, limits), options());
  const acknowledgedMs = clock.monotonicMs();
  if (write.outcome !== 'ok') return { seen: 'unknown', why: notWritten(write.reason) };
  let absentMs = sentMs;
  let unread: string | null = null;
  while (clock.monotonicMs() < untilMs && signal?.aborted !== true) {
    const askedMs = clock.monotonicMs();
    const answer = await askInTurn(standby.registry, (client, limits) => client.discover(service, limits), options());
    const answeredMs = clock.monotonicMs();
    if (answer.outcome === 'ok' && answer.value.some((one) => one.instance === instance)) {
      // It came between the last look without it and this one, and was written before it was acknowledged.
      const errorMs = answeredMs - Math.max(absentMs, sentMs);
      return { seen: 'yes', lagMs: Math.max(0, answeredMs - acknowledgedMs), errorMs };
    }
    unread = answer.outcome === 'ok' ? null : answer.reason;
    if (answer.outcome === 'ok') absentMs = askedMs;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  if (unread !== null) return { seen: 'unknown', why: notRead(unread) };
  return { seen: 'not-yet', lagMs: clock.monotonicMs() - acknowledgedMs };
}

/** What cannot be removed now goes with the canary's entries. */
async function removeMarkers(names: readonly string[], { primary, world }: Marking): Promise<void> {
  const { clock, signal, scratchService: service } = world;
  const options = { clock, limitMs: KEPT_MS, ...(signal && { signal }) };
  await Promise.all(
    names.map((instance) =>
      askInTurn(primary.registry, (client, limits) => client.deregister({ service, instance }, limits), options),
    ),
  );
}

function judged(looks: readonly Look[]): Sample {
  const last = looks.at(-1);
  if (last === undefined || last.seen === 'unknown') return unknown(last?.why ?? notRead('–'));
  const markers = looks.length;
  if (last.seen === 'not-yet') {
    const waited = Math.round(last.lagMs);
    return {
      value: waited,
      detail: bi(
        `marker ${markers} had not arrived at the standby after ${waited} ms: the lag is longer`,
        `第 ${markers} 个标记在 ${waited} 毫秒后仍未到达备用站点：延迟更长`,
      ),
      facts: { markers, atLeastMs: waited },
    };
  }
  const seen = looks.flatMap((look) => (look.seen === 'yes' ? [look] : []));
  const lags = seen.map(({ lagMs }) => lagMs).sort((a, b) => a - b);
  const longest = seen.reduce((a, b) => (b.lagMs > a.lagMs ? b : a), last);
  const [most, error, middle] = [
    longest.lagMs,
    longest.errorMs,
    lags[Math.floor(lags.length / 2)] ?? longest.lagMs,
  ].map(tenth);
  return {
    value: most ?? longest.lagMs,
    detail: bi(
      `the longest of ${markers} markers took ${most} ± ${error} ms to the standby, the median ${middle} ms`,
      `${markers} 个标记到达备用站点最长 ${most} ± ${error} 毫秒，中位数 ${middle} 毫秒`,
    ),
    facts: { markers, longestMs: most ?? 0, errorMs: error ?? 0, medianMs: middle ?? 0 },
  };
}

const tenth = (ms: number): number => Math.round(ms * 10) / 10;

const notWritten = (reason: string): Bilingual =>
  bi(`the primary site acknowledged no marker: ${reason}`, `主站点未确认标记写入：${reason}`);
const notRead = (reason: string): Bilingual =>
  bi(`the standby site could not be read: ${reason}`, `无法读取备用站点：${reason}`);
