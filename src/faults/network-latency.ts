import { bi } from '../core/text.js';
import { languageOf } from './link-errand.js';
import { toxicFault } from './toxic-fault.js';
import { bothWays, takesAtLeast } from './toxic-proof.js';

/** Less is what a healthy network does by itself now and then. */
const PROVABLE_MS = 20;
const SLACK_MS = 1_500;

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** Everything on the link comes later, in order; connections that are open already are slowed too. */
export const networkLatency = toxicFault({
  name: 'network.latency',
  title: bi('Slow a link down', '网络延迟'),
  description: bi(
    'Delays what passes between a node and its clients or peers by a time, with jitter, through Toxiproxy.',
    '通过 Toxiproxy 使节点与客户端或其他节点之间的数据延迟到达，可带抖动。',
  ),
  params: [
    {
      name: 'latencyMs',
      type: 'number',
      required: true,
      range: [PROVABLE_MS, 3_000],
      description: bi('delay in each chosen direction, ms', '所选方向上各自的延迟（毫秒）'),
    },
    {
      name: 'jitterMs',
      type: 'number',
      required: false,
      range: [0, 3_000],
      description: bi('the delay varies by up to this much either way, ms', '延迟上下浮动的最大值（毫秒）'),
    },
  ],
  contradiction: ({ latencyMs, jitterMs }) =>
    number(latencyMs) - number(jitterMs) >= PROVABLE_MS
      ? null
      : bi(
          `network.latency: latencyMs − jitterMs must be at least ${PROVABLE_MS} ms, else the delay cannot be proven`,
          `network.latency：latencyMs − jitterMs 须至少为 ${PROVABLE_MS} 毫秒，否则无法证明延迟已生效`,
        ),
  toxic: ({ latencyMs, jitterMs }) => ({
    type: 'latency',
    attributes: { latency: number(latencyMs), jitter: number(jitterMs) },
  }),
  prove: async (world, link, toxics) => {
    const sum = (key: 'latency' | 'jitter'): number =>
      toxics.reduce((totalMs, { attributes }) => totalMs + (attributes[key] ?? 0), 0);
    const leastMs = sum('latency') - sum('jitter');
    const limitMs = sum('latency') + sum('jitter') + SLACK_MS;
    const errand = languageOf(world.cluster.binding.registry, link.kind).roundTrip;
    const trips = await bothWays(world, link, { errand, limitMs });
    return takesAtLeast(bi('a round trip', '一次往返'), link, { ...trips, leastMs });
  },
});
