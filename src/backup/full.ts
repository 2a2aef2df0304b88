/** The five steps of seed §2.1. */
import type { BackupService } from '../core/services.js';
import { bi } from '../core/text.js';
import { sumOfSnapshot } from './content-hash.js';
import { deliver } from './deliver.js';
import { type Exported, exportRegistry } from './export.js';
import { backupTime } from './local-time.js';
import { snapshotOf } from './snapshot.js';
import { type Done, substeps } from './substep.js';

const NO_LOCK = bi(
  'not needed: the export is one atomic view of the registry',
  '不需要：导出即为注册中心的一个原子视图',
);

export const fullBackup: BackupService['full'] = async ({ cluster, dir, timeZone, clock, onSubstep, signal }) => {
  const steps = substeps({ clock, onSubstep, signal });
  steps.notApplicable('lock', NO_LOCK);
  const exported = await steps.run('export', async () => exportDone(await exportRegistry(cluster, clock, signal)));
  const time = backupTime(clock.wallIso(), timeZone);
  const { kind, product } = cluster.registry;
  const { version, clusterId, revision } = exported.status;
  const snapshot = snapshotOf({
    time,
    timeZone,
    registry: { kind, product, version, cluster_id: clusterId, revision, node: exported.node },
    entries: exported.entries,
    settings: exported.settings ?? [],
  });
  const content = {
    snapshot,
    native: { name: cluster.registry.backup.fileName, bytes: exported.native },
    stable: exported.stable,
    notStable: [],
    settingsListed: exported.settings !== null,
    chain: null,
    state: sumOfSnapshot(snapshot),
  };
  const info = await deliver(content, { dir, time, signal }, steps);
  steps.notApplicable('unlock', NO_LOCK);
  return { ...info, pointMs: exported.pointMs };
};

function exportDone(exported: Exported): Done<Exported> {
  const { node, leader, stable, looks, entries, native, settings, status } = exported;
  const leased = entries.filter((entry) => entry.leased).length;
  const from = leader ? bi(`the leader ${node}`, `主节点 ${node}`) : bi(`${node} (no leader)`, `${node}（无主节点）`);
  const doubt = stable
    ? bi('', '')
    : bi('; writes went on, so listing and native copy may differ', '；期间仍有写入，列表与原生副本可能不一致');
  const counts = { entries: entries.length, leased, settings: settings?.length ?? null };
  return {
    value: exported,
    outcome: stable && settings !== null ? 'pass' : 'unknown',
    detail: bi(
      `exported ${entries.length} instances from ${from.en} at revision ${status.revision}; ${leased} leased ones are listed but not restored${doubt.en}`,
      `从${from.zh}导出 ${entries.length} 个实例（修订号 ${status.revision}）；其中 ${leased} 个带租约，仅列出、不恢复${doubt.zh}`,
    ),
    facts: { node, leader, revision: status.revision, stable, looks, nativeBytes: native.length, ...counts },
  };
}
