/** antietcd's dump: a tree of path parts, every node of it perhaps with a value. */
import { isObject, type JsonObject, objectAt } from './json.js';
import { inOrder, type KeyValue } from './keys.js';

export function keyValuesOfDump(dump: JsonObject): readonly KeyValue[] {
  const found: KeyValue[] = [];
  const walk = (branch: JsonObject, path: readonly string[]): void => {
    if (typeof branch.value === 'string') {
      found.push({ key: path.join('/'), value: branch.value, leased: typeof branch.lease === 'string' });
    }
    for (const [part, child] of Object.entries(objectAt(branch, 'children'))) {
      if (isObject(child)) walk(child, [...path, part]);
    }
  };
  walk(objectAt(dump, 'state'), []);
  return inOrder(found);
}

/** What antietcd itself would have written to its data file: no leases, no leased keys, no traces of deleted ones. */
export const persistentPart = (dump: JsonObject): JsonObject => ({
  state: withoutLeased(objectAt(dump, 'state')) ?? {},
  mod_revision: dump.mod_revision,
  compact_revision: dump.compact_revision,
  term: dump.term,
});

function withoutLeased(branch: JsonObject): JsonObject | null {
  const { children: _, ...own } = branch;
  const kept = typeof branch.value === 'string' && typeof branch.lease !== 'string' ? own : {};
  const children = Object.entries(objectAt(branch, 'children')).flatMap(([part, child]) => {
    const copy = isObject(child) ? withoutLeased(child) : null;
    return copy === null ? [] : [[part, copy] as const];
  });
  if (children.length > 0) return { ...kept, children: Object.fromEntries(children) };
  return 'value' in kept ? kept : null;
}

/** Why this cannot be the content of a data file, or null. */
export function dumpProblem(dump: unknown): string | null {
  if (!isObject(dump)) return 'it is not a JSON object';
  if (!isObject(dump.state)) return 'it has no `state`';
  if (!Number.isSafeInteger(dump.mod_revision)) return 'its `mod_revision` is not a whole number';
  if (!Number.isSafeInteger(dump.term)) return 'its `term` is not a whole number';
  return branchProblem(dump.state, '');
}

function branchProblem(branch: unknown, path: string): string | null {
  if (!isObject(branch)) return `“${path}” is not an object`;
  if (branch.value !== undefined && branch.value !== null && typeof branch.value !== 'string') {
    return `the value of “${path}” is not a text`;
  }
  if (typeof branch.lease === 'string') return `“${path}” has a lease, which a data file never holds`;
  if (branch.children !== undefined && !isObject(branch.children)) return `the children of “${path}” are not an object`;
  for (const [part, child] of Object.entries(objectAt(branch, 'children'))) {
    const problem = branchProblem(child, path === '' ? part : `${path}/${part}`);
    if (problem !== null) return problem;
  }
  return null;
}
