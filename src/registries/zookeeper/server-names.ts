/** Server ids as the names of the drill's nodes. */
import type { NodeSpec } from '../../core/drill.js';
import { type Address, addressOf } from './address.js';
import type { Fields } from './admin.js';

export interface ServerNames {
  /** A node's own configuration told its id: the surest source. */
  readonly learn: (id: number, node: string) => void;
  /** `current_config` of `voting_view`. */
  readonly learnAll: (members: Fields) => void;
  /** A server that is none of the drill's nodes goes by its id. */
  readonly nameOf: (id: number) => string;
  readonly idOf: (node: string) => number | null;
}

type Node = Pick<NodeSpec, 'name' | 'url' | 'peerUrl'>;

export function serverNames(nodes: readonly Node[]): ServerNames {
  const told = new Map<number, string>();
  const listed = new Map<number, string>();
  // Servers in containers listen on all addresses: there only the one for elections tells them apart.
  const byAddress = new Map(
    nodes.flatMap(({ name, url, peerUrl }) =>
      [url, peerUrl].flatMap((one) => (one === undefined ? [] : [[textOf(addressOf(one)), name] as const])),
    ),
  );
  const idIn = (names: ReadonlyMap<number, string>, node: string): number | null =>
    [...names].find(([, name]) => name === node)?.[0] ?? null;
  return {
    learn: (id, node) => void told.set(id, node),
    learnAll: (members) => {
      for (const [id, member] of Object.entries(members)) {
        const name = addressesOf(member)
          .map((address) => byAddress.get(address))
          .find((one) => one !== undefined);
        if (name !== undefined) listed.set(Number(id), name);
      }
    },
    nameOf: (id) => told.get(id) ?? listed.get(id) ?? `server.${id}`,
    idOf: (node) => idIn(told, node) ?? idIn(listed, node),
  };
}

const textOf = ({ host, port }: Address): string => `${host}:${port}`;

/** `client_address` is one text, `election_addresses` a list. */
function addressesOf(member: unknown): readonly string[] {
  if (typeof member !== 'object' || member === null) return [];
  const { client_address: client, election_addresses: election } = {
    client_address: '',
    election_addresses: [],
    ...member,
  };
  return [client, ...(Array.isArray(election) ? election : [])].map(String);
}
