import { describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/core/clock.js';
import type { EventBody, JournalEvent } from '../../src/core/journal.js';
import type { Answer } from '../../src/core/registry.js';
import { type Attempt, Attempts } from '../../src/traffic/attempts.js';
import { createEndpoints } from '../../src/traffic/endpoints.js';
import { memoryRegistry } from './memory-registry.js';

const renewal: Attempt = { op: 'renew', entry: 's/i', version: null, durable: false, again: false, dueMs: 0 };

const stillClock: Clock = { ...systemClock, monotonicMs: () => 0 };

function attemptsWith(append: (body: EventBody) => JournalEvent, clock: Clock = stillClock): Attempts {
  const endpoints = createEndpoints(memoryRegistry().registry, 'failover');
  return new Attempts({ endpoints, clock, limitMs: 500, maxInFlight: 3, append, toRunMs: (ms) => ms });
}

function recorder(): { readonly bodies: EventBody[]; readonly append: (body: EventBody) => JournalEvent } {
  const bodies: EventBody[] = [];
  return {
    bodies,
    append: (body) => {
      bodies.push(body);
      return { ...body, seq: bodies.length, at: '', ms: 0, prev: '', hash: '' };
    },
  };
}

const done: Answer<null> = { outcome: 'ok', value: null };

describe('an attempt', () => {
  test('beyond the limit in flight it fails at once and is journaled, not dropped', async () => {
    const { bodies, append } = recorder();
    const attempts = attemptsWith(append);
    let answer: (value: Answer<null>) => void = () => {};
    const held = new Promise<Answer<null>>((resolve) => {
      answer = resolve;
    });
    const waiting = [1, 2, 3].map(() => attempts.run(renewal, () => held));
    expect(await attempts.run(renewal, async () => done)).toMatchObject({ outcome: 'failed' });
    expect(bodies).toMatchObject([
      { type: 'attempt', outcome: 'failed', node: null, reason: 'not issued: too many in flight' },
    ]);
    answer(done);
    await Promise.all(waiting);
    await attempts.idle('all');
    expect(await attempts.run(renewal, async () => done)).toEqual(done);
    expect(attempts.counts('renew')).toMatchObject({ attempts: 5, ok: 4 });
  });

  test('an answer that lacks something has failed, with what was expected and missing', async () => {
    const { bodies, append } = recorder();
    const attempts = attemptsWith(append);
    const discover: Attempt = { ...renewal, op: 'discover', entry: 's' };
    await attempts.run(
      discover,
      async () => done,
      () => ({ expected: 5, missing: 2 }),
    );
    await attempts.run(
      discover,
      async () => done,
      () => ({ expected: 5, missing: 0 }),
    );
    await attempts.run(
      discover,
      async () => done,
      () => ({ expected: 0, missing: 0, unsure: 'nothing is expected' }),
    );
    expect(bodies).toMatchObject([
      { outcome: 'failed', expected: 5, missing: 2, reason: 'incomplete: 2 of 5 entries missing or old' },
      { outcome: 'ok', expected: 5, missing: 0, reason: null },
      { outcome: 'unknown', expected: 0, missing: 0, reason: 'nothing is expected' },
    ]);
  });

  test('a refusal is written down with what the adapter made of it, whatever its words', async () => {
    const { bodies, append } = recorder();
    const attempts = attemptsWith(append);
    await attempts.run(renewal, async () => ({ outcome: 'failed', reason: 'weg', leaseGone: true }));
    await attempts.run(renewal, async () => ({ outcome: 'failed', reason: 'lease service is not ready' }));
    await attempts.run(renewal, async () => done);
    expect(bodies).toMatchObject([{ leaseGone: true }, { leaseGone: false }, { outcome: 'ok' }]);
    expect(bodies[2]).not.toHaveProperty('leaseGone');
  });

  test('where one node refuses the next is asked within the same attempt, but only by clients that fail over', async () => {
    const outcomes = async (mode: 'failover' | 'pinned' | 'each-node', fate: (node: string) => Answer<null>) => {
      const { bodies, append } = recorder();
      const endpoints = createEndpoints(memoryRegistry(['n1', 'n2', 'n3']).registry, mode);
      const clock = stillClock;
      const attempts = new Attempts({ endpoints, clock, limitMs: 500, maxInFlight: 3, append, toRunMs: (ms) => ms });
      const asked: string[] = [];
      await attempts.run({ ...renewal, op: 'register' }, async ({ client }) => {
        asked.push(client.node);
        return fate(client.node);
      });
      const [attempt] = bodies.filter((body) => body.type === 'attempt');
      return [asked.length, attempt?.node === asked.at(-1), attempt?.outcome, bodies.length];
    };
    const refused: Answer<null> = { outcome: 'failed', reason: 'connect ECONNREFUSED' };
    const n1IsDead = (node: string): Answer<null> => (node === 'n1' ? refused : done);
    expect(await outcomes('failover', n1IsDead)).toEqual([2, true, 'ok', 1]);
    expect(await outcomes('failover', () => refused)).toEqual([3, true, 'failed', 1]);
    // What may have been applied is not asked for twice, nor is what a living node has answered.
    expect(await outcomes('failover', () => ({ outcome: 'unknown', reason: '503' }))).toEqual([1, true, 'unknown', 1]);
    expect(await outcomes('failover', () => ({ ...refused, leaseGone: true }))).toEqual([1, true, 'failed', 1]);
    expect(await outcomes('each-node', () => refused)).toEqual([1, true, 'failed', 1]);
    expect(await outcomes('pinned', () => refused)).toEqual([1, true, 'failed', 1]);
  });

  test('a schedule that lags is told, at most once a second', async () => {
    const { bodies, append } = recorder();
    let nowMs = 1_000;
    const attempts = attemptsWith(append, { ...systemClock, monotonicMs: () => nowMs });
    for (const [issuedMs, dueMs] of [
      [1_000, 960],
      [1_100, 1_049],
      [1_200, 1_000],
      [2_101, 2_000],
    ] as const) {
      nowMs = issuedMs;
      await attempts.run({ ...renewal, dueMs }, async () => done);
    }
    expect(bodies.filter(({ type }) => type === 'traffic.lag')).toEqual([
      { type: 'traffic.lag', dueMs: 1_049, lagMs: 51 },
      { type: 'traffic.lag', dueMs: 2_000, lagMs: 101 },
    ]);
  });

  test('what breaks on our side is never taken for an answer, and comes out at the next call', async () => {
    const full = new Error('the disk is full');
    const unwritable = attemptsWith(() => {
      throw full;
    });
    await unwritable.run(renewal, async () => done);
    await expect(unwritable.idle('all')).rejects.toBe(full);

    const { bodies, append } = recorder();
    const attempts = attemptsWith(append);
    const bug = new Error('an adapter threw');
    const answer = await attempts.run(renewal, async () => {
      throw bug;
    });
    expect(answer.outcome).toBe('unknown');
    expect(bodies).toMatchObject([{ outcome: 'unknown', reason: 'an adapter threw' }]);
    expect(() => attempts.assertSound()).toThrow(bug);
  });
});
