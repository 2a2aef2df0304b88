/** The packet rules of a loss, as iptables-restore reads them. */
import { asInput, chainOf } from './packet-rules.js';

export const LINKS = ['both', 'client', 'peer'] as const;
export const DIRECTIONS = ['both', 'in', 'out'] as const;

export interface Loss {
  readonly percent: number;
  readonly link: (typeof LINKS)[number];
  readonly direction: (typeof DIRECTIONS)[number];
}

/**
 * A chain of our own before all other rules, so that peers can be left out of it. What the node says to itself is
 * spared.
 */
export function losingRules(
  { percent, link, direction }: Loss,
  { peers, mark }: { readonly peers: readonly string[]; readonly mark: string },
): string {
  const comment = `-m comment --comment ${mark}`;
  const lose = `-m statistic --mode random --probability ${(percent / 100).toFixed(4)} ${comment} -j DROP`;
  const lines = (['INPUT', 'OUTPUT'] as const).flatMap((of) => {
    if (direction !== 'both' && (direction === 'in') !== (of === 'INPUT')) return [];
    const chain = chainOf(mark, of);
    const [who, loopback] = of === 'INPUT' ? ['-s', '! -i lo'] : ['-d', '! -o lo'];
    const inside = {
      both: [lose],
      client: [...peers.map((peer) => `${who} ${peer} ${comment} -j RETURN`), lose],
      peer: peers.map((peer) => `${who} ${peer} ${lose}`),
    }[link];
    return [
      `:${chain} - [0:0]`,
      ...inside.map((rule) => `-A ${chain} ${rule}`),
      `-I ${of} ${loopback} ${comment} -j ${chain}`,
    ];
  });
  return asInput(lines);
}

/** For a network without anybody in it: whether the kernel and the programs can do it at all. */
export const tryingRules = asInput([
  '-A INPUT -m statistic --mode random --probability 0.5 -m comment --comment firedrill -j DROP',
]);
