import type { Probe, Sample } from '../core/probe.js';
import type { Answer, Entry } from '../core/registry.js';
import { compareSites, listSite } from '../core/sites.js';
import { bi } from '../core/text.js';
import { unknown, withCluster } from './need-cluster.js';
import { NO_STANDBY } from './no-standby.js';

const NAMES_SHOWN = 5;

export const replicationEqual: Probe = {
  name: 'replication.equal',
  title: bi('The sites hold the same', '两站点数据一致'),
  description: bi(
    'Percent of the entries of both sites that are equal, by listing both; one that is just being written may be at either value.',
    '列出两个站点，所有条目中一致者的百分比；正在写入的条目取前后任一值均算一致。',
  ),
  params: [],
  needs: 'cluster',
  defaultTolerance: { op: 'atLeast', value: 99.99, unit: 'percent' },
  sample: withCluster(async (cluster, world): Promise<Sample> => {
    const { standby } = cluster;
    if (standby === undefined) return unknown(NO_STANDBY);
    const { clock, signal, scratchService } = world;
    const options = { clock, limitMs: world.limitMs / 3, ...(signal && { signal }) };
    const before = await listSite(cluster, options);
    const there = await listSite(standby, options);
    const after = await listSite(cluster, options);
    const unread = [
      ['primary', '主站点', before],
      ['standby', '备用站点', there],
      ['primary', '主站点', after],
    ] as const;
    for (const [en, zh, answer] of unread) {
      if (answer.outcome !== 'ok') {
        return unknown(bi(`the ${en} site could not be read: ${answer.reason}`, `无法读取${zh}：${answer.reason}`));
      }
    }
    const own = (answer: Answer<readonly Entry[]>): readonly Entry[] =>
      answer.outcome === 'ok' ? answer.value.filter(({ service }) => service !== scratchService) : [];
    return judged(compareSites({ before: own(before), after: own(after) }, own(there)));
  }),
};

function judged(found: ReturnType<typeof compareSites>): Sample {
  const { entries, equal, missing, different, extra } = found;
  if (entries === 0) {
    return unknown(bi('neither site holds an entry, so nothing can be compared', '两个站点都没有条目，无可比较'));
  }
  const names = [...missing, ...different, ...extra];
  const shown = names.slice(0, NAMES_SHOWN).join(', ') + (names.length > NAMES_SHOWN ? ', …' : '');
  const listed = names.length === 0 ? '' : `: ${shown}`;
  return {
    value: (100 * equal) / entries,
    detail: bi(
      `${equal} of ${entries} entries are equal; at the standby ${missing.length} missing, ${different.length} with another value, ${extra.length} too many${listed}`,
      `${entries} 个条目中 ${equal} 个一致；备用站点缺失 ${missing.length} 个、值不同 ${different.length} 个、多余 ${extra.length} 个${listed}`,
    ),
    facts: { entries, equal, missing: missing.length, different: different.length, extra: extra.length },
  };
}
