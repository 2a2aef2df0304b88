/** The state of one node by plain HTTP calls: the other side of every comparison, without any code of the product. */
import { canaryVersion, isCanary } from '../../src/core/canary.js';
import { decode, encode } from './read-lies.js';

/** Key → canary version of every canary entry in this node's own copy. */
export type PlainState = ReadonlyMap<string, number | null>;

const PREFIX = '/services/';

export async function plainState(product: string, url: string): Promise<PlainState> {
  const keyValues = product === 'antietcd' ? await dumpOf(url) : await rangeOf(url);
  const canaries = keyValues.filter(([key]) => key.startsWith(PREFIX) && isCanary(key.slice(PREFIX.length)));
  return new Map(canaries.map(([key, value]) => [key, canaryVersion(value)]));
}

type KeyValue = readonly [key: string, value: string];

async function rangeOf(url: string): Promise<readonly KeyValue[]> {
  const range = { key: encode(PREFIX), range_end: encode('/services0'), serializable: true };
  const answer: { kvs?: { key: string; value: string }[] } = await post(`${url}/v3/kv/range`, range);
  return (answer.kvs ?? []).map(({ key, value }) => [decode(key), decode(value)]);
}

interface Branch {
  readonly value?: string;
  readonly children?: Readonly<Record<string, Branch>>;
}

async function dumpOf(url: string): Promise<readonly KeyValue[]> {
  const found: KeyValue[] = [];
  const walk = (branch: Branch, path: readonly string[]): void => {
    if (typeof branch.value === 'string') found.push([path.join('/'), branch.value]);
    for (const [part, child] of Object.entries(branch.children ?? {})) walk(child, [...path, part]);
  };
  const dump: { state: Branch } = await post(`${url}/dump`, {});
  walk(dump.state, []);
  return found;
}

export async function post<T>(url: string, body: object): Promise<T> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
