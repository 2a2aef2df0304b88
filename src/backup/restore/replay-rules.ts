/** The access rules of the newest archive, where they differ from those that came with the native copy. */
import type { World } from '../../core/fault.js';
import type { AccessRule } from '../../core/registry-abilities.js';
import { rulesIn } from '../access-rules.js';
import type { Chain } from '../chain.js';

const LIMIT_MS = 60_000;

/** What could not be brought back (a user without a password, say) is named: only a person can. */
export type RulesReplayed =
  | { readonly state: 'same' | 'put-back' }
  | { readonly state: 'differ'; readonly rules: readonly string[] };

export async function replayRules({ cluster, signal }: World, { newest, full }: Chain): Promise<RulesReplayed> {
  const { access } = cluster.registry;
  const listed = newest.snapshot.access_rules;
  const before = full.snapshot.access_rules;
  if (access === undefined || listed.state !== 'listed') return { state: 'same' };
  if (before.state === 'listed' && JSON.stringify(before.rules) === JSON.stringify(listed.rules))
    return { state: 'same' };
  const wanted = rulesIn(listed);
  const options = { limitMs: LIMIT_MS, ...(signal && { signal }) };
  const [node = ''] = cluster.registry.nodes;
  const now = await access.rules(node, options);
  if (now.outcome !== 'ok') return { state: 'differ', rules: [now.reason] };
  const missing = without(wanted, now.value);
  const extra = without(now.value, wanted);
  if (missing.length + extra.length === 0) return { state: 'same' };
  // A list that belongs to an entry is put whole.
  const whole = new Set([...missing, ...extra].map(({ resource }) => resource));
  const put = access.rulesEndWithEntries ? wanted.filter(({ resource }) => whole.has(resource)) : missing;
  await access.putBack(node, put, options);
  if (!access.rulesEndWithEntries) await access.takeAway(node, extra, options);
  const after = await access.rules(node, options);
  if (after.outcome !== 'ok') return { state: 'differ', rules: [after.reason] };
  const left = [...without(wanted, after.value), ...without(after.value, wanted)];
  return left.length === 0 ? { state: 'put-back' } : { state: 'differ', rules: left.map(textOf) };
}

const textOf = ({ subject, resource, rights }: AccessRule): string => `${subject} ${rights} ${resource}`;

function without(rules: readonly AccessRule[], others: readonly AccessRule[]): readonly AccessRule[] {
  const known = new Set(others.map(textOf));
  return rules.filter((rule) => !known.has(textOf(rule)));
}
