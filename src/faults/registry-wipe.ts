import { WorldError } from '../core/errors.js';
import type { Fault, FaultRequest, UndoData, World } from '../core/fault.js';
import { bi } from '../core/text.js';
import { everyEntry } from './entry-all.js';
import { deleteEntries, missingEntries, putBack } from './entry-changes.js';
import { confirmDeleted } from './entry-look.js';
import { fileRecord, recordedEntries } from './entry-record.js';

/** An operator deletes everything: each service under the prefix, the canary's too. */
export const registryWipe: Fault = {
  name: 'registry.wipe',
  title: bi('Delete all registrations', '清空全部注册信息'),
  description: bi(
    'Deregisters every instance of every service under the prefix, as a script run on the wrong environment would.',
    '注销前缀下所有服务的全部实例，模拟脚本误在该环境执行。',
  ),
  scope: 'data',
  removesVoter: false,
  params: [],
  liftedBy: ['restore', 're-register'],
  undoText: bi('register the deleted instances again from the undo file', '根据撤销文件重新注册被删除的实例'),
  prepare,
  inject: async (world, data) => deleteEntries(world, await recordedEntries(world, data)),
  confirm: async (world, data) => confirmDeleted(world, await recordedEntries(world, data)),
  revert: async (world, data) => putBack(world, await recordedEntries(world, data)),
  residue: async (world, data) => missingEntries(world, await recordedEntries(world, data)),
};

async function prepare(world: World, request: FaultRequest): Promise<UndoData> {
  const entries = await everyEntry(world);
  if (entries.length === 0) {
    throw new WorldError({
      code: 'no-target',
      message: bi(
        `step ${request.step}: the registry holds no instances under ${world.cluster.binding.prefix}, so there is nothing to delete`,
        `步骤 ${request.step}：注册中心在 ${world.cluster.binding.prefix} 下没有任何实例，无可删除`,
      ),
      hint: bi('check the key prefix of the target', '请检查目标的键前缀'),
    });
  }
  return fileRecord(world, 'registry-wipe', entries);
}
