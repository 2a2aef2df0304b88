import { WorldError } from '../core/errors.js';
import type { Fault, FaultRequest, UndoData, World } from '../core/fault.js';
import { agreedLeader, readMembers } from '../core/members.js';
import type { Entry } from '../core/registry.js';
import { bi } from '../core/text.js';
import { deleteEntries, missingEntries, putBack } from './entry-changes.js';
import { confirmDeleted, readNodes } from './entry-look.js';
import { fileRecord, recordedEntries } from './entry-record.js';

const STATUS_LIMIT_MS = 1_000;

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
  liftedBy: ['restore'],
  undoText: bi('register the deleted instances again from the undo file', '根据撤销文件重新注册被删除的实例'),
  prepare,
  inject: async (world, data) => deleteEntries(world, await recordedEntries(world, data)),
  confirm: async (world, data) => confirmDeleted(world, await recordedEntries(world, data)),
  revert: async (world, data) => putBack(world, await recordedEntries(world, data)),
  residue: async (world, data) => missingEntries(world, await recordedEntries(world, data)),
};

async function prepare(world: World, request: FaultRequest): Promise<UndoData> {
  const entries = await everything(world);
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

/** What any node holds; where nodes differ, the leader's value counts: it has every acknowledged write. */
async function everything(world: World): Promise<readonly Entry[]> {
  const leader = agreedLeader(await readMembers(world.cluster.registry, { limitMs: STATUS_LIMIT_MS }));
  const nodes = await readNodes(world);
  const readable = nodes.flatMap(({ node, held }) => (held === null ? [] : [{ node, held }]));
  if (leader === null || !readable.some(({ node }) => node === leader)) {
    throw new WorldError({
      code: 'no-leader',
      message: bi(
        'the registry has no leader that can be read, so what would be deleted cannot be recorded completely',
        '注册中心没有可读的主节点，无法完整记录将被删除的内容',
      ),
      hint: bi('run `firedrill status`, and wait for a leader', '请运行 `firedrill status`，等待选出主节点'),
    });
  }
  const leaderLast = [...readable].sort((a, b) => Number(a.node === leader) - Number(b.node === leader));
  const union = new Map(leaderLast.flatMap(({ held }) => [...held]));
  return [...union.values()].sort(byKey);
}

const byKey = (a: Entry, b: Entry): number =>
  a.service === b.service ? compareText(a.instance, b.instance) : compareText(a.service, b.service);

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
