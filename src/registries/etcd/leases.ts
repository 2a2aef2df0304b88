import type { Answer } from '../../core/registry.js';
import type { LeaseAbility } from '../../core/registry-abilities.js';
import { within } from '../within.js';
import { readAnswer } from './answer.js';
import type { Call } from './client.js';
import type { Gateway } from './gateway.js';
import { isObject, type JsonObject, objectAt, textAt } from './json.js';
import { folderRange } from './keys.js';
import { readPages } from './pages.js';

export interface LeaseParts {
  readonly gatewayOf: (node: string) => Gateway;
  /** Ends with a slash. */
  readonly prefix: string;
  readonly isAntietcd: boolean;
}

export const etcdLeases = ({ gatewayOf, prefix, isAntietcd }: LeaseParts): LeaseAbility => ({
  heldOn: (node, options) =>
    within(options, async (signal) => {
      const call: Call = async (path, body) => readAnswer(await gatewayOf(node).post(path, body, signal));
      if (!isAntietcd) {
        const keys = await readPages(call, ownKeys(prefix));
        return keys.outcome === 'ok' ? distinct(keys.value.map((kv) => textAt(kv, 'lease'))) : keys;
      }
      const dump = await call('/dump', {});
      return dump.outcome === 'ok' ? leasesOfDump(dump.value, prefix) : dump;
    }),
  revoke: (node, leaseId, options) =>
    within(options, async (signal) => {
      const answer = readAnswer(await gatewayOf(node).post('/v3/lease/revoke', { ID: leaseId }, signal));
      return answer.outcome === 'ok' || answer.leaseGone === true ? { outcome: 'ok', value: null } : answer;
    }),
});

const ownKeys = (prefix: string): object => ({ ...folderRange(prefix), serializable: true, keys_only: true });

function leasesOfDump(body: JsonObject, prefix: string): Answer<readonly string[]> {
  if (!isObject(body.state)) return { outcome: 'unknown', reason: 'the answer is not a dump' };
  const found: (string | null)[] = [];
  const walk = (branch: JsonObject, path: readonly string[]): void => {
    if (path.join('/').startsWith(prefix)) found.push(textAt(branch, 'lease'));
    for (const [part, child] of Object.entries(objectAt(branch, 'children'))) {
      if (isObject(child)) walk(child, [...path, part]);
    }
  };
  walk(body.state, []);
  return distinct(found);
}

const distinct = (ids: readonly (string | null)[]): Answer<readonly string[]> => ({
  outcome: 'ok',
  value: [...new Set(ids.flatMap((id) => (id === null || id === '0' || id === '' ? [] : [id])))].sort(),
});
