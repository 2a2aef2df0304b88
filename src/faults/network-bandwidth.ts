import { bi } from '../core/text.js';
import { toxicFault } from './toxic-fault.js';
import { bothWays, takesAtLeast } from './toxic-proof.js';
import type { RecordedToxic } from './toxic-record.js';

/** The proof is a transfer that takes about so long, and through a healthy link a fraction of it. */
const TRANSFER_MS = 400;
/** Above this many bytes short answers one after the other would take too long by themselves. */
const LONG = 60_000;
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
  toxic: ({ rateKBps }) => ({ type: 'bandwidth', attributes: { rate: typeof rateKBps === 'number' ? rateKBps : 0 } }),
  prove: async (world, link, toxics) => {
    const bytesPerMs = Math.min(...toxics.map(({ attributes }) => attributes.rate ?? 0));
    const planned = bytesPerMs * TRANSFER_MS;
    const bytesOf = (stream: RecordedToxic['stream']): number =>
      toxics.some((toxic) => toxic.stream === stream) ? planned : 1;
    const errand = {
      path: link.kind === 'peer' ? '/members' : planned < LONG ? '/version' : '/metrics',
      paddingBytes: bytesOf('upstream'),
      wantedBytes: bytesOf('downstream'),
    };
    const trips = await bothWays(world, link, { errand, limitMs: 2 * TRANSFER_MS + SLACK_MS });
    // The answer comes after the whole request: both ways take their time one after the other.
    const leastMs = NEARLY * TRANSFER_MS * toxics.length;
    return takesAtLeast(bi(`a transfer of ${planned} bytes`, `传输 ${planned} 字节`), link, { ...trips, leastMs });
  },
});
