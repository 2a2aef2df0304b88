/** Targets on which a drill would prove nothing, told by the plan. */
import type { Refusal } from '../core/plan.js';
import type { Cluster } from '../core/target.js';
import { bi } from '../core/text.js';
import type { LiveTarget } from './members.js';

const READ_LIMIT_MS = 2_000;
/** A service that nobody has: reading it shows whether we may read, and changes nothing. */
const NO_SERVICE = 'firedrill-plan';

/** It said nothing: that is told of each node already. */
const UNREACHED = /ECONN|EHOST|ENET|ENOTFOUND|EAI_AGAIN|no answer/;

/** Votes of another cluster are none: a majority that counts them is wrong. */
export function strangers({ clusterIds }: LiveTarget): readonly Refusal[] {
  const ids = [...new Set(clusterIds.values())];
  if (ids.length <= 1) return [];
  const groups = ids.map((id) => {
    const names = [...clusterIds].filter(([, of]) => of === id).map(([node]) => node);
    return `${names.join(', ')} (${id})`;
  });
  return [
    {
      code: 'cluster-mixed',
      step: null,
      message: bi(
        `The nodes are of ${ids.length} clusters: ${groups.join(' and ')}.`,
        `这些节点属于 ${ids.length} 个集群：${groups.join(' 与 ')}。`,
      ),
      hint: bi('Name only the nodes of one cluster.', '请只写同一个集群的节点。'),
    },
  ];
}

/** A node that refuses to be read (no login, a wrong password, no permission) refuses the clients of a drill as well. */
export async function unreadable({ registry, binding }: Cluster, live: LiveTarget): Promise<readonly Refusal[]> {
  // One that refuses our login tells no leader either.
  const asked = live.leader ?? registry.nodes[0];
  if (asked === undefined) return [];
  const client = registry.client(asked);
  const limit = { limitMs: READ_LIMIT_MS };
  // Who watches and who registers may be two users: both must be let in.
  const answers = await Promise.all([client.status(limit), client.discover(NO_SERVICE, limit)]);
  const refused = answers.find((answer) => answer.outcome === 'failed' && !UNREACHED.test(answer.reason));
  if (refused === undefined || refused.outcome === 'ok') return [];
  return [
    {
      code: 'read-refused',
      step: null,
      message: bi(
        `${asked} refuses to be read below ${binding.prefix}: ${refused.reason}.`,
        `${asked} 拒绝读取 ${binding.prefix} 之下的内容：${refused.reason}。`,
      ),
      hint: bi(
        'Give a user who may, and the right password: `credentials: { file: FILE }` in the target; `firedrill doctor --target FILE` tells more.',
        '请在 target 中给出有权限的用户与正确的密码：`credentials: { file: 文件 }`；`firedrill doctor --target 文件` 可查看详情。',
      ),
    },
  ];
}
