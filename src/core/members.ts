/** What the members of a registry say of each other, seen from outside. */
import { type Clock, pollUntil } from './clock.js';
import type { Answer, CallOptions, MemberStatus, NodeClient, Registry } from './registry.js';

export interface MemberView {
  readonly node: string;
  readonly answer: Answer<MemberStatus>;
}

/** Asks every node for its status at the same time. */
export const readMembers = (registry: Registry, options: CallOptions): Promise<readonly MemberView[]> =>
  Promise.all(registry.nodes.map(async (node) => ({ node, answer: await registry.client(node).status(options) })));

export const majorityOf = (count: number): number => Math.floor(count / 2) + 1;

/** The node that takes itself for the leader and that a majority of all nodes names in its term; null = none. */
export function agreedLeader(views: readonly MemberView[]): string | null {
  const statuses = views.flatMap(({ answer }) => (answer.outcome === 'ok' ? [answer.value] : []));
  const leader = statuses.find((own) => {
    const followers = statuses.filter((status) => status.leader === own.node && status.term === own.term);
    return own.leader === own.node && followers.length >= majorityOf(views.length);
  });
  return leader?.node ?? null;
}

/**
 * Asks one node after the other, as a client with a list of endpoints does, until one answers ok. `limitMs` bounds all
 * of it: a node that hangs leaves the others their share.
 */
export async function askInTurn<T>(
  registry: Registry,
  ask: (client: NodeClient, options: CallOptions) => Promise<Answer<T>>,
  options: CallOptions & { readonly clock: Clock; readonly first?: string },
): Promise<Answer<T>> {
  const { clock, signal, first } = options;
  const nodes = [...registry.nodes].sort((a, b) => Number(b === first) - Number(a === first));
  const deadlineMs = clock.monotonicMs() + options.limitMs;
  const reasons: string[] = [];
  for (const [index, node] of nodes.entries()) {
    const shareMs = Math.max(1, (deadlineMs - clock.monotonicMs()) / (nodes.length - index));
    const answer = await ask(registry.client(node), { limitMs: shareMs, ...(signal && { signal }) });
    if (answer.outcome === 'ok') return answer;
    reasons.push(`${node}: ${answer.reason}`);
  }
  return { outcome: 'unknown', reason: reasons.join('; ') };
}

/** An election takes a second or two; one that a node's return has started may be followed by another. */
const ELECTED_WITHIN_MS = 15_000;

/** For undoing, which must not fail on an election: asks again until a node answers ok. Only for what may be repeated. */
export async function askPatiently<T>(
  registry: Registry,
  ask: (client: NodeClient, options: CallOptions) => Promise<Answer<T>>,
  options: CallOptions & { readonly clock: Clock },
): Promise<Answer<T>> {
  const { clock, signal } = options;
  const { value } = await pollUntil(
    () => askInTurn(registry, ask, options),
    ({ outcome }) => outcome === 'ok',
    { clock, withinMs: ELECTED_WITHIN_MS, everyMs: 200, ...(signal && { signal }) },
  );
  return value;
}
