/** etcd's documented way of replacing a member that lost its data: remove it, add it, start it as a joining one. */
import type { NodeSpec } from '../../core/drill.js';
import type { Answer } from '../../core/registry.js';
import type { MembershipAbility } from '../../core/registry-abilities.js';
import { within } from '../within.js';
import { readAnswer } from './answer.js';
import type { Gateway } from './gateway.js';
import { isObject, type JsonObject, objectAt, objectsAt, textAt } from './json.js';
import { peerUrlOf } from './node-data.js';

type Ask = (path: string, body: object) => Promise<Answer<JsonObject>>;

const STATE_FLAG = '--initial-cluster-state';

export function etcdMembership(gatewayOf: (node: string) => Gateway): MembershipAbility {
  const askOf =
    (node: string, signal: AbortSignal): Ask =>
    async (path, body) =>
      readAnswer(await gatewayOf(node).post(path, body, signal));

  return {
    idOf: (asked, node, options) => within(options, (signal) => idOf(askOf(asked, signal), node)),
    replace: (asked, node, options) => within(options, (signal) => replace(askOf(asked, signal), node)),
    joining: (node) => {
      const start = joiningStart(node.start);
      return start === null ? null : { ...node, start };
    },
  };
}

async function idOf(ask: Ask, node: NodeSpec): Promise<Answer<string | null>> {
  const peerUrl = peerUrlOf(node);
  const answer = await ask('/v3/cluster/member/list', {});
  if (answer.outcome !== 'ok') return answer;
  if (!isObject(answer.value.header)) return { outcome: 'unknown', reason: 'the answer is not a list of members' };
  const member = objectsAt(answer.value, 'members').find(({ peerURLs }) => isListOf(peerURLs, peerUrl));
  return { outcome: 'ok', value: member === undefined ? null : textAt(member, 'ID') };
}

const isListOf = (urls: unknown, wanted: string): boolean => Array.isArray(urls) && urls.includes(wanted);

async function replace(ask: Ask, node: NodeSpec): Promise<Answer<{ readonly id: string }>> {
  const old = await idOf(ask, node);
  if (old.outcome !== 'ok') return old;
  if (old.value !== null) {
    const removed = await ask('/v3/cluster/member/remove', { ID: old.value });
    if (removed.outcome !== 'ok') return removed;
  }
  const added = await ask('/v3/cluster/member/add', { peerURLs: [peerUrlOf(node)] });
  if (added.outcome !== 'ok') return added;
  const id = textAt(objectAt(added.value, 'member'), 'ID');
  return id === null
    ? { outcome: 'unknown', reason: 'a member was added without an ID' }
    : { outcome: 'ok', value: { id } };
}

/** With `new`, a node without data would found a cluster of its own, or refuse to start. */
function joiningStart(start: readonly string[]): readonly string[] | null {
  const at = start.indexOf(STATE_FLAG);
  if (at >= 0) return start.with(at + 1, 'existing');
  const joined = start.findIndex((argument) => argument.startsWith(`${STATE_FLAG}=`));
  return joined >= 0 ? start.with(joined, `${STATE_FLAG}=existing`) : null;
}
