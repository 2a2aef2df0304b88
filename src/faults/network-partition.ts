import { describeError, WorldError } from '../core/errors.js';
import type { Fault, FaultRequest, PlannedHit, UndoData, World } from '../core/fault.js';
import { agreedLeader, readMembers } from '../core/members.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import { needsAbility } from './node-ability.js';
import { restoreRules, savedRules } from './packet-helper.js';
import { imageOf, sharedNetwork } from './packet-site.js';
import { removingRulesOf, rulesLeftOf } from './packet-undo.js';
import { firstMissing, wordOf } from './param.js';
import { PARTITION_PARAMS } from './partition-params.js';
import { confirmCut } from './partition-proof.js';
import { needsPeerPort, recordedPartition, recordPartition } from './partition-record.js';
import { ACTIONS, addingRules } from './partition-rules.js';
import { type Cut, cutsOf, cutsText, votersLostBy } from './partition-shape.js';

const NAME = 'network.partition';
const STATUS_LIMIT_MS = 1_000;

/** Packet rules against the addresses of the others, set in the network namespaces of as few nodes as will do. */
export const networkPartition: Fault = {
  name: NAME,
  title: bi('Cut nodes off from each other', '网络分区'),
  description: bi(
    'Packets between nodes are dropped or answered with a reset, on open connections too, by a shape or by groups. Only the nodes are cut from each other: clients still reach every one of them.',
    '按形状或分组，使节点之间的数据包被静默丢弃或被重置，已建立的连接也不例外。仅切断节点之间的通信：客户端仍可访问每个节点。',
  ),
  scope: 'node',
  removesVoter: true,
  votersLost: (hit) => votersLostBy(cutsIn(hit) ?? [], hit.voters),
  planText: (hit) => {
    const cuts = cutsIn(hit);
    return cuts === null ? null : cutsText(cuts);
  },
  params: PARTITION_PARAMS,
  liftedBy: [],
  undoText: bi('remove our packet rules from the node’s network', '从节点的网络中移除我们的数据包规则'),
  missing: firstMissing(
    async ({ binding }, { nodes, params }) => {
      const cuts = cutsOf({ nodes: namesOf(nodes), params, all: namesOf(binding.nodes) });
      return cuts.fits ? null : cuts.why;
    },
    needsAbility(
      NAME,
      'runInNetworkOf',
      bi(
        'a partition needs nodes in containers (driver docker), or processes in network namespaces of their own (lab etcd-3-netns); node.freeze makes any node silent to all',
        '网络分区需要容器中的节点（driver docker），或各自处于独立网络命名空间的进程（练习集群 etcd-3-netns）；node.freeze 可使任何节点对所有人无响应',
      ),
    ),
    async (cluster) => sharedNetwork(NAME, cluster),
    async ({ binding }) => needsPeerPort(NAME, binding.nodes),
    helperMissing,
  ),
  prepare,
  inject: async (world, data) => {
    const { image, mark, action, sites } = recordedPartition(world, data);
    await Promise.all(
      sites.map((site) =>
        restoreRules(world.cluster, site, { image, mark, stdin: addingRules(site.rules, mark, action) }),
      ),
    );
  },
  confirm: confirmCut,
  revert: removingRulesOf(recordedPartition),
  residue: rulesLeftOf(recordedPartition),
};

const namesOf = (nodes: readonly { readonly name: string }[]): readonly string[] => nodes.map(({ name }) => name);

function cutsIn(hit: PlannedHit): readonly Cut[] | null {
  const cuts = cutsOf(hit);
  return cuts.fits ? cuts.cuts : null;
}

/** Reads the rules of one node: the image, its programs and the kernel are asked in one go. */
async function helperMissing(
  cluster: Cluster,
  { nodes: [node] }: Omit<FaultRequest, 'step'>,
): Promise<Bilingual | null> {
  if (node === undefined) return null;
  try {
    await savedRules(cluster, { spec: node, network: null }, { image: imageOf(cluster), mark: 'firedrill-plan' });
    return null;
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    const why = describeError(error);
    return bi(`${NAME} cannot be done: ${why.en}`, `无法执行 ${NAME}：${why.zh}`);
  }
}

async function prepare(world: World, request: FaultRequest): Promise<UndoData> {
  const { params } = request;
  const { cluster } = world;
  const cuts = cutsOf({ nodes: namesOf(request.nodes), params, all: namesOf(cluster.binding.nodes) });
  if (!cuts.fits) throw new WorldError({ code: 'fault-impossible', message: cuts.why });
  const noPort = needsPeerPort(NAME, cluster.binding.nodes);
  if (noPort !== null) throw new WorldError({ code: 'fault-impossible', message: noPort });
  if (params.shape === 'leader') await requireLeader(world, namesOf(request.nodes));
  const action = wordOf(params, 'action', ACTIONS);
  return recordPartition(world, request, { cuts: cuts.cuts, image: imageOf(cluster), action });
}

async function requireLeader({ cluster }: World, [chosen = '']: readonly string[]): Promise<void> {
  const leader = agreedLeader(await readMembers(cluster.registry, { limitMs: STATUS_LIMIT_MS }));
  if (leader === chosen) return;
  throw new WorldError({
    code: 'not-the-leader',
    message: bi(
      `shape leader: ${chosen} was chosen, but the leader is ${leader ?? 'unknown'}`,
      `形状 leader：选中的是 ${chosen}，而主节点是 ${leader ?? '未知'}`,
    ),
    hint: bi('Choose it with “on: { role: leader }”.', '请用“on: { role: leader }”选择。'),
  });
}
