/** A registry in memory whose answers a test decides: what happens to a write, and when it is answered. */
import type { Answer, CallOptions, Entry, NodeClient, Registry } from '../../src/core/registry.js';

/** What becomes of a request: refused, lost on the way there or back, or done. */
export type Fate = 'ok' | 'failed' | 'lost-before' | 'lost-after';

export interface MemoryRegistry {
  readonly registry: Registry;
  readonly held: ReadonlyMap<string, Entry>;
  /** Node of each request, in order. */
  readonly asked: readonly string[];
  /** Loses an entry without being asked. */
  readonly forget: (key: string) => void;
  fate: (request: { readonly node: string; readonly call: string; readonly key: string }) => Fate | Promise<Fate>;
}

export function memoryRegistry(nodes: readonly string[] = ['n1']): MemoryRegistry {
  const held = new Map<string, Entry>();
  const asked: string[] = [];
  let leases = 0;
  const handle = async <T>(
    request: { readonly node: string; readonly call: string; readonly key: string },
    apply: () => T,
  ): Promise<Answer<T>> => {
    asked.push(request.node);
    const fate = await memory.fate(request);
    if (fate === 'failed') return { outcome: 'failed', reason: 'refused' };
    if (fate === 'lost-before') return { outcome: 'unknown', reason: 'lost' };
    const value = apply();
    return fate === 'ok' ? { outcome: 'ok', value } : { outcome: 'unknown', reason: 'lost' };
  };
  const client = (node: string): NodeClient => ({
    node,
    status: unused,
    listSettings: unused,
    putSetting: unused,
    removeSetting: unused,
    exchange: unused,
    register: ({ service, instance, value, leaseId }) =>
      handle({ node, call: 'register', key: `${service}/${instance}` }, () => {
        held.set(`${service}/${instance}`, { service, instance, value, leased: leaseId !== undefined });
        return null;
      }),
    deregister: ({ service, instance }) =>
      handle({ node, call: 'deregister', key: `${service}/${instance}` }, () => {
        held.delete(`${service}/${instance}`);
        return null;
      }),
    grantLease: () =>
      handle({ node, call: 'grant', key: '' }, () => {
        leases += 1;
        return { leaseId: String(leases) };
      }),
    renew: (leaseId) => handle({ node, call: 'renew', key: leaseId }, () => null),
    discover: (service) =>
      handle({ node, call: 'discover', key: service }, () => [...held.values()].filter((e) => e.service === service)),
    listOwn: () => handle({ node, call: 'list', key: '' }, () => [...held.values()]),
  });
  const clients = new Map(nodes.map((node) => [node, client(node)]));
  const memory: MemoryRegistry = {
    held,
    asked,
    forget: (key) => void held.delete(key),
    fate: () => 'ok',
    registry: {
      kind: 'etcd',
      product: 'memory',
      nodes,
      client: (node) => clients.get(node) ?? client(node),
      backup: { fileName: '', exportFrom: unused, check: () => null, place: async () => [] },
      close: () => {},
    },
  };
  return memory;
}

async function unused(..._: readonly (CallOptions | string | object)[]): Promise<Answer<never>> {
  return { outcome: 'failed', reason: 'not part of this registry' };
}
