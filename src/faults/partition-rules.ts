/** The packet rules of a partition, as iptables-restore reads them. */
import { asInput } from './packet-rules.js';

export interface Rule {
  readonly chain: 'INPUT' | 'OUTPUT';
  /** Of the other node. */
  readonly address: string;
}

export const ACTIONS = ['drop', 'reset'] as const;
export type Action = (typeof ACTIONS)[number];

/** On top of what is there, so that no rule of the node's own lets a packet through before. Connections that are open are cut too. */
export function addingRules(rules: readonly Rule[], mark: string, action: Action): string {
  const lines = rules.flatMap(({ chain, address }) => {
    const match = `-I ${chain} ${chain === 'INPUT' ? '-s' : '-d'} ${address}`;
    const comment = `-m comment --comment ${mark}`;
    if (action === 'drop') return [`${match} ${comment} -j DROP`];
    return [`${match} -p tcp ${comment} -j REJECT --reject-with tcp-reset`, `${match} ! -p tcp ${comment} -j DROP`];
  });
  return asInput(lines);
}
