/** A canary run without a runner: real traffic through lying proxies, its events kept in memory. */
import { type Clock, systemClock } from '../../src/core/clock.js';
import type { TrafficSpec } from '../../src/core/drill.js';
import type { EventBody, EventOf, JournalEvent } from '../../src/core/journal.js';
import type { Traffic } from '../../src/core/services.js';
import type { Cluster } from '../../src/core/target.js';
import { registries } from '../../src/registries/index.js';
import { createTraffic } from '../../src/traffic/index.js';
import { type LoggedWrite, type LyingRegistry, startLyingRegistry } from './lying-registry.js';

export const calmSpec: TrafficSpec = {
  services: 3,
  instances: 6,
  writesPerSecond: 150,
  readsPerSecond: 20,
  /** Long: on a busy machine an honest answer may take its time, and only planted lies may be lies. */
  requestLimitMs: 10_000,
  leaseMs: 30_000,
  client: 'each-node',
  maxEntries: 1_000,
  settleMs: 200,
};

export interface MemoryJournal {
  readonly events: readonly JournalEvent[];
  readonly append: (body: EventBody) => JournalEvent;
  readonly toRunMs: (clockMs: number) => number;
  readonly of: <T extends EventBody['type']>(type: T) => readonly EventOf<T>[];
}

function memoryJournal(clock: Clock = systemClock): MemoryJournal {
  const originMs = clock.monotonicMs();
  const events: JournalEvent[] = [];
  const toRunMs = (clockMs: number): number => clockMs - originMs;
  return {
    events,
    toRunMs,
    append: (body) => {
      const ms = toRunMs(clock.monotonicMs());
      const event: JournalEvent = { ...body, seq: events.length + 1, at: clock.wallIso(), ms, prev: '', hash: '' };
      events.push(event);
      return event;
    },
    of: <T extends EventBody['type']>(type: T) => events.filter((event): event is EventOf<T> => event.type === type),
  };
}

export interface CanaryRun {
  readonly runId: string;
  readonly journal: MemoryJournal;
  readonly traffic: Traffic;
}

let runs = 0;
/** Run ids that never meet, so that tests can share a registry. */
export const nextRunId = (): string => `20261122T101500Z-truth-${String(runs++).padStart(4, '0')}`;

export function canaryRun(
  cluster: Cluster,
  spec: Partial<TrafficSpec> = {},
  watched: readonly string[] = [],
): CanaryRun {
  const journal = memoryJournal();
  const runId = nextRunId();
  const { append, toRunMs } = journal;
  const traffic = createTraffic({
    cluster,
    spec: { ...calmSpec, ...spec },
    watched,
    runId,
    clock: systemClock,
    append,
    toRunMs,
  });
  return { runId, journal, traffic };
}

export interface Proxied {
  /** The same cluster, but clients reach it through the proxies. */
  readonly cluster: Cluster;
  readonly proxies: readonly LyingRegistry[];
  /** All writes that reached any proxy, in order of arrival. */
  readonly log: readonly LoggedWrite[];
  readonly close: () => Promise<void>;
}

/** Puts a proxy in front of each of the first `count` nodes; clients see only these. */
export async function proxied(
  cluster: Cluster,
  options: { readonly count?: number; readonly slowMs?: number } = {},
): Promise<Proxied> {
  const { product, prefix, nodes } = cluster.binding;
  const log: LoggedWrite[] = [];
  const slowMs = options.slowMs ?? 1_000;
  const fronted = nodes.slice(0, options.count ?? nodes.length);
  const proxies = await Promise.all(fronted.map(({ url }) => startLyingRegistry({ target: url, log, slowMs })));
  const specs = fronted.map((node, i) => ({ ...node, url: proxies[i]?.url ?? node.url }));
  const driver = registries.find('etcd');
  if (driver === undefined) throw new Error('the catalog of registries lacks etcd');
  const registry = driver.connect({ nodes: specs, prefix, product });
  return {
    cluster: { ...cluster, binding: { ...cluster.binding, nodes: specs }, registry },
    proxies,
    log,
    close: async () => {
      registry.close();
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}
