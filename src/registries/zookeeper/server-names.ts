/** Server ids as the names of the drill's nodes. */
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

export function serverNames(nodes: readonly { readonly name: string; readonly url: string }[]): ServerNames {
  const told = new Map<number, string>();
  const listed = new Map<number, string>();
  const byAddress = new Map(nodes.map(({ name, url }) => [textOf(addressOf(url)), name]));
  const idIn = (names: ReadonlyMap<number, string>, node: string): number | null =>
    [...names].find(([, name]) => name === node)?.[0] ?? null;
  return {
    learn: (id, node) => void told.set(id, node),
    learnAll: (members) => {
      for (const [id, member] of Object.entries(members)) {
        const name = byAddress.get(clientAddressOf(member));
        if (name !== undefined) listed.set(Number(id), name);
      }
    },
    nameOf: (id) => told.get(id) ?? listed.get(id) ?? `server.${id}`,
    idOf: (node) => idIn(told, node) ?? idIn(listed, node),
  };
}

const textOf = ({ host, port }: Address): string => `${host}:${port}`;

function clientAddressOf(member: unknown): string {
  if (typeof member !== 'object' || member === null || !('client_address' in member)) return '';
  return String(member.client_address);
}
