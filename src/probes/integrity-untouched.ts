import { askInTurn } from '../core/members.js';
import type { Probe, ProbeWorld, Sample } from '../core/probe.js';
import type { Cluster } from '../core/target.js';
import { bi } from '../core/text.js';
import { differences, type IntegrityReading, judge, readIntegrity } from './integrity.js';
import { contentHash } from './integrity-hash.js';
import { unknown, withCluster } from './need-cluster.js';

/** A partial restore must leave everything else as it was. */
export const integrityUntouched: Probe = {
  name: 'integrity.untouched',
  title: bi('Everything else is untouched', '其他内容未被改动'),
  description: bi(
    'On every node all services but `except`, and the settings, are exactly as in the newest sound archive and the ledger.',
    '每个节点上，除 `except` 之外的所有服务以及配置都与最新完好归档及账本完全一致。',
  ),
  params: [
    {
      name: 'except',
      type: 'string',
      required: true,
      description: bi('the service that was meant to change', '本来就要改动的服务'),
    },
  ],
  needs: 'cluster',
  defaultTolerance: { op: 'is', value: true },
  sample: withCluster(async (cluster, world, { except }): Promise<Sample> => {
    if (typeof except !== 'string' || except === '') {
      return unknown(bi('`except` names no service', '`except` 未给出服务名'));
    }
    if (world.archives.length === 0) {
      return unknown(bi('there is no archive to compare with', '没有可供比较的归档'));
    }
    const [read, settings] = await Promise.all([readIntegrity(cluster, world, except), readSettings(cluster, world)]);
    if (!read.told) return read.sample;
    const { expected, nodes, source } = read.reading;
    const wanted = contentHash(expected);
    const entriesSame = judge(read.reading, (content) => contentHash(content) === wanted);
    const settingsSame = sameSettings(read.reading, settings);
    const differ = differences(read.reading);
    const settingsText = {
      en: settingsSame === null ? 'settings not readable' : `settings ${settingsSame ? 'the same' : 'differ'}`,
      zh: settingsSame === null ? '配置不可读' : `配置${settingsSame ? '一致' : '不一致'}`,
    };
    return {
      value: both(entriesSame, settingsSame),
      detail: bi(
        `${expected.size} entries of other services compared with ${source.en} on ${nodes.length} nodes; ${settingsText.en}${differ.en}`,
        `在 ${nodes.length} 个节点上与${source.zh}比较其他服务的 ${expected.size} 个条目；${settingsText.zh}${differ.zh}`,
      ),
      facts: { except, expected: expected.size, hash: wanted, settings: settingsText.en },
    };
  }),
};

type Settings = readonly { readonly name: string; readonly value: string }[];

async function readSettings(cluster: Cluster, { clock, limitMs, signal }: ProbeWorld): Promise<Settings | null> {
  const options = { clock, limitMs, ...(signal && { signal }) };
  const answer = await askInTurn(cluster.registry, (client, call) => client.listSettings(call), options);
  return answer.outcome === 'ok' ? answer.value : null;
}

function sameSettings({ archive }: IntegrityReading, now: Settings | null): boolean | null {
  if (archive === null || now === null) return null;
  const lines = (settings: Settings): string =>
    settings
      .map(({ name, value }) => JSON.stringify([name, value]))
      .sort()
      .join('\n');
  return lines(archive.settings) === lines(now);
}

const both = (a: boolean | null, b: boolean | null): boolean | null => {
  if (a === false || b === false) return false;
  return a === null || b === null ? null : true;
};
