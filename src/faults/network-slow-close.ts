import { bi } from '../core/text.js';
import { toxicFault } from './toxic-fault.js';
import { bothWays, takesAtLeast } from './toxic-proof.js';

const PROVABLE_MS = 20;
const SLACK_MS = 1_500;

/** Connections pile up on both sides, as behind a firewall that swallows the goodbye. */
export const networkSlowClose = toxicFault({
  name: 'network.slow-close',
  title: bi('Let connections close late', '延迟关闭连接'),
  description: bi(
    'Passes the end of a connection between a node and its clients or peers on only after a time, through Toxiproxy.',
    '通过 Toxiproxy 使节点与客户端或其他节点之间的连接延迟关闭。',
  ),
  params: [
    {
      name: 'delayMs',
      type: 'number',
      required: true,
      range: [PROVABLE_MS, 4_000],
      description: bi('how much later the end arrives, ms', '连接结束推迟到达的时间（毫秒）'),
    },
  ],
  toxic: ({ delayMs }) => ({ type: 'slow_close', attributes: { delay: typeof delayMs === 'number' ? delayMs : 0 } }),
  prove: async (world, link, toxics) => {
    const leastMs = toxics.reduce((totalMs, { attributes }) => totalMs + (attributes.delay ?? 0), 0);
    const trips = await bothWays(world, link, { errand: 'close', limitMs: leastMs + SLACK_MS });
    return takesAtLeast(bi('the close of a connection', '关闭一个连接'), link, { ...trips, leastMs });
  },
});
