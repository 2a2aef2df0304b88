/** What changed since the parent, and by what that is known; or why it cannot be known. */
import type { Cipher } from '../core/archive-cipher.js';
import type { Snapshot } from '../core/backup.js';
import type { Clock } from '../core/clock.js';
import { describeError } from '../core/errors.js';
import type { MemberStatus } from '../core/registry.js';
import type { Differences, EntryDifference } from '../core/registry-abilities.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import { accessRulesOf } from './access-rules.js';
import { openChain, snapshotOfChain } from './chain.js';
import { entriesIn } from './content-hash.js';
import { differencesOf, settingDifferences } from './differences.js';
import { chooseNode, EXPORT_LIMIT_MS, type Exported, exportRegistry, limits, must, STATUS_LIMIT_MS } from './export.js';
import type { Parent } from './parent.js';
import { interruptedIn } from './substep.js';

/** The registry's own revisions, or a comparison of everything with the parent's state. */
export type Method = 'revision' | 'content';

export interface Changes extends Differences, Pick<Exported, 'node' | 'leader' | 'stable' | 'notStable' | 'pointMs'> {
  readonly method: Method;
  readonly status: MemberStatus;
  readonly accessRules: Snapshot['access_rules'];
  readonly settingsListed: boolean;
}

export type ChangesLook =
  | { readonly known: true; readonly changes: Changes }
  | { readonly known: false; readonly why: Bilingual };

interface Asking {
  readonly cipher: Cipher | undefined;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

export async function changesSince(parent: Parent, asking: Asking): Promise<ChangesLook> {
  const { registry } = asking.cluster;
  if (parent.product !== registry.product) {
    return cut(bi(`the newest backup is of ${parent.product}`, `最近的备份来自 ${parent.product}`));
  }
  try {
    return await (registry.history === undefined ? byContent(parent, asking) : byRevision(parent, asking));
  } catch (error) {
    throw asking.signal?.aborted ? interruptedIn('export') : error;
  }
}

const cut = (why: Bilingual): ChangesLook => ({ known: false, why });

async function byRevision(parent: Parent, { cluster, clock, signal }: Asking): Promise<ChangesLook> {
  const { registry } = cluster;
  const within = limits(signal);
  const { node, leader } = await chooseNode(cluster, within);
  const pointMs = clock.monotonicMs();
  const status = must(node, 'status', await registry.client(node).status(within(STATUS_LIMIT_MS)));
  const from = parent.link.revision;
  if (status.clusterId !== parent.clusterId) return cut(otherCluster(parent.clusterId, status.clusterId));
  if (status.revision < from) return cut(behind(status.revision, from));
  const asked = await registry.history?.between(node, { from, to: status.revision }, within(EXPORT_LIMIT_MS));
  if (asked?.outcome !== 'ok') {
    const why = asked?.reason ?? '';
    return cut(
      bi(`the history since revision ${from} could not be read: ${why}`, `无法读取修订号 ${from} 之后的历史：${why}`),
    );
  }
  if (!asked.value.kept) {
    const { reason } = asked.value;
    return cut(
      bi(
        `the registry no longer tells what changed since revision ${from}: ${reason}`,
        `注册中心已无法给出修订号 ${from} 之后的变更：${reason}`,
      ),
    );
  }
  const { entries, settings } = asked.value;
  const accessRules = await accessRulesOf(registry, node, within(EXPORT_LIMIT_MS));
  const of = { entries, settings, accessRules, settingsListed: true, stable: true, notStable: [] };
  return { known: true, changes: { method: 'revision', node, leader, status, pointMs, ...of } };
}

/** The parent's state is needed for the comparison: an encrypted chain whose key is not at hand is no parent here. */
async function byContent(parent: Parent, { cluster, clock, signal, cipher }: Asking): Promise<ChangesLook> {
  const opened = await stateOf(parent, cipher);
  if ('why' in opened) return cut(opened.why);
  const now = await exportRegistry(cluster, clock, signal);
  const { revision } = now.status;
  const from = parent.link.revision;
  if (cluster.registry.backup.contentOf !== undefined && revision < from) return cut(behind(revision, from));
  const entries = differencesOf(entriesIn(opened.snapshot), now.entries);
  const stale = entries.find((one) => isOlder(one, now, from));
  if (stale !== undefined) return cut(otherHistory(`${stale.service}/${stale.instance}`, from));
  const settings = now.settings === null ? [] : settingDifferences(opened.snapshot.settings, now.settings);
  const { node, leader, status, stable, notStable, pointMs, accessRules } = now;
  const of = { node, leader, status, stable, notStable, pointMs, accessRules };
  return {
    known: true,
    changes: { method: 'content', entries, settings, settingsListed: now.settings !== null, ...of },
  };
}

/** Differs, although by its own transaction it was written before the parent was made: that is another history. */
function isOlder({ service, instance, after }: EntryDifference, { changedAt }: Exported, from: number): boolean {
  if (after === null || changedAt === null) return false;
  const at = changedAt(service, instance);
  return at !== null && at <= from;
}

async function stateOf(
  parent: Parent,
  cipher: Cipher | undefined,
): Promise<{ readonly snapshot: Snapshot } | { readonly why: Bilingual }> {
  try {
    return { snapshot: snapshotOfChain(await openChain(parent.path, cipher)) };
  } catch (error) {
    const why = describeError(error);
    return { why: bi(`the chain so far cannot be read: ${why.en}`, `无法读取已有备份链：${why.zh}`) };
  }
}

const otherCluster = (was: string | null, is: string | null): Bilingual =>
  bi(
    `the newest backup is of cluster ${was ?? '(without an id)'}, this is ${is ?? '(without an id)'}: it was restored, or is another`,
    `最近的备份来自集群 ${was ?? '（无标识）'}，当前为 ${is ?? '（无标识）'}：集群经过恢复，或为另一集群`,
  );

const behind = (is: number, was: number): Bilingual =>
  bi(
    `the registry is at revision ${is}, behind ${was} of the newest backup: it was restored`,
    `注册中心修订号为 ${is}，早于最近备份的 ${was}：注册中心经过恢复`,
  );

const otherHistory = (name: string, from: number): Bilingual =>
  bi(
    `${name} differs from the newest backup, yet was last written before its revision ${from}: the registry was restored`,
    `${name} 与最近的备份不同，但其最后写入早于该备份的修订号 ${from}：注册中心经过恢复`,
  );
