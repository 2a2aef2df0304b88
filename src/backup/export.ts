/** Gets everything out of the registry: the native copy and the listing that goes with it. */

import type { RemovedInstance, Snapshot } from '../core/backup.js';
import type { Clock } from '../core/clock.js';
import { invariant, WorldError } from '../core/errors.js';
import { agreedLeader, readMembers } from '../core/members.js';
import type { Answer, CallOptions, Entry, MemberStatus, NativeBackup, NodeClient, Registry } from '../core/registry.js';
import type { Cluster } from '../core/target.js';
import { bi } from '../core/text.js';
import { accessRulesOf, listedRules } from './access-rules.js';
import { differencesOf, sortedNames } from './differences.js';
import { interruptedIn } from './substep.js';

export const STATUS_LIMIT_MS = 2_000;
export const EXPORT_LIMIT_MS = 60_000;
const SETTINGS_LIMIT_MS = 2_000;
/** Between two writes a second at 20 writes/s there is room for one look in three. */
const MAX_LOOKS = 20;

export interface Exported {
  readonly node: string;
  readonly leader: boolean;
  /** With the revision of the listing. */
  readonly status: MemberStatus;
  readonly native: Uint8Array;
  readonly entries: readonly Entry[];
  /** Null = nobody could list them: without a leader some registries do not. */
  readonly settings: readonly { readonly name: string; readonly value: string }[] | null;
  readonly accessRules: Snapshot['access_rules'];
  /** The revision stood still while everything was read, or the listing is of the copy itself: both are of one state. */
  readonly stable: boolean;
  /** The revision of an entry's last change; null = the listing does not tell. */
  readonly changedAt: ((service: string, instance: string) => number | null) | null;
  /** Where the two may differ: what changed between two readings. */
  readonly notStable: readonly RemovedInstance[];
  readonly looks: number;
  /** When the successful look began: what was acknowledged before is in it. */
  readonly pointMs: number;
}

/** From the leader, which has every acknowledged write; without one, from the node that is furthest. */
export async function exportRegistry(cluster: Cluster, clock: Clock, signal?: AbortSignal): Promise<Exported> {
  const within = limits(signal);
  try {
    const { node, leader } = await chooseNode(cluster, within);
    const point = { registry: cluster.registry, node, clock, within };
    for (let looks = 1; ; looks += 1) {
      const look = await lookOnce(point);
      if (!look.stable && looks < MAX_LOOKS) continue;
      const notStable = look.stable ? [] : await changedSince(point, look);
      const accessRules = look.accessRules ?? (await accessRulesOf(cluster.registry, node, within(EXPORT_LIMIT_MS)));
      return { ...look, accessRules, notStable, node, leader, looks };
    }
  } catch (error) {
    throw signal?.aborted ? interruptedIn('export') : error;
  }
}

export type Within = (limitMs: number) => CallOptions;

export const limits =
  (signal?: AbortSignal): Within =>
  (limitMs) => ({ limitMs, ...(signal && { signal }) });

export async function chooseNode(
  { registry }: Cluster,
  within: Within,
): Promise<{ readonly node: string; readonly leader: boolean }> {
  const views = await readMembers(registry, within(STATUS_LIMIT_MS));
  const leader = agreedLeader(views);
  if (leader !== null) return { node: leader, leader: true };
  const answering = views.flatMap(({ answer }) => (answer.outcome === 'ok' ? [answer.value] : []));
  const newest = answering.sort((a, b) => b.revision - a.revision)[0];
  if (newest !== undefined) return { node: newest.node, leader: false };
  const reasons = views
    .map(({ node, answer }) => `${node}: ${answer.outcome === 'ok' ? '' : answer.reason}`)
    .join('; ');
  throw new WorldError({
    code: 'registry-unreachable',
    message: bi(
      `no node told its status within ${STATUS_LIMIT_MS} ms, so nothing could be read (${reasons})`,
      `${STATUS_LIMIT_MS} 毫秒内没有节点给出状态，无法读取（${reasons}）`,
    ),
    hint: bi('check that the registry runs, and the credentials', '请检查注册中心是否在运行，以及凭据是否正确'),
  });
}

type Content = ReturnType<NonNullable<NativeBackup['contentOf']>>;
type Look = Omit<Exported, 'node' | 'leader' | 'looks' | 'notStable' | 'accessRules'> & {
  readonly accessRules: Snapshot['access_rules'] | null;
};

interface Point {
  readonly registry: Registry;
  readonly node: string;
  readonly clock: Clock;
  readonly within: Within;
}

async function lookOnce(point: Point): Promise<Look> {
  const { registry, node, clock, within } = point;
  const client = registry.client(node);
  const pointMs = clock.monotonicMs();
  const before = must(node, 'status', await client.status(within(STATUS_LIMIT_MS)));
  if (registry.backup.contentOf !== undefined) return lookInside(point, { status: before, pointMs });
  const entries = must(node, 'listing', await client.listOwn(within(EXPORT_LIMIT_MS)));
  const native = must(node, 'export', await registry.backup.exportFrom(node, within(EXPORT_LIMIT_MS)));
  const settings = await settingsOf(client, before, within(SETTINGS_LIMIT_MS));
  const status = must(node, 'status', await client.status(within(STATUS_LIMIT_MS)));
  refuseDamage(point, native);
  const stable = before.revision === status.revision;
  return { status: before, native, entries, settings, accessRules: null, changedAt: null, stable, pointMs };
}

async function lookInside(
  { registry, node, within }: Point,
  { status, pointMs }: { readonly status: MemberStatus; readonly pointMs: number },
): Promise<Look> {
  const { backup } = registry;
  const native = must(node, 'export', await backup.exportFrom(node, within(EXPORT_LIMIT_MS)));
  refuseDamage({ registry, node }, native);
  const content = contentOf(node, backup, native);
  // What was written between the question and the copy is in the copy, too.
  const revision = Math.max(status.revision, content.revision ?? 0);
  const { entries, settings, accessRules, changedAt } = content;
  return {
    status: { ...status, revision },
    native,
    entries,
    settings,
    accessRules: accessRules === undefined ? null : listedRules(accessRules),
    changedAt: changedAt ?? null,
    stable: true,
    pointMs,
  };
}

function contentOf(node: string, { contentOf }: NativeBackup, native: Uint8Array): Content {
  invariant(contentOf !== undefined, 'this registry tells what is in its copy');
  try {
    return contentOf(native);
  } catch (error) {
    // It has its checksum, and is no copy of a registry all the same.
    throw exportFailed(node, 'export', error instanceof Error ? error.message : String(error));
  }
}

/** The second reading: there is no lock that would keep clients from writing. */
async function changedSince({ registry, node, within }: Point, look: Look): Promise<readonly RemovedInstance[]> {
  const again = await registry.client(node).listOwn(within(EXPORT_LIMIT_MS));
  return sortedNames(differencesOf(look.entries, must(node, 'second listing', again)));
}

function refuseDamage({ registry, node }: Pick<Point, 'registry' | 'node'>, native: Uint8Array): void {
  const damage = registry.backup.check(native);
  if (damage !== null) throw exportFailed(node, 'export', damage);
}

async function settingsOf(
  client: NodeClient,
  { leader }: MemberStatus,
  options: CallOptions,
): Promise<Exported['settings']> {
  const answer = await client.listSettings(options);
  if (answer.outcome === 'ok') return answer.value;
  if (leader === null) return null;
  throw exportFailed(client.node, 'listing of the settings', answer.reason);
}

export function must<T>(node: string, what: string, answer: Answer<T>): T {
  if (answer.outcome === 'ok') return answer.value;
  throw exportFailed(node, what, answer.reason);
}

const exportFailed = (node: string, what: string, why: string): WorldError =>
  new WorldError({
    code: 'export-failed',
    message: bi(`the ${what} of ${node} failed: ${why}`, `节点 ${node} 的导出失败（${what}）：${why}`),
    hint: bi('check the node, then make the backup again', '请检查该节点后重新备份'),
  });
