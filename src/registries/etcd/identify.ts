import { readSecrets, type Secrets } from '../../core/access.js';
import { WorldError } from '../../core/errors.js';
import type { Answer, CallOptions, RegistryDriver } from '../../core/registry.js';
import { bi } from '../../core/text.js';
import { readAnswer, within } from './answer.js';
import { hexId } from './dialect-etcd.js';
import type { Reply } from './gateway.js';
import { objectAt, textAt } from './json.js';
import { openGateways } from './open.js';

type Identity = Awaited<ReturnType<RegistryDriver['identify']>>;

/** Asks all nodes at once; the first in their order that answers counts. */
export const identify: RegistryDriver['identify'] = async (nodes, options) => {
  const secrets = readSecrets(options.access);
  const answers = await Promise.all(nodes.map((node) => ask(node.url, secrets, options)));
  for (const answer of answers) if (answer.outcome === 'ok') return answer.value;
  const reasons = answers.map((answer, i) => `${nodes[i]?.url}: ${answer.outcome === 'ok' ? '' : answer.reason}`);
  throw new WorldError({
    code: 'registry-unreachable',
    message: bi(
      `none of the ${nodes.length} nodes told what it is within ${options.limitMs} ms (${reasons.join('; ')})`,
      `${nodes.length} 个节点在 ${options.limitMs} 毫秒内均未表明身份（${reasons.join('；')}）`,
    ),
    hint: bi('Check that the nodes run and that their `url` is right.', '请确认节点在运行且 `url` 正确。'),
  });
};

async function ask(url: string, secrets: Secrets, options: CallOptions): Promise<Answer<Identity>> {
  const { admin: gateway } = openGateways(url, secrets);
  try {
    return await within(options, async (signal) => {
      const answer = readAnswer(await gateway.post('/v3/maintenance/status', {}, signal));
      if (answer.outcome !== 'ok') return tooOld(await gateway.get('/version', signal)) ?? answer;
      const version = textAt(answer.value, 'version');
      if (version === null) return { outcome: 'unknown', reason: 'its status holds no version' };
      const clusterId = textAt(objectAt(answer.value, 'header'), 'cluster_id');
      return { outcome: 'ok', value: identityOf(version, clusterId) };
    });
  } finally {
    gateway.close();
  }
}

/** Every etcd tells its version at /version, also one whose gateway is elsewhere; null = this is none. */
function tooOld(reply: Reply): Answer<Identity> | null {
  const told = readAnswer(reply);
  const version = told.outcome === 'ok' ? textAt(told.value, 'etcdserver') : null;
  return version === null ? null : { outcome: 'ok', value: identityOf(version, null) };
}

function identityOf(version: string, clusterId: string | null): Identity {
  const antietcd = /^antietcd (.+)$/.exec(version)?.[1];
  if (antietcd !== undefined) return { product: 'antietcd', version: antietcd, clusterId: null };
  return { product: 'etcd', version, clusterId: hexId(clusterId) };
}
