import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import type { World } from '../../src/core/fault.js';

type State = Readonly<Record<string, string>>;

/** Per node: its process state and a hash of what it holds; and what lies beside the nodes' data. */
export async function stateOf({ cluster }: World): Promise<State> {
  const states = await Promise.all(
    cluster.binding.nodes.map(async (node) => {
      const { state } = await cluster.driver.inspect(node);
      const own = await cluster.registry.client(node.name).listOwn({ limitMs: 300 });
      const lines = own.outcome === 'ok' ? own.value.map((entry) => JSON.stringify(entry)).sort() : ['unreadable'];
      return [node.name, `${state} ${createHash('sha256').update(lines.join('\n')).digest('hex')}`] as const;
    }),
  );
  return { ...Object.fromEntries(states), beside: besideData(cluster.binding.nodes.map(({ data }) => data ?? '')) };
}

/** The same, once all nodes hold the same: one that was started a moment ago may still be behind. */
export async function settledState(world: World): Promise<State> {
  const { value } = await pollUntil(
    () => stateOf(world),
    ({ beside: _, ...nodes }) => new Set(Object.values(nodes)).size === 1,
    { clock: systemClock, withinMs: 8_000, everyMs: 50 },
  );
  return value;
}

const besideData = (paths: readonly string[]): string =>
  [...new Set(paths.map(dirname))]
    .filter(existsSync)
    .flatMap((dir) => readdirSync(dir))
    // Its log, and what antietcd is just writing, are the node's own.
    .filter((name) => !/\.(firedrill\.log|tmp)$/.test(name))
    .sort()
    .join(' ');

export async function expectSame(world: World, before: State, name: string): Promise<void> {
  const { value } = await pollUntil(
    () => stateOf(world),
    (now) => JSON.stringify(now) === JSON.stringify(before),
    { clock: systemClock, withinMs: 8_000, everyMs: 50 },
  );
  expect(value, `after ${name} all is as before`).toEqual(before);
}
