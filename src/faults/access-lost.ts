import { WorldError } from '../core/errors.js';
import type { Confirmation, Fault, RevertResult, UndoData, World } from '../core/fault.js';
import { majorityOf } from '../core/members.js';
import type { AccessRule } from '../core/registry-abilities.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import { accessOf, askAccess, askAccessPatiently, hasNone, lacking, recordedIn } from './access-rules.js';

const LOOK_LIMIT_MS = 5_000;
const SERVICES_LOOKED_UP = 3;
/** Where nothing is registered yet: a registry that refuses a folder refuses it also when it is empty. */
const ANY_SERVICE = 'firedrill-access';

/**
 * The rules are gone, as after a restore that brought the data back without them: the registry knows its users and
 * refuses them. Switching the check off altogether would let everybody in, which a drill must never do.
 */
export const accessLost: Fault = {
  name: 'data.access-lost',
  title: bi('Lose the access rules', '丢失访问规则'),
  description: bi(
    'Takes away the rules by which clients may use what is registered: they are refused until the rules are back.',
    '移除客户端访问注册内容所依据的规则：在规则恢复之前，客户端均被拒绝。',
  ),
  scope: 'data',
  removesVoter: false,
  params: [],
  liftedBy: [],
  undoText: bi('grant the recorded rules again', '重新授予已记录的规则'),
  missing: ({ registry }) => whyNot(registry),
  prepare,
  inject: async (world, data) => {
    const { rules } = recordedIn(data);
    const taken = await askAccess(world, (access, node, options) => access.takeAway(node, rules, options));
    if (taken.outcome !== 'ok') throw changeFailed('taken away', '移除', taken.reason);
  },
  confirm,
  revert,
  residue: async (world, data) => {
    const left = await whatIsLacking(world, recordedIn(data).rules);
    return typeof left === 'string' ? [notListed(left)] : left.map(lacks);
  },
};

async function whyNot({ access, product, nodes }: Cluster['registry']): Promise<Bilingual | null> {
  const [node = ''] = nodes;
  if (access === undefined) return hasNone(product);
  const options = { limitMs: LOOK_LIMIT_MS };
  const [rules, bound] = await Promise.all([access.rules(node, options), access.bindsUs?.(node, options)]);
  if (rules.outcome !== 'ok') return notListed(rules.reason);
  if (rules.value.length === 0) {
    return bi(
      `${product} asks nobody who he is: there are no access rules that could be lost`,
      `${product} 未启用访问控制：没有可丢失的访问规则`,
    );
  }
  if (bound === undefined || (bound.outcome === 'ok' && bound.value)) return null;
  if (bound.outcome !== 'ok') return notListed(bound.reason);
  return bi(
    'no rule binds the user of the credentials, who administers the registry: name another one under `clients` in the credentials file',
    '凭据中的用户是注册中心管理员，不受任何规则约束：请在凭据文件的 `clients` 下写明另一用户',
  );
}

async function prepare(world: World): Promise<UndoData> {
  const rules = await askAccess(world, (access, node, options) => access.rules(node, options));
  if (rules.outcome !== 'ok') throw new WorldError({ code: 'rules-unreadable', message: notListed(rules.reason) });
  if (rules.value.length === 0) {
    throw new WorldError({ code: 'no-target', message: hasNone(world.cluster.registry.product) });
  }
  const { registry } = world.cluster;
  const listed = await registry.client(registry.nodes[0] ?? '').listOwn({ limitMs: LOOK_LIMIT_MS });
  const entries = listed.outcome === 'ok' ? listed.value : [];
  const services = [...new Set(entries.map(({ service }) => service))].slice(0, SERVICES_LOOKED_UP);
  return {
    rules: rules.value.map(({ subject, resource, rights }) => ({ subject, resource, rights })),
    services: services.length === 0 ? [ANY_SERVICE] : services,
  };
}

/** A majority of the nodes answers, and refuses its clients every one of the services. */
async function confirm(world: World, data: UndoData): Promise<Confirmation> {
  const { services } = recordedIn(data);
  const { registry } = world.cluster;
  const looks = await Promise.all(registry.nodes.map((node) => refusedBy(world, node, services)));
  const observedMs = world.clock.monotonicMs();
  const refusing = looks.filter((look) => look === true).length;
  const unread = looks.filter((look) => look === null).length;
  const needed = majorityOf(registry.nodes.length);
  const possible = refusing + unread >= needed ? null : false;
  return {
    bitten: refusing >= needed ? true : possible,
    observedMs,
    detail: bi(
      `${refusing} of ${registry.nodes.length} nodes refuse a client ${services.join(', ')}`,
      `${registry.nodes.length} 个节点中有 ${refusing} 个拒绝客户端访问 ${services.join('、')}`,
    ),
  };
}

/** Null = could not be told: a node that does not answer at all has not refused. */
async function refusedBy({ cluster }: World, node: string, services: readonly string[]): Promise<boolean | null> {
  const client = cluster.registry.client(node);
  const options = { limitMs: LOOK_LIMIT_MS };
  const answers = await Promise.all(services.map((service) => client.discover(service, options)));
  if (answers.some(({ outcome }) => outcome === 'ok')) return false;
  const status = await client.status(options);
  return status.outcome === 'ok' && answers.every(({ outcome }) => outcome === 'failed') ? true : null;
}

async function revert(world: World, data: UndoData): Promise<RevertResult> {
  const { rules } = recordedIn(data);
  const before = await whatIsLacking(world, rules);
  if (typeof before !== 'string' && before.length === 0) {
    return { reverted: true, nothingToDo: true, detail: bi('the rules are all in force', '规则均已生效') };
  }
  // All of them: of one whose reading is refused nobody can tell which are lacking.
  const put = await askAccessPatiently(world, (access, node, options) => access.putBack(node, rules, options));
  if (put.outcome !== 'ok') return { reverted: false, detail: changeFailed('put back', '恢复', put.reason).text };
  const left = await whatIsLacking(world, rules);
  if (typeof left === 'string') return { reverted: false, detail: notListed(left) };
  const [first] = left;
  if (first !== undefined) return { reverted: false, detail: lacks(first) };
  return { reverted: true, nothingToDo: false, detail: bi('the rules are in force again', '规则已恢复生效') };
}

/** A text = why it cannot be told. */
async function whatIsLacking(world: World, rules: readonly AccessRule[]): Promise<readonly AccessRule[] | string> {
  const now = await askAccess(world, (access, node, options) => access.rules(node, options));
  return now.outcome === 'ok' ? lacking(rules, now.value, accessOf(world.cluster)) : now.reason;
}

const lacks = ({ subject, resource, rights }: AccessRule): Bilingual =>
  bi(`${subject} lacks ${rights} on ${resource}`, `${subject} 缺少对 ${resource} 的 ${rights} 权限`);

const notListed = (reason: string): Bilingual =>
  bi(`the access rules could not be listed: ${reason}`, `无法列出访问规则：${reason}`);

const changeFailed = (done: string, zh: string, reason: string): WorldError =>
  new WorldError({
    code: 'rules-unchanged',
    message: bi(`the access rules could not be ${done}: ${reason}`, `访问规则${zh}失败：${reason}`),
  });
