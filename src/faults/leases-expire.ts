import { WorldError } from '../core/errors.js';
import type { Confirmation, Fault, FaultRequest, Json, UndoData, World } from '../core/fault.js';
import { askInTurn, majorityOf } from '../core/members.js';
import { inParallel } from '../core/parallel.js';
import type { Answer, CallOptions } from '../core/registry.js';
import type { LeaseAbility } from '../core/registry-abilities.js';
import { bi } from '../core/text.js';
import { unreadable } from './node-record.js';

const CALL_LIMIT_MS = 5_000;
const LOOK_LIMIT_MS = 2_000;
const REVOKES_AT_ONCE = 32;

/** All leases end at once, as after a leader that hung too long: every instance is gone until its owner notices. */
export const leasesExpire: Fault = {
  name: 'leases.expire',
  title: bi('Expire all leases or sessions at once', '租约或会话同时到期'),
  description: bi(
    'Revokes every lease, or in ZooKeeper closes every session, that an instance hangs on: all leased instances disappear together, and their owners must register again.',
    '吊销所有实例所依附的租约（ZooKeeper 中为关闭其会话）：全部带租约的实例同时消失，须由其所有者重新注册。',
  ),
  scope: 'data',
  removesVoter: false,
  params: [],
  liftedBy: ['restore'],
  undoText: bi('nothing: the owners register their instances again', '无需撤销：由所有者重新注册其实例'),
  missing: async ({ registry }) =>
    registry.leases === undefined ? bi('this registry has no leases to revoke', '该注册中心没有可吊销的租约') : null,
  prepare,
  inject: async (world, data) => {
    const leases = leasesOf(world);
    const reasons = await inParallel(idsIn(data), REVOKES_AT_ONCE, async (id) => {
      const answer = await inTurn(world, (node, options) => leases.revoke(node, id, options));
      return answer.outcome === 'ok' ? [] : [`${id}: ${answer.reason}`];
    });
    const failed = reasons.flat();
    if (failed.length > 0) throw notRevoked(failed, idsIn(data).length);
  },
  confirm,
  revert: async () => ({
    reverted: true,
    nothingToDo: true,
    detail: bi('revoked leases do not come back; owners register again', '被吊销的租约不会恢复；由所有者重新注册'),
  }),
  residue: async () => [],
};

function leasesOf({ cluster }: World): LeaseAbility {
  const { leases, product } = cluster.registry;
  if (leases !== undefined) return leases;
  throw new WorldError({
    code: 'ability-missing',
    message: bi(`${product} has no leases to revoke`, `${product} 没有可吊销的租约`),
  });
}

const inTurn = <T>(
  { cluster, clock, signal }: World,
  ask: (node: string, options: CallOptions) => Promise<Answer<T>>,
): Promise<Answer<T>> =>
  askInTurn(cluster.registry, (client, options) => ask(client.node, options), {
    clock,
    limitMs: CALL_LIMIT_MS,
    ...(signal && { signal }),
  });

async function prepare(world: World, { step }: FaultRequest): Promise<UndoData> {
  const leases = leasesOf(world);
  const answer = await inTurn(world, (node, options) => leases.heldOn(node, options));
  if (answer.outcome !== 'ok') {
    throw new WorldError({
      code: 'registry-unreachable',
      message: bi(`no node listed its leases: ${answer.reason}`, `没有节点列出其租约：${answer.reason}`),
    });
  }
  if (answer.value.length > 0) return { leases: answer.value };
  throw new WorldError({
    code: 'no-target',
    message: bi(
      `step ${step}: no instance under ${world.cluster.binding.prefix} hangs on a lease, so none can expire`,
      `步骤 ${step}：${world.cluster.binding.prefix} 下没有依附租约的实例，无从到期`,
    ),
  });
}

function idsIn({ leases }: UndoData): readonly string[] {
  if (!Array.isArray(leases)) throw unreadable('leases');
  return leases.map((id: Json) => String(id));
}

/** None of the recorded leases holds an instance any more, as a majority of the nodes has it; new ones do not count. */
async function confirm(world: World, data: UndoData): Promise<Confirmation> {
  const leases = leasesOf(world);
  const recorded = idsIn(data);
  const { nodes } = world.cluster.registry;
  const left = await Promise.all(
    nodes.map(async (node) => {
      const answer = await leases.heldOn(node, {
        limitMs: LOOK_LIMIT_MS,
        ...(world.signal && { signal: world.signal }),
      });
      return answer.outcome === 'ok' ? recorded.filter((id) => answer.value.includes(id)).length : null;
    }),
  );
  const observedMs = world.clock.monotonicMs();
  const clean = left.filter((count) => count === 0).length;
  const unread = left.filter((count) => count === null).length;
  const needed = majorityOf(nodes.length);
  const possible = clean + unread >= needed ? null : false;
  const seen = nodes.map((node, index) => `${node} ${left[index] ?? '?'}`).join(', ');
  const detail = bi(
    `of ${recorded.length} leases still holding instances: ${seen}`,
    `${recorded.length} 个租约中仍有实例的：${seen}`,
  );
  return { bitten: clean >= needed ? true : possible, observedMs, detail };
}

const notRevoked = (failed: readonly string[], all: number): WorldError =>
  new WorldError({
    code: 'revoke-failed',
    message: bi(
      `${failed.length} of ${all} leases could not be revoked: ${failed.slice(0, 3).join('; ')}`,
      `${all} 个租约中有 ${failed.length} 个未能吊销：${failed.slice(0, 3).join('；')}`,
    ),
  });
