import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { canaryService } from '../../src/core/canary.js';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import type { Fault, UndoData, World } from '../../src/core/fault.js';
import type { Entry, NodeClient } from '../../src/core/registry.js';
import { faults } from '../../src/faults/index.js';
import { type StartedLab, startLab } from '../support/cluster.js';

const CALL = { limitMs: 2_000 };
let lab: StartedLab;
let world: World;
let client: NodeClient;

beforeAll(async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'firedrill-entries-'));
  lab = await startLab('antietcd-3', 25_060);
  world = { cluster: lab.cluster, clock: systemClock, stateDir };
  client = lab.cluster.registry.client('n1');
});
afterAll(async () => {
  await lab?.stop();
  await rm(world.stateDir, { recursive: true, force: true });
});
beforeEach(async () => {
  for (const entry of await list('shop')) await client.deregister(entry, CALL);
  for (const instance of ['a', 'b', 'c']) await client.register({ service: 'shop', instance, value: instance }, CALL);
});

const list = async (service: string): Promise<readonly Entry[]> => {
  const answer = await client.discover(service, CALL);
  if (answer.outcome !== 'ok') throw new Error(answer.reason);
  return answer.value;
};
const held = async (): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await list('shop')).map(({ instance, value }) => [instance, value]));

function fault(name: string): Fault {
  const found = faults.find(name);
  if (found === undefined) throw new Error(`no fault ${name}`);
  return found;
}
const deletion = fault('service.delete');
const wipe = fault('registry.wipe');
const prepare = (what: Fault): Promise<UndoData> =>
  what.prepare(world, { nodes: [], params: { service: 'shop' }, step: 'break' });

it('has not bitten while one recorded entry is left', async () => {
  const data = await prepare(deletion);
  await client.deregister({ service: 'shop', instance: 'a' }, CALL);
  await client.deregister({ service: 'shop', instance: 'b' }, CALL);
  expect(await deletion.confirm(world, data)).toMatchObject({ bitten: false });
  await client.deregister({ service: 'shop', instance: 'c' }, CALL);
  expect(await deletion.confirm(world, data)).toMatchObject({ bitten: true });
});

it('counts an entry that a client wrote again since as gone, but does not overwrite it when reverting', async () => {
  const data = await prepare(deletion);
  await deletion.inject(world, data);
  await client.register({ service: 'shop', instance: 'a', value: 'newer' }, CALL);
  const confirmation = await deletion.confirm(world, data);
  expect(confirmation.bitten, confirmation.detail.en).toBe(true);
  expect(confirmation.detail.en).toContain('written again since: 1');
  expect(await deletion.revert(world, data)).toMatchObject({ reverted: true, nothingToDo: false });
  expect(await held()).toEqual({ a: 'newer', b: 'b', c: 'c' });
});

it('tells leased instances apart: they are deleted, not put back, and not residue', async () => {
  const lease = await client.grantLease(60_000, CALL);
  if (lease.outcome !== 'ok') throw new Error(lease.reason);
  await client.register({ service: 'shop', instance: 'live', value: 'live', leaseId: lease.value.leaseId }, CALL);
  const data = await prepare(deletion);
  await deletion.inject(world, data);
  expect(await held()).toEqual({});
  const reverted = await deletion.revert(world, data);
  expect(reverted.detail.en).toContain('1 leased ones come back only when their owners register again');
  expect(await held()).toEqual({ a: 'a', b: 'b', c: 'c' });
  expect(await deletion.residue(world, data)).toEqual([]);
});

it('keeps what it wiped in a file of the state folder, and refuses one that was changed', async () => {
  const canary = canaryService('20261122T101500Z-x-7f3a', 0);
  await client.register({ service: canary, instance: 'c1', value: 'mine' }, CALL);
  const data = await prepare(wipe);
  expect(data.count).toBe(3 + 7 + 1);
  expect(await readdir(world.stateDir)).toEqual([data.file]);
  await wipe.inject(world, data);
  expect(await list(canary)).toEqual([]);
  expect(await wipe.confirm(world, data)).toMatchObject({ bitten: true });
  expect(await wipe.revert(world, data)).toMatchObject({ reverted: true, nothingToDo: false });
  expect((await list(canary)).map(({ value }) => value)).toEqual(['mine']);

  await client.deregister({ service: canary, instance: 'c1' }, CALL);
  expect(await wipe.residue(world, data), 'a canary that is gone is no residue').toEqual([]);
  await writeFile(join(world.stateDir, String(data.file)), '[]');
  await expect(wipe.revert(world, data)).rejects.toThrow('SHA-256 differs');
});

it('cannot tell, and does not call it clean, when no node can be read', async () => {
  const data = await prepare(deletion);
  for (const node of lab.cluster.binding.nodes) await lab.cluster.driver.signal(node, 'SIGSTOP');
  try {
    expect(await deletion.confirm(world, data)).toMatchObject({ bitten: null });
    expect(await deletion.residue(world, data)).toHaveLength(1);
  } finally {
    for (const node of lab.cluster.binding.nodes) await lab.cluster.driver.signal(node, 'SIGCONT');
    await pollUntil(
      () => client.discover('shop', { limitMs: 200 }),
      ({ outcome }) => outcome === 'ok',
      { clock: systemClock, withinMs: 15_000, everyMs: 50 },
    );
  }
});

it('has nothing left once the lab was taken down', async () => {
  const data = await fault('node.kill').prepare(world, { nodes: lab.cluster.binding.nodes, params: {}, step: 'break' });
  const entries = await prepare(deletion);
  await lab.lab.down(lab.stateRoot);
  expect(await fault('node.kill').residue(world, data)).toEqual([]);
  expect(await fault('node.kill').revert(world, data)).toMatchObject({ reverted: true, nothingToDo: true });
  expect(await deletion.residue(world, entries)).toEqual([]);
});
