/** How registrations and settings lie in the key space: `<prefix><service>/<instance>` and `/settings/<name>`. */
import type { Entry } from '../../core/registry.js';
import { type JsonObject, textAt } from './json.js';

export const SETTINGS_PREFIX = '/settings/';

export interface KeyValue {
  readonly key: string;
  readonly value: string;
  readonly leased: boolean;
}

export const encode = (text: string): string => Buffer.from(text).toString('base64');
const decode = (text: string | null): string => Buffer.from(text ?? '', 'base64').toString();

/** A folder of keys, the only range antietcd knows: from `a/` up to `a0`. */
export const folderRange = (folder: string): { readonly key: string; readonly range_end: string } => ({
  key: encode(folder),
  range_end: encode(`${folder.slice(0, -1)}0`),
});

export const asFolder = (prefix: string): string => `${prefix.replace(/\/+$/, '')}/`;

/** Why this pair cannot be a key, or null. antietcd would silently fold empty parts of a path. */
export function nameProblem(entry: { readonly service: string; readonly instance: string }): string | null {
  if (entry.service === '' || entry.service.includes('/')) return `“${entry.service}” cannot be a service name`;
  if (entry.instance.split('/').includes('')) return `“${entry.instance}” cannot be an instance name`;
  return null;
}

/** The `kvs` of range answers, read. */
export const keyValuesOf = (kvs: readonly JsonObject[]): readonly KeyValue[] =>
  inOrder(
    kvs.map((kv) => ({
      key: decode(textAt(kv, 'key')),
      value: decode(textAt(kv, 'value')),
      leased: isLease(kv.lease),
    })),
  );

/** etcd answers in the order of the keys, antietcd in that of their making, which a restart changes. */
export const inOrder = (keyValues: readonly KeyValue[]): readonly KeyValue[] =>
  [...keyValues].sort((a, b) => (a.key < b.key ? -1 : 1));

const isLease = (lease: unknown): boolean => typeof lease === 'string' && lease !== '' && lease !== '0';

/** The registrations among the keys: `<service>/<anything>`; a key directly below the prefix is none. */
export function entriesOf(keyValues: readonly KeyValue[], prefix: string): readonly Entry[] {
  return keyValues.flatMap(({ key, value, leased }) => {
    const rest = key.startsWith(prefix) ? key.slice(prefix.length) : '';
    const cut = rest.indexOf('/');
    return cut < 1 ? [] : [{ service: rest.slice(0, cut), instance: rest.slice(cut + 1), value, leased }];
  });
}

export const settingsOf = (
  keyValues: readonly KeyValue[],
): readonly { readonly name: string; readonly value: string }[] =>
  keyValues.map(({ key, value }) => ({ name: key.slice(SETTINGS_PREFIX.length), value }));
