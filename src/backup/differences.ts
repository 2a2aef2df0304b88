/** What two states differ in. */
import type { RemovedInstance } from '../core/backup.js';
import type { Entry } from '../core/registry.js';
import type { EntryDifference, SettingDifference } from '../core/registry-abilities.js';
import type { Setting } from './content-hash.js';

/** No service has the zero character in its name. */
export const keyOf = (service: string, instance: string): string => `${service}\0${instance}`;

export function differencesOf(before: Iterable<Entry>, after: Iterable<Entry>): readonly EntryDifference[] {
  const old = new Map<string, Entry>();
  for (const entry of before) old.set(keyOf(entry.service, entry.instance), entry);
  const found: EntryDifference[] = [];
  for (const now of after) {
    const key = keyOf(now.service, now.instance);
    const was = old.get(key);
    old.delete(key);
    if (was?.value !== now.value || was.leased !== now.leased) found.push(difference(was, now));
  }
  for (const was of old.values()) found.push(difference(was, undefined));
  return found;
}

function difference(was: Entry | undefined, now: Entry | undefined): EntryDifference {
  const { service = '', instance = '' } = now ?? was ?? {};
  const stateOf = (entry: Entry | undefined) =>
    entry === undefined ? null : { value: entry.value, leased: entry.leased };
  return { service, instance, before: stateOf(was), after: stateOf(now) };
}

export function settingDifferences(before: Iterable<Setting>, after: Iterable<Setting>): readonly SettingDifference[] {
  const old = new Map<string, string>();
  for (const { name, value } of before) old.set(name, value);
  const found: SettingDifference[] = [];
  for (const { name, value } of after) {
    const was = old.get(name) ?? null;
    old.delete(name);
    if (was !== value) found.push({ name, before: was, after: value });
  }
  for (const [name, was] of old) found.push({ name, before: was, after: null });
  return found;
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

export const sortedNames = (
  entries: Iterable<{ readonly service: string; readonly instance: string }>,
): readonly RemovedInstance[] =>
  Array.from(entries, ({ service, instance }) => ({ service, id: instance })).sort(
    (a, b) => compareText(a.service, b.service) || compareText(a.id, b.id),
  );
