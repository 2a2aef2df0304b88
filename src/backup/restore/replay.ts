/** The increments of a chain, put into the registry that runs on the native copy of their full archive. */
import { WorldError } from '../../core/errors.js';
import type { World } from '../../core/fault.js';
import { agreedLeader, askInTurn, readMembers } from '../../core/members.js';
import type { CallOptions, Entry, NodeClient } from '../../core/registry.js';
import { bi } from '../../core/text.js';
import type { Chain } from '../chain.js';
import { entriesIn, type Setting } from '../content-hash.js';
import { keyOf, settingDifferences } from '../differences.js';
import { type Exchange, exchangeAll } from './exchange-all.js';

const LISTING_LIMIT_MS = 60_000;
const CALL_LIMIT_MS = 5_000;

export interface Replayed {
  readonly put: number;
  readonly removed: number;
  readonly settings: number;
  /** Neither as the full archive has them nor as they should be: somebody wrote them since the start. They are left alone. */
  readonly kept: readonly string[];
}

/**
 * By content and not by revision: leases of the old cluster end meanwhile and move the revision (a replay by revisions
 * would miss the first change). Safe to repeat.
 */
export async function replay(world: World, chain: Chain): Promise<Replayed> {
  const now = await listedNow(world);
  const { writes, kept } = writesOf(chain, now);
  const overtaken = await exchangeAll(world, writes);
  const settings = chain.newest.manifest.settings_listed ? await replaySettings(world, chain) : 0;
  const done = writes.filter(({ service, instance }) => !overtaken.includes(`${service}/${instance}`));
  const removed = done.filter(({ value }) => value === null).length;
  return { put: done.length - removed, removed, settings, kept: [...kept, ...overtaken] };
}

function writesOf(
  chain: Chain,
  now: ReadonlyMap<string, Entry>,
): { readonly writes: readonly Exchange[]; readonly kept: readonly string[] } {
  const { full, state } = chain;
  const base = new Map(Array.from(entriesIn(full.snapshot), (entry) => [keyOf(entry.service, entry.instance), entry]));
  const unsure = new Set(full.manifest.not_stable.map(({ service, id }) => keyOf(service, id)));
  const writes: Exchange[] = [];
  const kept: string[] = [];
  for (const [key, { service, instance }] of namesIn(chain, base)) {
    const wanted = state.services.get(service)?.get(instance);
    const held = now.get(key);
    const value = wanted === undefined || wanted.leased ? null : wanted.raw;
    if (isAlready(held, value, wanted?.leased === true)) continue;
    const was = held?.value ?? null;
    if (isOfBase(held, base.get(key)) || unsure.has(key)) writes.push({ service, instance, was, value });
    else kept.push(`${service}/${instance}`);
  }
  return { writes, kept };
}

/** All that the base or the newest state names. */
function namesIn(
  { state }: Chain,
  base: ReadonlyMap<string, Entry>,
): ReadonlyMap<string, Pick<Entry, 'service' | 'instance'>> {
  const names = new Map<string, Pick<Entry, 'service' | 'instance'>>(base);
  for (const [service, instances] of state.services) {
    for (const instance of instances.keys()) names.set(keyOf(service, instance), { service, instance });
  }
  return names;
}

/** What is leased comes and goes with its owner: it is neither put nor, if it should be leased, taken away. */
function isAlready(held: Entry | undefined, value: string | null, mayBeLeased: boolean): boolean {
  if (value === null) return held === undefined || (held.leased && mayBeLeased);
  return held !== undefined && !held.leased && held.value === value;
}

/** As the native copy brought it, or gone with a lease of the old cluster. */
function isOfBase(held: Entry | undefined, base: Entry | undefined): boolean {
  if (held === undefined) return base === undefined || base.leased;
  return base !== undefined && held.value === base.value;
}

/** The leader's own copy has every acknowledged write; a follower's may be a moment behind. */
export async function listedNow(world: World): Promise<ReadonlyMap<string, Entry>> {
  const answer = await ask(world, LISTING_LIMIT_MS, (client, call) => client.listOwn(call));
  return new Map(answer.map((entry) => [keyOf(entry.service, entry.instance), entry]));
}

export const settingsNow = (world: World): Promise<readonly Setting[]> =>
  ask(world, CALL_LIMIT_MS, (client, call) => client.listSettings(call));

async function replaySettings(world: World, { state }: Chain): Promise<number> {
  const wanted = Array.from(state.settings, ([name, value]) => ({ name, value }));
  const changes = settingDifferences(await settingsNow(world), wanted);
  for (const { name, after } of changes) {
    await ask(world, CALL_LIMIT_MS, (client, call) =>
      after === null ? client.removeSetting(name, call) : client.putSetting({ name, value: after }, call),
    );
  }
  return changes.length;
}

async function ask<T>(
  { cluster, clock, signal }: World,
  limitMs: number,
  work: (client: NodeClient, call: CallOptions) => ReturnType<typeof askInTurn<T>>,
): Promise<T> {
  const leader = agreedLeader(await readMembers(cluster.registry, { limitMs: CALL_LIMIT_MS }));
  const first = leader === null ? {} : { first: leader };
  const answer = await askInTurn(cluster.registry, work, { clock, limitMs, ...first, ...(signal && { signal }) });
  if (answer.outcome === 'ok') return answer.value;
  throw new WorldError({
    code: 'replay-failed',
    message: bi(
      `the increments could not be put into the restored registry: ${answer.reason}`,
      `无法将增量写入已恢复的注册中心：${answer.reason}`,
    ),
    hint: bi(
      'check that it has a leader and takes writes, then restore again',
      '请检查其是否有主节点并可写，然后重新恢复',
    ),
  });
}
