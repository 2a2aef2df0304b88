/** The rules that go into a snapshot, in the registry's own words. */
import type { Snapshot } from '../core/backup.js';
import type { CallOptions, Registry } from '../core/registry.js';
import type { AccessRule } from '../core/registry-abilities.js';

type Rules = Snapshot['access_rules'];

/** Where nobody can list them (without a leader, say), that is told; the native copy may hold them all the same. */
export async function accessRulesOf({ access, product }: Registry, node: string, options: CallOptions): Promise<Rules> {
  if (access === undefined) {
    return {
      state: 'not-applicable',
      reason: `${product} has no access rules: whoever reaches it may do anything.`,
      rules: [],
    };
  }
  const answer = await access.rules(node, options);
  if (answer.outcome === 'ok') return listedRules(answer.value);
  return { state: 'unknown', reason: `The access rules could not be listed: ${answer.reason}`, rules: [] };
}

export const listedRules = (rules: readonly AccessRule[]): Rules => ({
  state: 'listed',
  reason:
    rules.length === 0
      ? 'The registry asks nobody who he is: everybody may do anything.'
      : 'In the registry’s own words.',
  rules: rules.map(({ subject, resource, rights }) => ({ subject, resource, rights })),
});
/** As they were written; throws when a rule is none of ours. */
export const rulesIn = ({ rules }: Rules): readonly AccessRule[] =>
  rules.map((rule) => {
    if (typeof rule === 'object' && rule !== null && !Array.isArray(rule)) {
      const { subject, resource, rights } = rule as Readonly<Record<string, unknown>>;
      if (typeof subject === 'string' && typeof resource === 'string' && typeof rights === 'string') {
        return { subject, resource, rights };
      }
    }
    throw new Error(`${JSON.stringify(rule)} is no access rule`);
  });
