import { describeError, WorldError } from '../core/errors.js';
import type { Fault, FaultRequest, PlannedHit } from '../core/fault.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import { confirmLoss, connectionsFromHere } from './loss-proof.js';
import { directTo, lossOf, PERCENT, recordedLoss, recordLoss } from './loss-record.js';
import { DIRECTIONS, LINKS, losingRules, tryingRules } from './loss-rules.js';
import { needsAbility } from './node-ability.js';
import { restoreRules, savedRules } from './packet-helper.js';
import { imageOf, sharedNetwork } from './packet-site.js';
import { removingRulesOf, rulesLeftOf } from './packet-undo.js';
import { firstMissing, numberParam, refusing } from './param.js';
import { needsPeerPort } from './partition-record.js';

const NAME = 'network.loss';

type Asked = Omit<FaultRequest, 'step'>;

/** By iptables' `statistic` match in the node's network namespace: it needs no queueing discipline of the kernel. */
export const networkLoss: Fault = {
  name: NAME,
  title: bi('Lose packets', '丢失数据包'),
  description: bi(
    'A share of the packets from and to a node vanishes by chance, on open connections too, as with a bad cable or an overloaded switch.',
    '节点收发的数据包按比例随机丢失，已建立的连接也不例外，如同网线不良或交换机过载。',
  ),
  scope: 'node',
  removesVoter: true,
  sparesVoter: ({ link }) => link === 'client',
  planText: lossText,
  params: [
    numberParam(PERCENT),
    {
      name: 'link',
      type: 'string',
      required: false,
      choices: LINKS,
      description: bi(
        'whose packets: those of clients, of the other nodes, or both (default)',
        '谁的数据包：客户端的、其他节点的，或两者（默认）',
      ),
    },
    {
      name: 'direction',
      type: 'string',
      required: false,
      choices: DIRECTIONS,
      description: bi(
        '`in`: what is sent to the node; `out`: what it sends (of other protocols than TCP the sender is told); or both (default), each losing its share',
        '`in`：发往节点的；`out`：节点发出的（非 TCP 协议的发送方会得知）；或两者（默认），各自按比例丢失',
      ),
    },
  ],
  liftedBy: [],
  undoText: bi('remove our packet rules from the node’s network', '从节点的网络中移除我们的数据包规则'),
  missing: firstMissing(
    refusing(lossOf),
    needsAbility(
      NAME,
      'runInNetworkOf',
      bi(
        'packet loss needs nodes in containers (driver docker), or processes in network namespaces of their own (lab etcd-3-netns); Toxiproxy (lab etcd-3-toxiproxy) can make links slow without it',
        '丢包需要容器中的节点（driver docker），或各自处于独立网络命名空间的进程（练习集群 etcd-3-netns）；没有这些时可用 Toxiproxy（练习集群 etcd-3-toxiproxy）使链路变慢',
      ),
    ),
    async (cluster) => sharedNetwork(NAME, cluster),
    async ({ binding }) => needsPeerPort(NAME, binding.nodes),
    kernelMissing,
    wayMissing,
  ),
  prepare: recordLoss,
  inject: async (world, data) => {
    const { image, mark, sites, ...loss } = recordedLoss(world, data);
    await Promise.all(
      sites.map(async (site) => {
        // Twice the same rules would lose twice as much.
        if ((await savedRules(world.cluster, site, { image, mark })).length > 0) return;
        const stdin = losingRules(loss, { peers: site.peers, mark });
        await restoreRules(world.cluster, site, { image, mark, stdin });
      }),
    );
  },
  confirm: confirmLoss,
  revert: removingRulesOf(recordedLoss),
  residue: rulesLeftOf(recordedLoss),
};

/** Null = its settings are refused anyway. */
function lossText({ params }: PlannedHit): Bilingual | null {
  if (typeof params.percent !== 'number') return null;
  const { percent, link, direction } = lossOf(params);
  const whose = {
    both: bi('', ''),
    client: bi(' of clients', '客户端'),
    peer: bi(' of the other nodes', '其他节点'),
  }[link];
  const way = { both: bi('each way', '双向各'), in: bi('to it', '发往它的'), out: bi('from it', '它发出的') }[
    direction
  ];
  return bi(`${percent} % of the packets${whose.en} are lost, ${way.en}`, `${whose.zh}数据包${way.zh}丢失 ${percent}%`);
}

/** Tried where it hits nobody. */
async function kernelMissing(cluster: Cluster, { nodes: [node] }: Asked): Promise<Bilingual | null> {
  if (node === undefined) return null;
  try {
    const place = { spec: node, network: null, apart: true } as const;
    await restoreRules(cluster, place, { image: imageOf(cluster), mark: 'firedrill-plan', stdin: tryingRules });
    return null;
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    const why = describeError(error);
    return bi(
      `${NAME} cannot be done, as iptables’ statistic match does not work here: ${why.en} Toxiproxy (network.latency, network.bandwidth) and network.partition work without it`,
      `无法执行 ${NAME}，因为此处 iptables 的 statistic 匹配不可用：${why.zh} Toxiproxy（network.latency、network.bandwidth）与 network.partition 不需要它`,
    );
  }
}

/** What is lost for clients is measured from here, past whatever publishes the node's port. */
async function wayMissing(cluster: Cluster, request: Asked): Promise<Bilingual | null> {
  for (const { address, port } of await directTo({ cluster }, request)) {
    if ((await connectionsFromHere({ address, port, tries: 1 })) > 0) continue;
    return bi(
      `${NAME} for clients cannot be proven: ${address}:${port} takes no connection from this machine; \`link: peer\` is measured between the nodes`,
      `无法证明针对客户端的 ${NAME} 生效：本机无法连接 ${address}:${port}；\`link: peer\` 可在节点之间测量`,
    );
  }
  return null;
}
