/** A canary run without a runner: real traffic over a cluster of proxies, its events kept in memory. */
import { type Clock, systemClock } from '../../src/core/clock.js';
import type { TrafficSpec } from '../../src/core/drill.js';
import type { BodyOf, EventBody, EventOf, JournalEvent } from '../../src/core/journal.js';
import type { Traffic } from '../../src/core/services.js';
import type { Cluster } from '../../src/core/target.js';
import { registries } from '../../src/registries/index.js';
import { drivers } from '../../src/targets/index.js';
import { createTraffic } from '../../src/traffic/index.js';

export const RUN_ID = '20261122T101500Z-truth-7f3a';

export const calmSpec: TrafficSpec = {
  services: 3,
  instances: 6,
  writesPerSecond: 50,
  readsPerSecond: 20,
  requestLimitMs: 500,
  leaseMs: 30_000,
  client: 'each-node',
  maxEntries: 1_000,
  settleMs: 200,
};

export interface MemoryJournal {
  readonly events: JournalEvent[];
  readonly append: (body: EventBody) => JournalEvent;
  readonly toRunMs: (clockMs: number) => number;
  readonly of: <T extends EventBody['type']>(type: T) => readonly EventOf<T>[];
}

export function memoryJournal(clock: Clock = systemClock): MemoryJournal {
  const originMs = clock.monotonicMs();
  const events: JournalEvent[] = [];
  const toRunMs = (clockMs: number): number => clockMs - originMs;
  return {
    events,
    toRunMs,
    append: (body) => {
      const stamp = { seq: events.length + 1, at: clock.wallIso(), ms: toRunMs(clock.monotonicMs()), prev: '', hash: '' };
      const event: JournalEvent = { ...body, ...stamp };
      events.push(event);
      return event;
    },
    of: <T extends EventBody['type']>(type: T) => events.filter((event): event is EventOf<T> => event.type === type),
  };
}

export function clusterAt(product: string, nodes: readonly { readonly name: string; readonly url: string }[]): Cluster {
  const driver = drivers.find('process');
  const registry = registries.find('etcd');
  if (driver === undefined || registry === undefined) throw new Error('the catalogs lack etcd or process');
  const specs = nodes.map(({ name, url }) => ({
    name,
    url,
    find: { by: 'argument', text: `no-process-of-${url}` } as const,
    start: [],
  }));
  const prefix = '/services/';
  return {
    binding: {
      registry: 'etcd',
      product,
      version: '0',
      lab: null,
      driver: 'process',
      prefix,
      clusterId: null,
      nodes: specs,
    },
    driver,
    registry: registry.connect({ nodes: specs, prefix, product }),
  };
}

export interface CanaryRun {
  readonly journal: MemoryJournal;
  readonly cluster: Cluster;
  readonly traffic: Traffic;
  readonly attempts: () => readonly BodyOf<'attempt'>[];
}

export function canaryRun(cluster: Cluster, spec: Partial<TrafficSpec> = {}): CanaryRun {
  const journal = memoryJournal();
  const traffic = createTraffic({
    cluster,
    spec: { ...calmSpec, ...spec },
    runId: RUN_ID,
    clock: systemClock,
    append: journal.append,
    toRunMs: journal.toRunMs,
  });
  return { journal, cluster, traffic, attempts: () => journal.of('attempt') };
}
