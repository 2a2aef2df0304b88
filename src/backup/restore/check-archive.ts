import { basename } from 'node:path';
import { type Cipher, KEY_CODES } from '../../core/archive-cipher.js';
import { describeError, WorldError } from '../../core/errors.js';
import type { World } from '../../core/fault.js';
import type { BackupRestore } from '../../core/services.js';
import { type Bilingual, bi } from '../../core/text.js';
import { type Chain, openChain } from '../chain.js';
import type { Done } from '../substep.js';
import { refuseOtherProduct } from './prepare.js';

type Archive = Parameters<BackupRestore['prepare']>[1]['archive'];

/** Opens it and all that it stands on anew, right before the stop: the files that were chosen, sound, and of this product. */
export async function checkArchive(world: World, { info }: Archive, cipher?: Cipher): Promise<Done<Chain>> {
  const chain = await reopen(info.path, cipher);
  const { newest, full, increments } = chain;
  if (newest.info.sha256 !== info.sha256)
    throw damaged(info.fileName, bi('it changed since it was chosen', '选定之后已发生变化'));
  refuseOtherProduct(world, newest.manifest.product, info.fileName);
  const problem = world.cluster.registry.backup.check(full.native.bytes);
  if (problem !== null)
    throw damaged(info.fileName, bi(`${full.native.name}: ${problem}`, `${full.native.name}：${problem}`));
  const { revision, sha256, state } = newest.info;
  const { instances, durable } = state;
  const stable = [full, ...increments].every(({ manifest }) => manifest.stable);
  const stands =
    increments.length === 0
      ? bi('', '')
      : bi(
          `, with ${full.info.fileName} and ${increments.length} increments,`,
          `（连同 ${full.info.fileName} 与 ${increments.length} 个增量）`,
        );
  return {
    value: chain,
    outcome: stable ? 'pass' : 'unknown',
    detail: bi(
      `${info.fileName}${stands.en} is sound: ${instances} instances, of which ${durable} come back; ${instances - durable} leased ones are their owners’ to renew or to register again${stable ? '' : '; it was made while writes went on'}`,
      `${info.fileName}${stands.zh} 完好：共 ${instances} 个实例，其中 ${durable} 个会恢复；${instances - durable} 个带租约的由其所有者续约或重新注册${stable ? '' : '；备份期间仍有写入'}`,
    ),
    facts: {
      file: info.fileName,
      sha256,
      revision,
      instances,
      durable,
      stable,
      chain: [full, ...increments].map((one) => one.info.fileName),
    },
  };
}

async function reopen(path: string, cipher: Cipher | undefined): Promise<Chain> {
  try {
    return await openChain(path, cipher);
  } catch (error) {
    if (error instanceof WorldError && KEY_CODES.includes(error.code)) throw error;
    throw damaged(basename(path), describeError(error));
  }
}

const damaged = (file: string, why: Bilingual): WorldError =>
  new WorldError({
    code: 'archive-damaged',
    message: bi(
      `${file} cannot be restored: ${why.en}; nothing was touched`,
      `${file} 无法用于恢复：${why.zh}；未触碰任何数据`,
    ),
    hint: bi('choose an earlier archive: `firedrill backup list`', '请选择更早的归档：`firedrill backup list`'),
  });
