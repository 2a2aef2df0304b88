/** The state that a chain of archives comes to, archive by archive; and the proof that each is what it says. */
import type { Increment, Snapshot, SnapshotInstance } from '../core/backup.js';
import { sumFrom } from './content-hash.js';
import { compareText } from './differences.js';
import { stateFromFile } from './manifest.js';
import type { OpenedArchive, OpenedFull, OpenedIncrement } from './open-archive.js';

export interface ChainState {
  /** The newest archive that is in it. */
  readonly newest: OpenedArchive;
  readonly services: Services;
  readonly settings: Map<string, string>;
}

type Services = Map<string, Map<string, SnapshotInstance>>;

export const stateOfFull = (full: OpenedFull): ChainState => ({
  newest: full,
  services: new Map(
    full.snapshot.services.map(({ name, instances }) => [name, new Map(instances.map((one) => [one.id, one]))]),
  ),
  settings: new Map(full.snapshot.settings.map(({ name, value }) => [name, value])),
});

/**
 * The state after the increment, in the place of the given one. Throws with the reason when the
 * increment does not stand on it, or does not lead to the hash that its manifest tells.
 */
export function withIncrement(state: ChainState, increment: OpenedIncrement): ChainState {
  refuseOtherParent(state.newest, increment);
  const sum = sumFrom(stateFromFile(state.newest.manifest.state));
  const { services, settings } = state;
  applyEntries(services, increment.snapshot, sum);
  applySettings(settings, increment.snapshot, sum);
  const { contentHash, durableHash } = sum.total();
  const { content_hash, durable_hash } = increment.manifest.state;
  if (contentHash !== content_hash || durableHash !== durable_hash) {
    throw new Error(`with it the state has the content hash ${contentHash}, its manifest says ${content_hash}`);
  }
  return { newest: increment, services, settings };
}

type Sum = ReturnType<typeof sumFrom>;

function applyEntries(services: Services, { services: changed, removed }: Increment, sum: Sum): void {
  const forget = (service: string, id: string, was: SnapshotInstance): void => {
    sum.entry({ service, instance: id, value: was.raw, leased: was.leased }, -1);
  };
  for (const { service, id } of removed) {
    const was = services.get(service)?.get(id);
    if (was === undefined) throw new Error(`it takes ${service}/${id} away, which was not there`);
    forget(service, id, was);
    services.get(service)?.delete(id);
    if (services.get(service)?.size === 0) services.delete(service);
  }
  for (const { name, instances } of changed) {
    const held = services.get(name) ?? new Map<string, SnapshotInstance>();
    services.set(name, held);
    for (const instance of instances) {
      const was = held.get(instance.id);
      if (was !== undefined) forget(name, instance.id, was);
      sum.entry({ service: name, instance: instance.id, value: instance.raw, leased: instance.leased }, 1);
      held.set(instance.id, instance);
    }
  }
}

function applySettings(held: Map<string, string>, increment: Increment, sum: Sum): void {
  const forget = (name: string): boolean => {
    const value = held.get(name);
    if (value !== undefined) sum.setting({ name, value }, -1);
    return held.delete(name);
  };
  for (const name of increment.removed_settings) {
    if (!forget(name)) throw new Error(`it takes the setting ${name} away, which was not there`);
  }
  for (const setting of increment.settings) {
    forget(setting.name);
    sum.setting(setting, 1);
    held.set(setting.name, setting.value);
  }
}

function refuseOtherParent({ manifest, snapshotSha256 }: OpenedArchive, increment: OpenedIncrement): void {
  const { parent, product, cluster_id } = increment.manifest;
  if (parent?.snapshot_sha256 !== snapshotSha256) throw new Error('its parent is another archive of the same name');
  if (parent.revision !== manifest.revision) {
    throw new Error(`it begins at revision ${parent.revision}, its parent ends at ${manifest.revision}`);
  }
  if (product !== manifest.product || cluster_id !== manifest.cluster_id) {
    throw new Error(
      `it is of ${product} ${cluster_id ?? ''}, its parent of ${manifest.product} ${manifest.cluster_id ?? ''}`,
    );
  }
}

/** As `snapshot.json` of a full archive at that moment would tell it. */
export const snapshotOfState = ({ newest: { snapshot }, services, settings }: ChainState): Snapshot => ({
  backup_time: snapshot.backup_time,
  version: snapshot.version,
  services: [...services]
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, instances]) => ({ name, instances: [...instances.values()].sort((a, b) => compareText(a.id, b.id)) })),
  backup_time_utc: snapshot.backup_time_utc,
  time_zone: snapshot.time_zone,
  registry: snapshot.registry,
  settings: Array.from(settings, ([name, value]) => ({ name, value })).sort((a, b) => compareText(a.name, b.name)),
  access_rules: snapshot.access_rules,
});
