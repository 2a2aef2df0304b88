/** A node's client: what every etcd-like product has in common. What differs comes in as a `Dialect`. */
import type { Answer, CallOptions, Entry, MemberStatus, NodeClient } from '../../core/registry.js';
import { readAnswer, within } from './answer.js';
import { exchange } from './exchange.js';
import { type JsonObject, objectAt, textAt } from './json.js';
import {
  asFolder,
  encode,
  entriesOf,
  folderRange,
  type KeyValue,
  keyValuesOf,
  nameProblem,
  SETTINGS_PREFIX,
  settingsOf,
} from './keys.js';
import type { Gateways } from './open.js';
import { readPages } from './pages.js';

export type Call = (path: string, body: object) => Promise<Answer<JsonObject>>;

export interface Dialect {
  readonly status: (node: string, call: Call) => Promise<Answer<MemberStatus>>;
  /** The node's own copy below the prefix, without asking the leader. */
  readonly listOwn: (call: Call, prefix: string) => Promise<Answer<readonly Entry[]>>;
}

export interface ClientParts {
  readonly node: string;
  readonly gateways: Gateways;
  readonly dialect: Dialect;
  /** Ends with a slash. */
  readonly prefix: string;
}

export function makeClient({ node, gateways, dialect, prefix }: ClientParts): NodeClient {
  const calling = <T>(
    options: CallOptions,
    work: (call: Call) => Promise<Answer<T>>,
    gateway = gateways.client,
  ): Promise<Answer<T>> =>
    within(options, (signal) => work(async (path, body) => readAnswer(await gateway.post(path, body, signal))));
  const keyOf = (entry: { readonly service: string; readonly instance: string }): string =>
    encode(`${prefix}${entry.service}/${entry.instance}`);

  return {
    node,
    status: (options) => calling(options, (call) => dialect.status(node, call), gateways.admin),
    register: async (entry, options) => {
      const problem = nameProblem(entry);
      if (problem !== null) return { outcome: 'failed', reason: problem };
      const lease = entry.leaseId === undefined ? {} : { lease: entry.leaseId };
      const put = { key: keyOf(entry), value: encode(entry.value), ...lease };
      return calling(options, async (call) => done(await call('/v3/kv/put', put)));
    },
    deregister: async (entry, options) => {
      const problem = nameProblem(entry);
      if (problem !== null) return { outcome: 'failed', reason: problem };
      return calling(options, async (call) => done(await call('/v3/kv/deleterange', { key: keyOf(entry) })));
    },
    exchange: async ({ was, value, ...entry }, options) => {
      const problem = nameProblem(entry);
      if (problem !== null) return { outcome: 'failed', reason: problem };
      return calling(options, (call) => exchange(call, { key: keyOf(entry), was, value }));
    },
    grantLease: (ttlMs, options) =>
      calling(options, async (call) => leaseOf(await call('/v3/lease/grant', { TTL: Math.ceil(ttlMs / 1_000) }))),
    renew: (leaseId, options) =>
      calling(options, async (call) => renewed(await call('/v3/lease/keepalive', { ID: leaseId }))),
    discover: (service, options) =>
      calling(options, async (call) => {
        const answer = await readRange(call, folderRange(asFolder(prefix + service)));
        return map(answer, (keyValues) => entriesOf(keyValues, prefix));
      }),
    listOwn: (options) => calling(options, (call) => dialect.listOwn(call, prefix)),
    listSettings: (options) =>
      calling(options, async (call) => map(await readRange(call, folderRange(SETTINGS_PREFIX)), settingsOf)),
    putSetting: ({ name, value }, options) => {
      const put = { key: encode(SETTINGS_PREFIX + name), value: encode(value) };
      return calling(options, async (call) => done(await call('/v3/kv/put', put)));
    },
    removeSetting: (name, options) =>
      calling(options, async (call) => done(await call('/v3/kv/deleterange', { key: encode(SETTINGS_PREFIX + name) }))),
  };
}

export const readRange = async (call: Call, range: object): Promise<Answer<readonly KeyValue[]>> =>
  map(await readPages(call, range), keyValuesOf);

export const map = <A, B>(answer: Answer<A>, change: (value: A) => B): Answer<B> =>
  answer.outcome === 'ok' ? { outcome: 'ok', value: change(answer.value) } : answer;

const done = (answer: Answer<JsonObject>): Answer<null> => map(answer, () => null);

function leaseOf(answer: Answer<JsonObject>): Answer<{ readonly leaseId: string }> {
  if (answer.outcome !== 'ok') return answer;
  const leaseId = textAt(answer.value, 'ID');
  return leaseId === null
    ? { outcome: 'unknown', reason: 'granted a lease without an ID' }
    : { outcome: 'ok', value: { leaseId } };
}

/** etcd answers 200 to the renewal of a lease it does not know, and leaves the TTL out. */
function renewed(answer: Answer<JsonObject>): Answer<null> {
  if (answer.outcome !== 'ok') return answer;
  const ttl = Number(objectAt(answer.value, 'result').TTL ?? 0);
  return ttl > 0
    ? { outcome: 'ok', value: null }
    : { outcome: 'failed', reason: 'renewed without a TTL: the lease is unknown', leaseGone: true };
}
