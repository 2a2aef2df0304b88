import type { MemberStatus } from '../../core/registry.js';
import type { Dialect } from './client.js';
import { NO_STATUS } from './dialect-etcd.js';
import { keyValuesOfDump } from './dump.js';
import { integerAt, isObject, type JsonObject, objectAt, textAt } from './json.js';
import { entriesOf } from './keys.js';
import type { MemberNames } from './members.js';

export const antietcdDialect = (names: MemberNames): Dialect => ({
  status: async (node, call) => {
    const answer = await call('/v3/maintenance/status', {});
    if (answer.outcome !== 'ok') return answer;
    const { header, version } = answer.value;
    if (!isObject(header) || typeof version !== 'string') return NO_STATUS;
    return { outcome: 'ok', value: statusOf(node, answer.value, names) };
  },
  // A range, even a serializable one, is refused without a quorum; the dump is this node's own copy in any case.
  listOwn: async (call, prefix) => {
    const answer = await call('/dump', {});
    if (answer.outcome !== 'ok') return answer;
    if (!isObject(answer.value.state)) return { outcome: 'unknown', reason: 'the answer is not a dump' };
    return { outcome: 'ok', value: entriesOf(keyValuesOfDump(answer.value), prefix) };
  },
});

function statusOf(node: string, body: JsonObject, names: MemberNames): MemberStatus {
  const header = objectAt(body, 'header');
  const cluster = objectAt(body, 'cluster');
  const own = textAt(header, 'member_id');
  names.learnAll(Object.entries(cluster).map(([id, url]) => ({ id, name: id, urls: [String(url)] })));
  if (own !== null) names.learn(own, node);
  return {
    node,
    version: (textAt(body, 'version') ?? '').replace(/^antietcd /, ''),
    leader: leaderOf(body, own === null ? node : own, names),
    term: integerAt(body, 'raftTerm'),
    revision: integerAt(header, 'revision'),
    clusterId: null,
    voter: true,
  };
}

/** A candidate names itself as the leader; a node without a cluster leads alone. */
function leaderOf(body: JsonObject, own: string, names: MemberNames): string | null {
  const state = textAt(body, 'raftState');
  if (state === null) return 'cluster' in body ? null : (names.nameOf(own) ?? own);
  const leader = textAt(body, 'leader');
  return state === 'candidate' || leader === null ? null : (names.nameOf(leader) ?? leader);
}
