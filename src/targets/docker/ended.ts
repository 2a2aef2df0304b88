import type { NodeAbilities } from '../../core/abilities.js';
import { containerEngine } from '../../core/container-engine.js';
import { containerNameOf, containerState, lookAtContainer } from '../../core/node-container.js';

const NS_PER_MS = 1e6;

/**
 * While the engine takes the network of a dead container apart, it lets every look at that container wait, some 200 ms;
 * the news of the death it has told before that. So both are asked, and the first that knows is believed. The time of
 * the news is compared with the time of the start, both by the engine's clock: a death before that start is an older one.
 */
export const containerEnded: NonNullable<NodeAbilities['ended']> = async (node, { pid, startTicks }) => {
  const over = new AbortController();
  const looked = lookAtContainer(node).then((seen) => {
    const state = containerState(seen);
    return state.state === 'gone' || state.pid !== pid || state.startTicks !== startTicks;
  });
  try {
    const told = diedSince(containerNameOf(node), startTicks, over.signal);
    return await Promise.race([looked, told.then((died) => died || looked)]);
  } finally {
    over.abort();
    // Whoever lost the race may still fail, which says nothing any more.
    looked.catch(() => {});
  }
};

/** True at the first news of its death since then; false when the engine tells no news, or we want no more. */
async function diedSince(container: string, startedMs: number, signal: AbortSignal): Promise<boolean> {
  const engine = await containerEngine();
  try {
    const stream = await engine.getEvents({
      since: startedMs / 1_000,
      filters: { type: ['container'], container: [container], event: ['die'] },
      abortSignal: signal,
    });
    let rest = '';
    for await (const chunk of stream) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      if (lines.some((line) => line !== '' && timeOf(line) > startedMs)) return true;
    }
    return false;
  } catch {
    // An engine that tells no news still answers the look.
    return false;
  }
}

function timeOf(line: string): number {
  const event: { readonly timeNano?: number } = JSON.parse(line);
  return (event.timeNano ?? 0) / NS_PER_MS;
}
