import type { MemberStatus } from '../../core/registry.js';
import { type Call, type Dialect, map } from './client.js';
import { keyValuesOfDump } from './dump.js';
import { integerAt, type JsonObject, objectAt, textAt } from './json.js';
import { entriesOf } from './keys.js';
import type { MemberNames } from './members.js';

export const antietcdDialect = (names: MemberNames): Dialect => ({
  status: async (node, call) => map(await call('/v3/maintenance/status', {}), (body) => statusOf(node, body, names)),
  // A range, even a serializable one, is refused without a quorum; the dump is this node's own copy in any case.
  listOwn: async (call: Call, prefix: string) =>
    map(await call('/dump', {}), (body) => entriesOf(keyValuesOfDump(body), prefix)),
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
