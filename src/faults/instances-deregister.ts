import { WorldError } from '../core/errors.js';
import type { Fault, FaultRequest, UndoData, World } from '../core/fault.js';
import type { Entry } from '../core/registry.js';
import { bi } from '../core/text.js';
import { everyEntry } from './entry-all.js';
import { deleteEntries, missingEntries, putBack } from './entry-changes.js';
import { confirmDeleted } from './entry-look.js';
import { fileRecord, recordedEntries } from './entry-record.js';
import { type NumberSpec, numberOf, numberParam, refusing, wordOf } from './param.js';

const PERCENT: NumberSpec = {
  name: 'percent',
  least: 1,
  most: 100,
  usual: 100,
  en: 'share of each service’s instances, rounded up',
  zh: '每个服务被注销实例的百分比，向上取整',
};
/** `durable` ones can be put back; `leased` ones only by their owners. */
const KINDS = ['all', 'durable', 'leased'] as const;

/** A health check gone wrong, or a script, that takes instances out of every service at once. */
export const instancesDeregister: Fault = {
  name: 'data.instances-deregister',
  title: bi('Deregister many instances', '大批注销实例'),
  description: bi(
    'Deregisters a share of the instances of every service at once; unlike registry.wipe, services are left with the rest.',
    '同时注销每个服务的一部分实例；与 registry.wipe 不同，其余实例保留。',
  ),
  scope: 'data',
  removesVoter: false,
  params: [
    numberParam(PERCENT),
    {
      name: 'kind',
      type: 'string',
      required: false,
      description: bi(
        'all (default), durable (the undo puts them back), or leased (only their owners can register them again)',
        'all（默认）、durable（撤销时放回）或 leased（只能由其所有者重新注册）',
      ),
    },
  ],
  liftedBy: ['restore', 're-register'],
  undoText: bi(
    'register the deleted durable instances again from the undo file; leased ones are their owners’ to register',
    '根据撤销文件重新注册被删除的持久实例；带租约的由其所有者重新注册',
  ),
  missing: refusing((params) => [numberOf(params, PERCENT), wordOf(params, 'kind', KINDS)]),
  prepare,
  inject: async (world, data) => deleteEntries(world, await recordedEntries(world, data)),
  confirm: async (world, data) => confirmDeleted(world, await recordedEntries(world, data)),
  revert: async (world, data) => putBack(world, await recordedEntries(world, data)),
  residue: async (world, data) => missingEntries(world, await recordedEntries(world, data)),
};

async function prepare(world: World, { params, step }: FaultRequest): Promise<UndoData> {
  const percent = numberOf(params, PERCENT);
  const kind = wordOf(params, 'kind', KINDS);
  const fitting = (await everyEntry(world)).filter(({ leased }) => kind === 'all' || leased === (kind === 'leased'));
  const services = [...new Set(fitting.map(({ service }) => service))];
  const chosen = services.flatMap((name) =>
    share(
      fitting.filter(({ service }) => service === name),
      percent,
    ),
  );
  if (chosen.length === 0) throw nothingToDeregister(step, kind);
  return fileRecord(world, 'instances-deregister', chosen);
}

/** The first of them in the order of their names: the same every time. */
const share = (entries: readonly Entry[], percent: number): readonly Entry[] =>
  entries.slice(0, Math.ceil((entries.length * percent) / 100));

const nothingToDeregister = (step: string, kind: string): WorldError =>
  new WorldError({
    code: 'no-target',
    message: bi(
      `step ${step}: no service has instances of kind ${kind}, so there is nothing to deregister`,
      `步骤 ${step}：没有服务拥有 ${kind} 类型的实例，无可注销`,
    ),
    hint: bi('check the key prefix of the target', '请检查目标的键前缀'),
  });
