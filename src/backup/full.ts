/** The five steps of seed §2.1. */
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../core/durable-file.js';
import { WorldError } from '../core/errors.js';
import type { BackupService } from '../core/services.js';
import { bi } from '../core/text.js';
import { archiveParts, digest } from './archive-parts.js';
import { type Exported, exportRegistry } from './export.js';
import { archiveName } from './list.js';
import { backupTime } from './local-time.js';
import { infoOf } from './open-archive.js';
import { packArchive } from './pack.js';
import { snapshotOf } from './snapshot.js';
import { type Done, interruptedIn, substeps } from './substep.js';

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
  const packed = await steps.run('compress', async () => {
    const native = { name: cluster.registry.backup.fileName, bytes: exported.native };
    const settingsListed = exported.settings !== null;
    const parts = archiveParts({ snapshot, native, stable: exported.stable, settingsListed });
    return compressDone(
      await packArchive(parts, time.epochSeconds),
      parts.reduce((sum, { bytes }) => sum + bytes.length, 0),
    );
  });
  const path = await steps.run('upload', () => upload(packed, { dir, stamp: time.stamp, signal }));
  steps.notApplicable('unlock', NO_LOCK);
  return { ...infoOf(path, packed, snapshot), pointMs: exported.pointMs };
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

function compressDone(packed: Uint8Array, rawBytes: number): Done<Uint8Array> {
  return {
    value: packed,
    detail: bi(`${rawBytes} bytes packed into ${packed.length}`, `${rawBytes} 字节压缩为 ${packed.length} 字节`),
    facts: { rawBytes, packedBytes: packed.length, sha256: digest('sha256', packed) },
  };
}

async function upload(
  packed: Uint8Array,
  { dir, stamp, signal }: { readonly dir: string; readonly stamp: string; readonly signal: AbortSignal | undefined },
): Promise<Done<string>> {
  try {
    await mkdir(dir, { recursive: true });
    const name = await freeName(dir, stamp);
    const path = join(dir, name);
    await writeDurably(path, packed, signal);
    const sha256 = digest('sha256', packed);
    if (digest('sha256', await readFile(path)) !== sha256) throw new Error('read back, it is not what was written');
    return { value: path, detail: bi(`written as ${name}`, `已写入 ${name}`), facts: { file: name, sha256 } };
  } catch (error) {
    if (signal?.aborted) throw interruptedIn('upload');
    const why = error instanceof Error ? error.message : String(error);
    throw new WorldError({
      code: 'upload-failed',
      message: bi(`the archive could not be written to ${dir}: ${why}`, `无法将归档写入 ${dir}：${why}`),
      hint: bi('check the folder, its rights and its free space', '请检查目录、权限与剩余空间'),
      cause: error,
    });
  }
}

async function freeName(dir: string, stamp: string): Promise<string> {
  for (let n = 1; ; n += 1) {
    const name = archiveName(stamp, n);
    if (!(await exists(join(dir, name)))) return name;
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
