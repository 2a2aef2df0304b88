/** Packet rules as text: what iptables-restore reads, and what of ours iptables-save shows. */
import { basename } from 'node:path';
import type { FaultRequest, World } from '../core/fault.js';

export interface Rule {
  readonly chain: 'INPUT' | 'OUTPUT';
  /** Of the other node. */
  readonly address: string;
}

export const ACTIONS = ['drop', 'reset'] as const;
export type Action = (typeof ACTIONS)[number];

/** Run and step: only rules with this comment are ever removed. Nothing that iptables would put in quotes. */
export const markOf = ({ stateDir }: Pick<World, 'stateDir'>, { step }: Pick<FaultRequest, 'step'>): string =>
  ['firedrill', basename(stateDir), step]
    .join('-')
    .replaceAll(/[^\w-]/g, '_')
    .slice(0, 200);

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

export const removingRules = (saved: readonly string[]): string =>
  asInput(saved.map((line) => line.replace(/^-A /, '-D ')));

const asInput = (lines: readonly string[]): string => ['*filter', ...lines, 'COMMIT', ''].join('\n');

/** Lines of iptables-save with our comment. */
export const ourLines = (saved: string, mark: string): readonly string[] =>
  saved.split('\n').filter((line) => new RegExp(`^-A .* --comment "?${mark}"?( |$)`).test(line));
