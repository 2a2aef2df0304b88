/** What the registry held, as `snapshot.json` tells it (seed §2.2). */
import type { Increment, Snapshot, SnapshotInstance } from '../core/backup.js';
import type { Json } from '../core/fault.js';
import type { Entry } from '../core/registry.js';
import { compareText } from './differences.js';
import type { BackupTime } from './local-time.js';

export interface SnapshotSource {
  readonly time: BackupTime;
  readonly timeZone: string;
  readonly registry: Snapshot['registry'];
  readonly entries: readonly Entry[];
  readonly settings: Snapshot['settings'];
  readonly accessRules: Snapshot['access_rules'];
}

/** The seed's fields come first, in its order; then ours. Everything is sorted: equal state gives equal bytes. */
export function snapshotOf({ time, timeZone, registry, entries, settings, accessRules }: SnapshotSource): Snapshot {
  const byService = new Map<string, Entry[]>();
  for (const entry of entries) {
    const others = byService.get(entry.service);
    if (others === undefined) byService.set(entry.service, [entry]);
    else others.push(entry);
  }
  for (const list of byService.values()) list.sort((a, b) => compareText(a.instance, b.instance));
  const services = [...byService].sort(([a], [b]) => compareText(a, b));
  return {
    backup_time: time.local,
    version: '1.0',
    services: services.map(([name, instances]) => ({ name, instances: instances.map(instanceOf) })),
    backup_time_utc: time.utc,
    time_zone: timeZone,
    registry,
    settings: [...settings].sort((a, b) => compareText(a.name, b.name)),
    access_rules: accessRules,
  };
}

/** A value that is not JSON as the seed draws it (§1.3) is kept as it is, and says nothing of its address. */
function instanceOf({ instance, value, leased }: Entry): SnapshotInstance {
  const { ip, port, status, metadata } = parseObject(value);
  return {
    ip: typeof ip === 'string' ? ip : null,
    port: typeof port === 'number' ? port : null,
    status: typeof status === 'string' ? status : 'UNKNOWN',
    id: instance,
    metadata: isObject(metadata) ? metadata : {},
    leased,
    raw: value,
  };
}

function parseObject(text: string): Readonly<Record<string, Json>> {
  try {
    const value: Json = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface SnapshotCounts {
  readonly services: number;
  readonly instances: number;
  readonly durable: number;
  readonly settings: number;
  /** Instances and settings that an increment takes away. */
  readonly removed: number;
}

export function countsOf(snapshot: Snapshot | Increment): SnapshotCounts {
  const { services, settings } = snapshot;
  const instances = services.flatMap((service) => service.instances);
  const durable = instances.filter(({ leased }) => !leased).length;
  const removed = isIncrement(snapshot) ? snapshot.removed.length + snapshot.removed_settings.length : 0;
  return { services: services.length, instances: instances.length, durable, settings: settings.length, removed };
}

export const isIncrement = (snapshot: Snapshot | Increment): snapshot is Increment => 'removed' in snapshot;

/** Key `service/instance` → raw value of what a restore must bring back; of one service, or of all. */
export const durableContent = (snapshot: Snapshot, service: string | null): ReadonlyMap<string, string> =>
  new Map(
    snapshot.services
      .filter(({ name }) => service === null || name === service)
      .flatMap(({ name, instances }) =>
        instances.filter(({ leased }) => !leased).map(({ id, raw }) => [`${name}/${id}`, raw] as const),
      ),
  );
