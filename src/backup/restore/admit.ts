/** Into a registry that holds something, or that is another cluster, a restore goes only when somebody has said so. */
import type { ArchiveInfo } from '../../core/backup.js';
import { WorldError } from '../../core/errors.js';
import { readMembers } from '../../core/members.js';
import type { BackupRestore } from '../../core/services.js';
import type { Cluster } from '../../core/target.js';
import { bi } from '../../core/text.js';

const STATUS_LIMIT_MS = 2_000;
const LISTING_LIMIT_MS = 30_000;

export const admitRestore: BackupRestore['admit'] = async ({ cluster, info, service, into }) => {
  if (!into.includes('other-cluster')) await refuseOtherCluster(cluster, info);
  // One service goes beside what is there, and replaces only instances of the same name.
  if (service === null && !into.includes('non-empty')) await refuseNonEmpty(cluster);
};

/** A registry that has no identity of its own cannot be told from another one; then only its product can. */
async function refuseOtherCluster({ registry }: Cluster, { clusterId, fileName }: ArchiveInfo): Promise<void> {
  if (clusterId === null) return;
  const views = await readMembers(registry, { limitMs: STATUS_LIMIT_MS });
  const told = views.flatMap(({ answer }) => (answer.outcome === 'ok' ? [answer.value.clusterId] : []));
  const others = [...new Set(told.filter((id) => id !== clusterId))];
  if (told.length > 0 && others.length === 0) return;
  const found = others.map((id) => id ?? '?').join(', ');
  throw new WorldError({
    code: 'other-cluster',
    message:
      told.length === 0
        ? bi(
            `No node could say which cluster this is; ${fileName} was made of cluster ${clusterId}.`,
            `没有节点能说明这是哪个集群；${fileName} 来自集群 ${clusterId}。`,
          )
        : bi(
            `${fileName} was made of cluster ${clusterId}, and this is cluster ${found}; nothing was touched. (A full restore gives etcd a new id: it may be the same one after an earlier restore.)`,
            `${fileName} 来自集群 ${clusterId}，而这里是集群 ${found}；未触碰任何数据。（完整恢复会给 etcd 新的集群标识：也可能是同一集群在先前恢复之后的样子。）`,
          ),
    hint: bi(
      'If it is meant for this one, add --into-other-cluster (in a drill: `intoOtherCluster: true`).',
      '若确实要恢复到这里，请加 --into-other-cluster（演练中写 `intoOtherCluster: true`）。',
    ),
  });
}

interface Held {
  readonly instances: number;
  readonly leased: number;
  readonly services: number;
  readonly settings: number;
}

async function refuseNonEmpty(cluster: Cluster): Promise<void> {
  const held = await heldBy(cluster);
  if (held !== null && held.instances === 0 && held.settings === 0) return;
  throw new WorldError({
    code: 'not-empty',
    message:
      held === null
        ? bi(
            'No node could say whether the registry is empty; going on needs the word: --into-non-empty (in a drill intoNonEmpty: true).',
            '没有节点能说明注册中心是否为空；继续须明确许可：--into-non-empty（演练中写 intoNonEmpty: true）。',
          )
        : bi(
            `The registry holds ${held.instances} instances of ${held.services} services (${held.leased} of them leased) and ${held.settings} settings; a restore replaces all of them, so it needs the word: --into-non-empty (in a drill intoNonEmpty: true).`,
            `注册中心中有 ${held.services} 个服务的 ${held.instances} 个实例（其中 ${held.leased} 个带租约）和 ${held.settings} 项配置；恢复会全部替换，须明确许可：--into-non-empty（演练中写 intoNonEmpty: true）。`,
          ),
    hint: bi(
      'Say so if that is what you want, or restore one service beside the others: --service NAME.',
      '若确实要全部替换，请明确许可；只恢复一个服务请用 --service 名称。',
    ),
  });
}

/** The fullest that a node tells: one that lost its data does not speak for the others. Null = none answered. */
async function heldBy({ registry }: Cluster): Promise<Held | null> {
  let fullest: Held | null = null;
  for (const node of registry.nodes) {
    const client = registry.client(node);
    const entries = await client.listOwn({ limitMs: LISTING_LIMIT_MS });
    if (entries.outcome !== 'ok') continue;
    const settings = await client.listSettings({ limitMs: STATUS_LIMIT_MS });
    // No instance, and nobody knows of the settings: that is not said to be empty.
    if (settings.outcome !== 'ok' && entries.value.length === 0) continue;
    const held = {
      instances: entries.value.length,
      leased: entries.value.filter(({ leased }) => leased).length,
      services: new Set(entries.value.map(({ service }) => service)).size,
      settings: settings.outcome === 'ok' ? settings.value.length : 0,
    };
    if (fullest === null || held.instances + held.settings > fullest.instances + fullest.settings) fullest = held;
  }
  return fullest;
}
