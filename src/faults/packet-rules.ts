/** Packet rules as text: how ours are marked, what of ours iptables-save shows, and what takes it away. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { FaultRequest, World } from '../core/fault.js';

/** Run and step: only rules with this comment are ever removed. Nothing that iptables would put in quotes. */
export const markOf = ({ stateDir }: Pick<World, 'stateDir'>, { step }: Pick<FaultRequest, 'step'>): string =>
  ['firedrill', basename(stateDir), step]
    .join('-')
    .replaceAll(/[^\w-]/g, '_')
    .slice(0, 200);

/** Chains have no comment and at most 28 characters: their name is the mark. */
export const chainOf = (mark: string, of: 'INPUT' | 'OUTPUT'): string =>
  `firedrill-${createHash('sha256').update(mark).digest('hex').slice(0, 8)}-${of === 'INPUT' ? 'in' : 'out'}`;

export const asInput = (lines: readonly string[]): string => ['*filter', ...lines, 'COMMIT', ''].join('\n');

/** Lines of iptables-save with our comment, and of our chains. */
export function ourLines(saved: string, mark: string): readonly string[] {
  const rule = new RegExp(`^-A .* --comment "?${mark}"?( |$)`);
  const chains = (['INPUT', 'OUTPUT'] as const).map((of) => `:${chainOf(mark, of)} `);
  return saved.split('\n').filter((line) => rule.test(line) || chains.some((chain) => line.startsWith(chain)));
}

/** The chains last: what jumps to them, and what is in them, is gone by then. */
export function removingRules(saved: readonly string[]): string {
  const rules = saved.filter((line) => line.startsWith('-A ')).map((line) => line.replace(/^-A /, '-D '));
  const chains = saved.filter((line) => line.startsWith(':')).map((line) => `-X ${line.slice(1).split(' ')[0]}`);
  return asInput([...rules, ...chains]);
}
