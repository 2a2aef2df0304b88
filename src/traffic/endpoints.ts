/** Which node a canary client asks: the three client modes of a drill. */
import type { TrafficSpec } from '../core/drill.js';
import { invariant } from '../core/errors.js';
import type { TrafficOperation } from '../core/journal.js';
import type { NodeClient, Registry } from '../core/registry.js';

export interface Endpoint {
  readonly client: NodeClient;
  /** Tells how the request went, so that a failover client can move on. */
  readonly answered: (well: boolean) => void;
}

export interface Endpoints {
  readonly choose: (op: TrafficOperation, key: string) => Endpoint;
  /** How many requests of one kind in a row belong to the same thing, so that each node is asked for it. */
  readonly turns: number;
  /** How many endpoints one attempt may ask, going on where it was refused. */
  readonly tries: number;
}

export interface SwitchableEndpoints extends Endpoints {
  /** The clients are given another list; what was asked before is still answered. */
  readonly switchTo: (registry: Registry) => void;
}

export function switchableEndpoints(registry: Registry, mode: TrafficSpec['client']): SwitchableEndpoints {
  let now = createEndpoints(registry, mode);
  return {
    choose: (op, key) => now.choose(op, key),
    get turns() {
      return now.turns;
    },
    get tries() {
      return now.tries;
    },
    switchTo: (other) => {
      now = createEndpoints(other, mode);
    },
  };
}

export function createEndpoints(registry: Registry, mode: TrafficSpec['client']): Endpoints {
  invariant(registry.nodes.length > 0, 'canary clients need at least one node');
  const clients = registry.nodes.map((node) => registry.client(node));
  switch (mode) {
    case 'failover':
      return failover(clients);
    case 'pinned':
      return pinned(clients);
    case 'each-node':
      return eachNode(clients);
  }
}

/**
 * Moves on once per failing endpoint: of many overlapping requests only the first failure counts, and one that timed
 * out does not when a newer request of its kind was answered there: the endpoint has come back meanwhile.
 */
function failover(clients: readonly NodeClient[]): Endpoints {
  let moves = 0;
  let requests = 0;
  const newestGood = new Map<TrafficOperation, number>();
  return {
    turns: 1,
    tries: clients.length,
    choose: (op) => {
      const sentAt = moves;
      const request = requests++;
      return {
        client: at(clients, sentAt),
        answered: (well) => {
          if (sentAt !== moves) return;
          const good = newestGood.get(op) ?? -1;
          if (well) newestGood.set(op, Math.max(good, request));
          if (well || request < good) return;
          moves += 1;
          newestGood.clear();
        },
      };
    },
  };
}

function pinned(clients: readonly NodeClient[]): Endpoints {
  return { turns: 1, tries: 1, choose: (_op, key) => ({ client: at(clients, hashOf(key)), answered: () => {} }) };
}

function eachNode(clients: readonly NodeClient[]): Endpoints {
  const turns = new Map<TrafficOperation, number>();
  return {
    turns: clients.length,
    tries: 1,
    choose: (op) => {
      const turn = turns.get(op) ?? 0;
      turns.set(op, turn + 1);
      return { client: at(clients, turn), answered: () => {} };
    },
  };
}

function at(clients: readonly NodeClient[], index: number): NodeClient {
  const client = clients[index % clients.length];
  invariant(client !== undefined, 'an endpoint index is inside the list');
  return client;
}

/** FNV-1a: the same key finds the same node in every run. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
