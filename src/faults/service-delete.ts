import { WorldError } from '../core/errors.js';
import type { Fault, FaultRequest, UndoData, World } from '../core/fault.js';
import { bi } from '../core/text.js';
import { ask, deleteEntries, missingEntries, putBack } from './entry-changes.js';
import { confirmDeleted } from './entry-look.js';
import { inlineRecord, recordedEntries } from './entry-record.js';

/** The first situation of seed §5.1: one service deleted by mistake. */
export const serviceDelete: Fault = {
  name: 'service.delete',
  title: bi('Delete one service', '误删一个服务'),
  description: bi(
    'Deregisters every instance of one service through the registry’s API, as an operator’s mistake would.',
    '通过注册中心 API 注销某个服务的全部实例，模拟运维误操作。',
  ),
  scope: 'data',
  removesVoter: false,
  params: [
    {
      name: 'service',
      type: 'string',
      required: true,
      description: bi('the service whose instances are deleted', '要删除其实例的服务名'),
    },
  ],
  liftedBy: ['restore', 're-register'],
  undoText: bi('register the deleted instances again', '重新注册被删除的实例'),
  prepare,
  inject: async (world, data) => deleteEntries(world, await recordedEntries(world, data)),
  confirm: async (world, data) => confirmDeleted(world, await recordedEntries(world, data)),
  revert: async (world, data) => putBack(world, await recordedEntries(world, data)),
  residue: async (world, data) => missingEntries(world, await recordedEntries(world, data)),
};

async function prepare(world: World, request: FaultRequest): Promise<UndoData> {
  const { service } = request.params;
  if (typeof service !== 'string' || service === '') {
    throw new WorldError({
      code: 'fault-param',
      message: bi(
        `step ${request.step}: service.delete needs \`service\`, the name of the service`,
        `步骤 ${request.step}：service.delete 需要参数 \`service\`（服务名）`,
      ),
    });
  }
  const startedMs = world.clock.monotonicMs();
  const answer = await ask(world, (client, options) => client.discover(service, options));
  if (answer.outcome !== 'ok') {
    const tookMs = Math.round(world.clock.monotonicMs() - startedMs);
    throw new WorldError({
      code: 'registry-unreachable',
      message: bi(
        `no node listed the instances of ${service} within ${tookMs} ms: ${answer.reason}`,
        `${tookMs} 毫秒内没有节点列出 ${service} 的实例：${answer.reason}`,
      ),
    });
  }
  if (answer.value.length === 0) {
    throw new WorldError({
      code: 'no-target',
      message: bi(
        `service ${service} has no instances, so there is nothing to delete`,
        `服务 ${service} 没有任何实例，无可删除`,
      ),
      hint: bi('check the name and the key prefix of the target', '请检查服务名与目标的键前缀'),
    });
  }
  return { service, ...inlineRecord(answer.value) };
}
