import { expect } from 'vitest';
import { systemClock as clock, pollUntil } from '../../../src/core/clock.js';
import type { NodeSpec } from '../../../src/core/drill.js';
import { invariant } from '../../../src/core/errors.js';
import { agreedLeader, readMembers } from '../../../src/core/members.js';
import type { Answer, Entry, NodeClient } from '../../../src/core/registry.js';
import type { Cluster } from '../../../src/core/target.js';

export const LIMIT = { limitMs: 3_000 };

/** The value of an answer that must be good. */
export function ok<T>(answer: Answer<T>): T {
  if (answer.outcome === 'ok') return answer.value;
  throw new Error(`expected ok, got ${answer.outcome}: ${answer.reason}`);
}

export const ofService = (entries: readonly Entry[], service: string): readonly Entry[] =>
  entries.filter((entry) => entry.service === service);

export const inOrder = (entries: readonly Entry[]): readonly Entry[] =>
  [...entries].sort((a, b) => `${a.service}/${a.instance}`.localeCompare(`${b.service}/${b.instance}`));

/** `healed` is written after each test by this suite itself. */
export const durable = (entries: readonly Entry[]): readonly Entry[] =>
  inOrder(entries.filter((entry) => !entry.leased && entry.service !== 'healed'));

export function nodeNamed({ binding }: Cluster, name: string): NodeSpec {
  const node = binding.nodes.find((each) => each.name === name);
  invariant(node, `there is a node ${name}`);
  return node;
}

/** A node's own copy may lag behind an acknowledged write. */
export async function untilHolds(
  client: NodeClient,
  holds: (entries: readonly Entry[]) => boolean,
): Promise<readonly Entry[]> {
  const { value } = await pollUntil(async () => ok(await client.listOwn(LIMIT)), holds, {
    clock,
    withinMs: 5_000,
    everyMs: 50,
  });
  return value;
}

/** Nodes of antietcd that find each other again hold an election for every new connection; they are tried every 200 ms. */
const SETTLED_MS = 600;

/** Every node runs again, follows the same leader, and acknowledges writes, and goes on to. */
export async function heal({ binding, driver, registry }: Cluster): Promise<void> {
  for (const node of binding.nodes) {
    await driver.signal(node, 'SIGCONT');
    await driver.start(node);
  }
  let leader: string | null = null;
  let leadsSinceMs = clock.monotonicMs();
  const { reached, value } = await pollUntil(
    async () => {
      const write = { service: 'healed', value: `${clock.monotonicMs()}` };
      const writes = registry.nodes.map((node) =>
        registry.client(node).register({ ...write, instance: node }, { limitMs: 1_000 }),
      );
      const answers = await Promise.all(writes);
      const views = await readMembers(registry, { limitMs: 1_000 });
      const leaders = new Set(views.map(({ answer }) => (answer.outcome === 'ok' ? answer.value.leader : null)));
      const good = answers.every((each) => each.outcome === 'ok') && leaders.size === 1;
      const leads = good ? agreedLeader(views) : null;
      if (leads === null || leads !== leader) leadsSinceMs = clock.monotonicMs();
      leader = leads;
      return { answers, views, settled: leads !== null && clock.monotonicMs() - leadsSinceMs >= SETTLED_MS };
    },
    ({ settled }) => settled,
    { clock, withinMs: 30_000, everyMs: 100 },
  );
  expect(reached, JSON.stringify(value)).toBe(true);
}

export async function stopAll({ binding, driver }: Cluster, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  for (const node of binding.nodes) {
    await driver.signal(node, signal);
    const gone = await pollUntil(
      () => driver.inspect(node),
      ({ state }) => state === 'gone',
      {
        clock,
        withinMs: 5_000,
        everyMs: 5,
      },
    );
    expect(gone.reached).toBe(true);
  }
}
