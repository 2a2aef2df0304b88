/** Two sites that should hold the same: read both, and say what differs. */
import { isCanary } from './canary.js';
import type { Clock } from './clock.js';
import { agreedLeader, askInTurn, readMembers } from './members.js';
import type { Answer, CallOptions, Entry } from './registry.js';
import type { Cluster } from './target.js';

const STATUS_LIMIT_MS = 1_000;

/** All entries of a cluster, of its leader where it has one: a follower may be behind by itself. */
export async function listSite(
  { registry }: Cluster,
  options: CallOptions & { readonly clock: Clock },
): Promise<Answer<readonly Entry[]>> {
  const { limitMs, signal } = options;
  const views = await readMembers(registry, { limitMs: Math.min(limitMs, STATUS_LIMIT_MS), ...(signal && { signal }) });
  const first = agreedLeader(views);
  return askInTurn(registry, (client, limits) => client.listOwn(limits), { ...options, ...(first && { first }) });
}

export interface SiteDifference {
  /** Of both sites together. */
  readonly entries: number;
  readonly equal: number;
  /** Keys that only the primary has, that have another value, and that only the standby has. */
  readonly missing: readonly string[];
  readonly different: readonly string[];
  readonly extra: readonly string[];
}

const keyOf = ({ service, instance }: Entry): string => `${service}/${instance}`;

/**
 * The primary is listed before and after the standby: what it held at either moment is equal, or every write between two
 * lists would look like a difference. Whether an entry has a lease is not compared: a copy may be without.
 */
export function compareSites(
  primary: { readonly before: readonly Entry[]; readonly after: readonly Entry[] },
  standby: readonly Entry[],
): SiteDifference {
  const valuesOf = (entries: readonly Entry[]) => new Map(entries.map((entry) => [keyOf(entry), entry.value]));
  const [before, after, there] = [valuesOf(primary.before), valuesOf(primary.after), valuesOf(standby)];
  const keys = [...new Set([...before.keys(), ...there.keys()])];
  const isEqual = (key: string): boolean => there.get(key) === before.get(key) || there.get(key) === after.get(key);
  const unequal = keys.filter((key) => !isEqual(key));
  return {
    entries: keys.length,
    equal: keys.length - unequal.length,
    missing: unequal.filter((key) => !there.has(key)),
    different: unequal.filter((key) => there.has(key) && before.has(key)),
    extra: unequal.filter((key) => !before.has(key)),
  };
}

/** What a person has to look at: canary entries go by themselves. */
export const namesOfOthers = ({ missing, different, extra }: SiteDifference): readonly string[] =>
  [...missing, ...different, ...extra].filter((key) => !isCanary(key));
