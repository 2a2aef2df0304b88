import { askInTurn } from '../core/members.js';
import { inParallel } from '../core/parallel.js';
import type { Probe, ProbeWorld, Sample } from '../core/probe.js';
import type { Cluster } from '../core/target.js';
import { bi } from '../core/text.js';
import { unknown, withCluster } from './need-cluster.js';

const REQUESTS_AT_ONCE = 8;
const NAMES_SHOWN = 5;

export const discoveryComplete: Probe = {
  name: 'discovery.complete',
  title: bi('Discovery is complete', '服务发现完整'),
  description: bi(
    'Percent of the entries that must be there by the ledger’s account and that a consistent read finds, each with its acknowledged value.',
    '按账本应当存在的条目中，一致性读能以已确认的值发现的百分比。',
  ),
  params: [],
  needs: 'cluster',
  defaultTolerance: { op: 'atLeast', value: 100, unit: 'percent' },
  sample: withCluster(sample),
};

async function sample(cluster: Cluster, world: ProbeWorld): Promise<Sample> {
  const before = world.expected();
  if (before === null || before.must.size === 0) {
    return unknown(
      bi(
        'the ledger knows of no entry that must be there, so completeness cannot be told',
        '账本中没有必须存在的条目，无法判断完整性',
      ),
    );
  }
  const read = await readServices(cluster, world, [...before.must.keys()]);
  if (read.unread !== null) {
    return unknown(bi(`discovery did not answer: ${read.unread}`, `服务发现没有应答：${read.unread}`));
  }
  // A write that was acknowledged while we read may be seen or not: only what stood still is judged.
  const after = world.expected();
  const judged = [...before.must].filter(
    ([key, value]) => after?.must.get(key) === value && !before.tolerated.has(key),
  );
  if (judged.length === 0) {
    return unknown(bi('every expected entry changed during the reading', '读取期间所有预期条目都发生了变化'));
  }
  const missing = judged.filter(([key, value]) => read.found.get(key) !== value).map(([key]) => key);
  const found = judged.length - missing.length;
  const names = missing.slice(0, NAMES_SHOWN).join(', ');
  return {
    value: (100 * found) / judged.length,
    detail: bi(
      `${found} of ${judged.length} expected entries found${names === '' ? '' : `; missing or old: ${names}`}`,
      `预期的 ${judged.length} 个条目中发现 ${found} 个${names === '' ? '' : `；缺失或过旧：${names}`}`,
    ),
    facts: { expected: judged.length, found, missing: missing.length },
  };
}

async function readServices(cluster: Cluster, world: ProbeWorld, keys: readonly string[]) {
  const { clock, signal } = world;
  const services = [...new Set(keys.map((key) => key.slice(0, key.indexOf('/'))))];
  const deadlineMs = clock.monotonicMs() + world.limitMs;
  const answers = await inParallel(services, REQUESTS_AT_ONCE, (service) =>
    askInTurn(cluster.registry, (client, options) => client.discover(service, options), {
      clock,
      limitMs: Math.max(1, deadlineMs - clock.monotonicMs()),
      ...(signal && { signal }),
    }),
  );
  const entries = answers.flatMap((answer) => (answer.outcome === 'ok' ? answer.value : []));
  const unread = answers.flatMap((answer) => (answer.outcome === 'ok' ? [] : [answer.reason]))[0] ?? null;
  return { unread, found: new Map(entries.map((e) => [`${e.service}/${e.instance}`, e.value])) };
}
