import { WorldError } from '../../core/errors.js';
import type { World } from '../../core/fault.js';
import type { BackupRestore } from '../../core/services.js';
import { bi } from '../../core/text.js';
import { type OpenedFull, openArchive } from '../open-archive.js';
import type { Done } from '../substep.js';
import { refuseOtherProduct } from './prepare.js';

type Archive = Parameters<BackupRestore['prepare']>[1]['archive'];

/** Opens it anew, right before the stop: it must be the file that was chosen, sound, and of this product. */
export async function checkArchive(world: World, { info }: Archive): Promise<Done<OpenedFull>> {
  const opened = await reopen(info.path);
  if (opened.info.sha256 !== info.sha256) throw damaged(info.fileName, 'it changed since it was chosen');
  refuseOtherProduct(world, opened.manifest.product, info.fileName);
  const problem = world.cluster.registry.backup.check(opened.native.bytes);
  if (problem !== null) throw damaged(info.fileName, `${opened.native.name}: ${problem}`);
  const { instances, durable, revision, sha256 } = opened.info;
  return {
    value: opened,
    outcome: opened.manifest.stable ? 'pass' : 'unknown',
    detail: bi(
      `${info.fileName} is sound: ${instances} instances, of which ${durable} come back; ${instances - durable} leased ones come back when their owners register again${opened.manifest.stable ? '' : '; it was made while writes went on'}`,
      `${info.fileName} 完好：共 ${instances} 个实例，其中 ${durable} 个会恢复；${instances - durable} 个带租约的由其所有者重新注册${opened.manifest.stable ? '' : '；备份期间仍有写入'}`,
    ),
    facts: { file: info.fileName, sha256, revision, instances, durable, stable: opened.manifest.stable },
  };
}

async function reopen(path: string): Promise<OpenedFull> {
  try {
    const opened = await openArchive(path);
    if (opened.type === 'full') return opened;
    throw new Error('it is an increment');
  } catch (error) {
    throw damaged(path, error instanceof Error ? error.message : String(error));
  }
}

const damaged = (file: string, why: string): WorldError =>
  new WorldError({
    code: 'archive-damaged',
    message: bi(
      `${file} cannot be restored: ${why}; nothing was touched`,
      `${file} 无法用于恢复：${why}；未触碰任何数据`,
    ),
    hint: bi('choose an earlier archive: `firedrill backup list`', '请选择更早的归档：`firedrill backup list`'),
  });
