/** etcd's documented way of replacing a member that lost its data: remove it, add it, start it as a joining one. */
import type { NodeSpec } from '../../core/drill.js';
import type { Answer } from '../../core/registry.js';
import type { MembershipAbility, Replaced } from '../../core/registry-abilities.js';
import { within } from '../within.js';
import { readAnswer } from './answer.js';
import type { Gateway } from './gateway.js';
import { isObject, type JsonObject, objectAt, objectsAt, textAt } from './json.js';
import { peerUrlOf } from './node-data.js';

type Ask = (path: string, body: object) => Promise<Answer<JsonObject>>;

const STATE_FLAG = '--initial-cluster-state';
const MEMBERS_FLAG = '--initial-cluster';

export function etcdMembership(gatewayOf: (node: string) => Gateway): MembershipAbility {
  const askOf =
    (node: string, signal: AbortSignal): Ask =>
    async (path, body) =>
      readAnswer(await gatewayOf(node).post(path, body, signal));

  return {
    idOf: (asked, node, options) => within(options, (signal) => idOf(askOf(asked, signal), node)),
    replace: (asked, node, options) => within(options, (signal) => replace(askOf(asked, signal), node)),
    canJoin: ({ start }) => withFlag(start, STATE_FLAG, 'existing') !== null,
    // The command of a container, or of somebody’s script, cannot be added to.
    alone: (node) =>
      withFlag(node.start, '--data-dir', '') === null
        ? null
        : { ...node, start: [...node.start, '--force-new-cluster'] },
  };
}

async function idOf(ask: Ask, node: NodeSpec): Promise<Answer<string | null>> {
  const peerUrl = peerUrlOf(node);
  const answer = await ask('/v3/cluster/member/list', {});
  if (answer.outcome !== 'ok') return answer;
  if (!isObject(answer.value.header)) return { outcome: 'unknown', reason: 'the answer is not a list of members' };
  const member = objectsAt(answer.value, 'members').find((each) => listAt(each, 'peerURLs').includes(peerUrl));
  return { outcome: 'ok', value: member === undefined ? null : textAt(member, 'ID') };
}

async function replace(ask: Ask, node: NodeSpec): Promise<Answer<Replaced>> {
  const old = await idOf(ask, node);
  if (old.outcome !== 'ok') return old;
  if (old.value !== null) {
    const removed = await ask('/v3/cluster/member/remove', { ID: old.value });
    if (removed.outcome !== 'ok') return removed;
  }
  const added = await ask('/v3/cluster/member/add', { peerURLs: [peerUrlOf(node)] });
  if (added.outcome !== 'ok') return added;
  const id = textAt(objectAt(added.value, 'member'), 'ID');
  if (id === null) return { outcome: 'unknown', reason: 'a member was added without an ID' };
  return { outcome: 'ok', value: { id, joining: joiningNode(node, added.value) } };
}

/**
 * With the state `new`, a node without data would found a cluster of its own, or refuse to start. It also refuses when
 * the members it is told of are not exactly those of the cluster, which may have lost some for good.
 */
function joiningNode(node: NodeSpec, added: JsonObject): NodeSpec {
  const members = objectsAt(added, 'members').flatMap((member) => {
    // One that has not started yet has no name.
    const name = textAt(member, 'name') ?? node.name;
    return listAt(member, 'peerURLs').map((url) => `${name}=${url}`);
  });
  const joining = withFlag(node.start, STATE_FLAG, 'existing') ?? node.start;
  return { ...node, start: withFlag(joining, MEMBERS_FLAG, members.join(',')) ?? joining };
}

const listAt = (body: JsonObject, key: string): readonly string[] => {
  const list = body[key];
  return Array.isArray(list) ? list.filter((url) => typeof url === 'string') : [];
};

/** `--flag value` or `--flag=value`; null = the command does not have it. */
function withFlag(start: readonly string[], flag: string, value: string): readonly string[] | null {
  const at = start.indexOf(flag);
  if (at >= 0) return start.with(at + 1, value);
  const joined = start.findIndex((argument) => argument.startsWith(`${flag}=`));
  return joined >= 0 ? start.with(joined, `${flag}=${value}`) : null;
}
