import { bi } from '../core/text.js';
import { languageOf } from './link-errand.js';
import { toxicFault } from './toxic-fault.js';
import { bothWays } from './toxic-proof.js';
import { linkName } from './toxic-record.js';

const SLACK_MS = 1_500;

/** New connections are accepted, and end with RST at the first data. Those that were open end with a plain close. */
export const networkReset = toxicFault({
  name: 'network.reset',
  title: bi('Reset the connections of a link', '重置连接'),
  description: bi(
    'Resets every connection between a node and its clients or peers as soon as data passes, through Toxiproxy.',
    '通过 Toxiproxy 在一有数据传输时就重置节点与客户端或其他节点之间的连接。',
  ),
  params: [
    {
      name: 'afterMs',
      type: 'number',
      required: false,
      range: [0, 5_000],
      description: bi('reset so long after the first data; default 0, ms', '首个数据之后多久重置；默认 0（毫秒）'),
    },
  ],
  toxic: ({ afterMs }) => ({
    type: 'reset_peer',
    attributes: { timeout: typeof afterMs === 'number' ? afterMs : 0 },
  }),
  prove: async (world, link, toxics) => {
    const leastMs = Math.max(...toxics.map(({ attributes }) => attributes.timeout ?? 0));
    const errand = languageOf(world.cluster.binding.registry, link.kind).roundTrip;
    const { through, around } = await bothWays(world, link, { errand, limitMs: leastMs + SLACK_MS });
    const [where, took] = [linkName(link), `${through.tookMs.toFixed(1)} ms`];
    const told = { reset: through.ended === 'reset' && around.ended === 'done', answered: through.ended === 'done' };
    return {
      bitten: told.reset ? true : told.answered ? false : null,
      detail: bi(
        `${where}: a request through the proxy ends with “${through.ended}” after ${took}, around it with “${around.ended}”`,
        `${where}：经代理的请求在 ${took} 后以“${through.ended}”结束，绕过代理以“${around.ended}”结束`,
      ),
    };
  },
});
