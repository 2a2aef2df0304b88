import { readSecrets, type Secrets } from '../../core/access.js';
import { WorldError } from '../../core/errors.js';
import type { Answer, CallOptions, RegistryDriver } from '../../core/registry.js';
import { bi } from '../../core/text.js';
import { within } from '../within.js';
import { serverAt } from './address.js';
import { adminAt } from './admin.js';
import { lostAnswer } from './answer.js';
import { askSrvr } from './four-letters.js';
import { plainVersion } from './status.js';

type Nodes = Parameters<RegistryDriver['identify']>[0];

/** Asks all nodes at once; the first in their order that tells its version counts. */
export const identify: RegistryDriver['identify'] = async (nodes, options) => {
  const secrets = readSecrets(options.access);
  const answers = await Promise.all(nodes.map((node) => ask(node, secrets, options)));
  for (const answer of answers) {
    if (answer.outcome === 'ok') return { product: 'zookeeper', version: answer.value, clusterId: null };
  }
  const reasons = answers.map((answer, i) => `${nodes[i]?.url}: ${answer.outcome === 'ok' ? '' : answer.reason}`);
  throw new WorldError({
    code: 'registry-unreachable',
    message: bi(
      `none of the ${nodes.length} nodes told within ${options.limitMs} ms which ZooKeeper it is (${reasons.join('; ')})`,
      `${nodes.length} 个节点在 ${options.limitMs} 毫秒内均未表明 ZooKeeper 版本（${reasons.join('；')}）`,
    ),
    hint: bi(
      'Check that the nodes run and that `url` is the client port; `srvr` must be among the four-letter words allowed, or give `adminUrl`.',
      '请确认节点在运行、`url` 为客户端端口；须允许四字命令 `srvr`，或给出 `adminUrl`。',
    ),
  });
};

/** A server that does not serve tells its version through its AdminServer only. */
async function ask({ url, adminUrl }: Nodes[number], secrets: Secrets, options: CallOptions): Promise<Answer<string>> {
  return within(options, async (signal) => {
    const srvr = await askSrvr(serverAt(url, secrets), signal);
    if (srvr.kind === 'answered' && srvr.version !== '') return { outcome: 'ok', value: srvr.version };
    if (adminUrl !== undefined) {
      const reply = await adminAt(adminUrl, secrets)('environment', signal);
      const version = reply.kind === 'answered' ? plainVersion(reply.fields['zookeeper.version']) : '';
      if (version !== '') return { outcome: 'ok', value: version };
    }
    return srvr.kind === 'answered' ? { outcome: 'unknown', reason: 'it does not serve now' } : lostAnswer(srvr);
  });
}
