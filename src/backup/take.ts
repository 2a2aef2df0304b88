/** A backup in the five steps of seed §2.1: full, or what changed since the newest archive of the folder. */
import type { ArchiveInfo, Increment } from '../core/backup.js';
import type { BackupOptions, BackupService, WrittenBackup } from '../core/services.js';
import type { Bilingual } from '../core/text.js';
import { sumFrom, sumOf, sumOfSnapshot } from './content-hash.js';
import { deliver } from './deliver.js';
import { compareText, sortedNames } from './differences.js';
import { refuseEmptied } from './emptied.js';
import { type Exported, exportRegistry } from './export.js';
import { changesExported, fullExported, NO_LOCK } from './exported.js';
import { type Changes, changesSince } from './increment.js';
import { type BackupTime, backupTime } from './local-time.js';
import { findParent, type Parent } from './parent.js';
import { snapshotOf } from './snapshot.js';
import { type Done, substeps } from './substep.js';

export const fullBackup: BackupService['full'] = (options) => take(options, () => exportAll(options, null));

export const incrementalBackup: BackupService['incremental'] = (options) => take(options, () => exportChanges(options));

type Taken =
  | { readonly type: 'full'; readonly exported: Exported; readonly instead: Bilingual | null }
  | { readonly type: 'incremental'; readonly changes: Changes; readonly parent: Parent };

async function take(options: BackupOptions, exporting: () => Promise<Done<Taken>>): Promise<WrittenBackup> {
  const { clock, onSubstep, signal, dir, timeZone, cipher } = options;
  const steps = substeps({ clock, onSubstep, signal });
  const lock = NO_LOCK(options.cluster.registry);
  steps.notApplicable('lock', lock);
  const taken = await steps.run('export', async () => {
    const done = await exporting();
    await refuseEmptied(heldNow(done.value), options);
    return done;
  });
  const time = backupTime(clock.wallIso(), timeZone);
  const content =
    taken.type === 'full' ? fullContent(options, taken.exported, time) : incrementContent(options, taken, time);
  const info: ArchiveInfo = await deliver(
    content,
    { dir, time, signal, cipher: cipher?.encrypts ? cipher : undefined },
    steps,
  );
  steps.notApplicable('unlock', lock);
  const { pointMs } = taken.type === 'full' ? taken.exported : taken.changes;
  return { ...info, pointMs, instead: taken.type === 'full' ? taken.instead : null };
}

/** Of a full export that holds instances only their number, which is all that is asked then. */
function heldNow(taken: Taken) {
  if (taken.type === 'incremental') return stateAfter(taken.parent, taken.changes);
  const { entries, settings } = taken.exported;
  return { ...sumOf([], settings ?? []), instances: entries.length };
}

async function exportAll({ cluster, clock, signal }: BackupOptions, instead: Bilingual | null): Promise<Done<Taken>> {
  const exported = await exportRegistry(cluster, clock, signal);
  return fullExported({ type: 'full', exported, instead });
}

async function exportChanges(options: BackupOptions): Promise<Done<Taken>> {
  const { cluster, clock, signal, dir, cipher } = options;
  const look = await findParent(dir, cipher);
  if (!look.found) return exportAll(options, look.why);
  const { parent } = look;
  const since = await changesSince(parent, { cluster, clock, signal, cipher });
  if (!since.known) return exportAll(options, since.why);
  return changesExported({ type: 'incremental', changes: since.changes, parent });
}

type Content = Parameters<typeof deliver>[0];

function fullContent({ cluster, timeZone }: BackupOptions, exported: Exported, time: BackupTime): Content {
  const { registry } = cluster;
  const snapshot = snapshotOf({
    time,
    timeZone,
    registry: registryOf(registry, exported),
    entries: exported.entries,
    settings: exported.settings ?? [],
    accessRules: exported.accessRules,
  });
  return {
    snapshot,
    native: { name: registry.backup.fileName, bytes: exported.native },
    stable: exported.stable,
    notStable: exported.notStable,
    settingsListed: exported.settings !== null,
    chain: null,
    state: sumOfSnapshot(snapshot),
  };
}

function incrementContent(
  { cluster, timeZone }: BackupOptions,
  { changes, parent }: Taken & { readonly type: 'incremental' },
  time: BackupTime,
): Content {
  const { entries, settings, accessRules, stable, notStable, settingsListed } = changes;
  const snapshot: Increment = {
    ...snapshotOf({
      time,
      timeZone,
      registry: registryOf(cluster.registry, changes),
      entries: entries.flatMap(({ service, instance, after }) =>
        after === null ? [] : [{ service, instance, ...after }],
      ),
      settings: settings.flatMap(({ name, after }) => (after === null ? [] : [{ name, value: after }])),
      accessRules,
    }),
    removed: sortedNames(entries.filter(({ after }) => after === null)),
    removed_settings: settings.flatMap(({ name, after }) => (after === null ? [name] : [])).sort(compareText),
  };
  const chain = { parent: parent.link, base: parent.base };
  return { snapshot, native: null, stable, notStable, settingsListed, chain, state: stateAfter(parent, changes) };
}

/** Carried on from the parent's: what did not change is not read. */
function stateAfter({ state }: Parent, { entries, settings }: Changes) {
  const sum = sumFrom(state);
  for (const { service, instance, before, after } of entries) {
    if (before !== null) sum.entry({ service, instance, ...before }, -1);
    if (after !== null) sum.entry({ service, instance, ...after }, 1);
  }
  for (const { name, before, after } of settings) {
    if (before !== null) sum.setting({ name, value: before }, -1);
    if (after !== null) sum.setting({ name, value: after }, 1);
  }
  return sum.total();
}

const registryOf = (
  { kind, product }: BackupOptions['cluster']['registry'],
  { status, node }: Pick<Exported, 'status' | 'node'>,
) => ({ kind, product, version: status.version, cluster_id: status.clusterId, revision: status.revision, node });
