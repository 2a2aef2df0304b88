import type { Answer, MemberStatus } from '../../core/registry.js';
import { type Call, type Dialect, map, readRange } from './client.js';
import { integerAt, isObject, type JsonObject, objectAt, objectsAt, textAt } from './json.js';
import { entriesOf, folderRange } from './keys.js';
import type { KnownMember, MemberNames } from './members.js';

export const etcdDialect = (names: MemberNames): Dialect => ({
  status: async (node, call) => {
    const answer = await call('/v3/maintenance/status', {});
    if (answer.outcome !== 'ok') return answer;
    const { header, version } = answer.value;
    if (!isObject(header) || typeof version !== 'string') return NO_STATUS;
    return statusOf({ node, body: answer.value, names }, call);
  },
  listOwn: async (call, prefix) => {
    const answer = await readRange(call, { ...folderRange(prefix), serializable: true });
    return map(answer, (keyValues) => entriesOf(keyValues, prefix));
  },
});

/** A 200 from something that is not etcd must not pass for a member at revision 0. */
export const NO_STATUS = { outcome: 'unknown', reason: 'the answer is not a status of etcd' } as const;

interface Told {
  readonly node: string;
  readonly body: JsonObject;
  readonly names: MemberNames;
}

async function statusOf({ node, body, names }: Told, call: Call): Promise<Answer<MemberStatus>> {
  const header = objectAt(body, 'header');
  const version = textAt(body, 'version') ?? '';
  const own = textAt(header, 'member_id');
  if (own !== null) names.learn(own, node);
  const leader = await leaderName(textAt(body, 'leader'), { version, names, call });
  if (leader.outcome !== 'ok') return leader;
  return {
    outcome: 'ok',
    value: {
      node,
      version,
      leader: leader.value,
      term: integerAt(body, 'raftTerm'),
      revision: integerAt(header, 'revision'),
      clusterId: hexId(textAt(header, 'cluster_id')),
      voter: body.isLearner !== true,
    },
  };
}

async function leaderName(
  id: string | null,
  { version, names, call }: { readonly version: string; readonly names: MemberNames; readonly call: Call },
): Promise<Answer<string | null>> {
  if (id === null || id === '0') return { outcome: 'ok', value: null };
  const known = names.nameOf(id);
  if (known !== null) return { outcome: 'ok', value: known };
  // From 3.5 on the list asks the leader unless told not to; 3.4 rejects a field that it does not know.
  const asksLeader = !/^3\.[0-4]\./.test(version);
  const answer = await call('/v3/cluster/member/list', asksLeader ? { linearizable: false } : {});
  return map(answer, (body) => {
    names.learnAll(objectsAt(body, 'members').map(memberOf));
    return names.nameOf(id) ?? hexId(id);
  });
}

const memberOf = (member: JsonObject): KnownMember => ({
  id: textAt(member, 'ID') ?? '',
  name: textAt(member, 'name'),
  urls: Array.isArray(member.clientURLs) ? member.clientURLs.map(String) : [],
});

/** As etcd's own tools print ids. */
export const hexId = (id: string | null): string | null =>
  id !== null && /^\d+$/.test(id) ? BigInt(id).toString(16) : id;
