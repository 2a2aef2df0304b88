/** What every driver of nodes must do, proved on real processes. */
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock as clock, pollUntil } from '../../src/core/clock.js';
import type { NodeSpec } from '../../src/core/drill.js';
import type { NodeDriver, NodeState } from '../../src/core/target.js';

export interface Nodes {
  /** A node that runs until it is ended; not started yet. */
  readonly make: () => Promise<NodeSpec>;
  /** One whose start command ends at once with an error that says `no such thing`. */
  readonly makeBroken: () => Promise<NodeSpec>;
  /** All that the node has said so far. */
  readonly logOf: (node: NodeSpec) => Promise<string>;
  readonly cleanUp: () => Promise<void>;
}

export function driverContract(driver: NodeDriver, nodes: Nodes): void {
  describe(`driver contract: ${driver.name}`, () => {
    afterEach(nodes.cleanUp);

    test('a node that was never started is gone, and is left alone', async () => {
      const node = await nodes.make();
      expect(await driver.inspect(node)).toEqual({ state: 'gone' });
      for (const signal of ['SIGKILL', 'SIGTERM', 'SIGSTOP', 'SIGCONT'] as const) {
        expect(await driver.signal(node, signal)).toBe(false);
      }
    });

    test('start: it runs, and what is told is what is found', async () => {
      const node = await nodes.make();
      const started = await driver.start(node);
      expect(started.state).toBe('running');
      expect(await driver.inspect(node)).toEqual(started);
    });

    test('start of a running node leaves it as it is', async () => {
      const node = await nodes.make();
      expect(await driver.start(node)).toEqual(await driver.start(node));
    });

    test('kill: gone; start: another process', async () => {
      const node = await nodes.make();
      const before = await driver.start(node);
      expect(await driver.signal(node, 'SIGKILL')).toBe(true);
      expect(await until(driver, node, 'gone')).toEqual({ state: 'gone' });
      const after = await driver.start(node);
      expect(after.state).toBe('running');
      expect(after).not.toEqual(before);
    });

    test('stop: gone', async () => {
      const node = await nodes.make();
      await driver.start(node);
      expect(await driver.signal(node, 'SIGTERM')).toBe(true);
      expect(await until(driver, node, 'gone')).toEqual({ state: 'gone' });
    });

    test('freeze and thaw: the same process', async () => {
      const node = await nodes.make();
      const running = await driver.start(node);
      expect(await driver.signal(node, 'SIGSTOP')).toBe(true);
      expect(await until(driver, node, 'frozen')).toEqual({ ...running, state: 'frozen' });
      expect(await driver.start(node)).toEqual({ ...running, state: 'frozen' });
      expect(await driver.signal(node, 'SIGCONT')).toBe(true);
      expect(await until(driver, node, 'running')).toEqual(running);
    });

    test('a frozen node can be killed', async () => {
      const node = await nodes.make();
      await driver.start(node);
      await driver.signal(node, 'SIGSTOP');
      await driver.signal(node, 'SIGKILL');
      expect(await until(driver, node, 'gone')).toEqual({ state: 'gone' });
    });

    test('a start that ends at once is an error, with what the node said', async () => {
      const node = await nodes.makeBroken();
      await expect(driver.start(node)).rejects.toMatchObject({
        code: 'node-start-failed',
        text: { en: expect.stringContaining('no such thing'), zh: expect.stringContaining('no such thing') },
      });
      expect(await driver.inspect(node)).toEqual({ state: 'gone' });
    });

    test('what a node says is kept', async () => {
      const node = await nodes.make();
      await driver.start(node);
      const look = (): Promise<string> => nodes.logOf(node);
      const seen = await pollUntil(look, (text) => text.includes('ready'), { clock, withinMs: 5_000, everyMs: 10 });
      expect(seen.value).toContain('ready');
    });
  });
}

export async function until(driver: NodeDriver, node: NodeSpec, state: NodeState['state']): Promise<NodeState> {
  const seen = await pollUntil(
    () => driver.inspect(node),
    (found) => found.state === state,
    {
      clock,
      withinMs: 5_000,
      everyMs: 2,
    },
  );
  return seen.value;
}
