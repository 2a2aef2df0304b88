/** What the tests of faults through Toxiproxy share. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import { invariant } from '../../src/core/errors.js';
import type { Fault, FaultRequest, UndoData, World } from '../../src/core/fault.js';
import { faults } from '../../src/faults/index.js';

export type Direction = 'down' | 'up' | 'both';

export const streamsOf = (direction: Direction): readonly string[] =>
  ['downstream', 'upstream'].filter((stream) => direction === 'both' || stream.startsWith(direction));

export function faultNamed(name: string): Fault {
  const fault = faults.find(name);
  invariant(fault, `there is a fault ${name}`);
  return fault;
}

/** Through JSON, as on its way through the disk. */
export async function prepared(fault: Fault, world: World, request: FaultRequest): Promise<UndoData> {
  const data = await fault.prepare(world, request);
  const copy = JSON.parse(JSON.stringify(data)) as UndoData;
  expect(copy).toEqual(data);
  return copy;
}

export async function bitten(fault: Fault, world: World, data: UndoData) {
  const { value } = await pollUntil(
    () => fault.confirm(world, data),
    ({ bitten: told }) => told === true,
    { clock: systemClock, withinMs: 10_000, everyMs: 3 },
  );
  return value;
}

/** A process of its own goes through these phases, and is killed there; `begin` = in the middle of the injection. */
export async function killedAfter(phases: readonly string[], setting: object, order: object): Promise<void> {
  const victim = fork(join(import.meta.dirname, 'victim.mjs'), [JSON.stringify(setting)]);
  const ended = new Promise<NodeJS.Signals | null>((resolve) => victim.once('exit', (_, signal) => resolve(signal)));
  const reply = () =>
    new Promise<{ readonly ok: boolean; readonly why?: string }>((resolve) => {
      victim.once('message', resolve);
      void ended.then(() => resolve({ ok: false, why: 'it ended by itself' }));
    });
  try {
    expect(await reply()).toEqual({ ok: true });
    const done = reply();
    victim.send({ ...order, runId: 'r1', until: phases });
    expect(await done).toEqual({ ok: true });
  } finally {
    victim.kill('SIGKILL');
  }
  expect(await ended).toBe('SIGKILL');
}
