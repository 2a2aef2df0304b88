import type { World } from '../core/fault.js';
import { bi } from '../core/text.js';
import { languageOf } from './link-errand.js';
import { toxicFault } from './toxic-fault.js';
import { bothWays, type Proof, takesAtLeast, worstOf } from './toxic-proof.js';
import { linkName, type RecordedLink, type RecordedToxic } from './toxic-record.js';

/** The proof is a transfer that takes about so long, and through a healthy link a fraction of it. */
const TRANSFER_MS = 400;
/** Toxiproxy lets the last part of a transfer pass up to 100 ms early. */
const NEARLY = 0.75;
const SLACK_MS = 2_000;

/** Each connection has the rate for itself. */
export const networkBandwidth = toxicFault({
  name: 'network.bandwidth',
  title: bi('Narrow a link', '限制带宽'),
  description: bi(
    'Lets only so many KB per second pass on each connection between a node and its clients or peers, through Toxiproxy.',
    '通过 Toxiproxy 限制节点与客户端或其他节点之间每个连接的速率。',
  ),
  params: [
    {
      name: 'rateKBps',
      type: 'number',
      required: true,
      // More cannot be told from a busy machine's own pace.
      range: [1, 200],
      description: bi('KB (1,000 bytes) per second and connection', '每个连接每秒通过的 KB 数（1 KB = 1000 字节）'),
    },
  ],
  contradiction: ({ link = 'client' }, registry) =>
    link === 'client' || registry !== 'zookeeper'
      ? null
      : bi(
          'network.bandwidth on the links between ZooKeeper’s servers cannot be proven: the leader says only a few bytes to a stranger; network.latency can',
          '无法证明 ZooKeeper 服务器之间链路上的 network.bandwidth 已生效：主节点对陌生连接只回答几个字节；可改用 network.latency',
        ),
  toxic: ({ rateKBps }) => ({ type: 'bandwidth', attributes: { rate: typeof rateKBps === 'number' ? rateKBps : 0 } }),
  prove: async (world, link, toxics) => worstOf(await Promise.all(toxics.map((toxic) => narrow(world, link, toxic)))),
});

/** One direction by a transfer that is long in that one only. */
async function narrow(world: World, link: RecordedLink, { stream, attributes }: RecordedToxic): Promise<Proof> {
  const bytesPerMs = attributes.rate ?? 0;
  const transfer = languageOf(world.cluster.binding.registry, link.kind).transfer(stream, bytesPerMs * TRANSFER_MS);
  if (transfer === null) {
    const where = linkName(link);
    return { bitten: null, detail: bi(`${where}: nothing long can be asked there`, `${where}：无法在此请求大量数据`) };
  }
  const { errand, bytes } = transfer;
  const trips = await bothWays(world, link, { errand, limitMs: 2 * TRANSFER_MS + SLACK_MS });
  const leastMs = (NEARLY * bytes) / bytesPerMs;
  return takesAtLeast(bi(`a transfer of ${bytes} bytes`, `传输 ${bytes} 字节`), link, { ...trips, leastMs });
}
