/** For every class of the ledger: what is reported is exactly what was planted; a healthy run reports none. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import type { LedgerMeasurement, LossMeasurement } from '../../src/core/measurement.js';
import { measure } from '../../src/measure/index.js';
import { canaryUndoer } from '../../src/traffic/index.js';
import { type LabName, missingLab, type StartedLab, startLab } from '../support/cluster.js';
import { type CanaryRun, calmSpec, canaryRun, type Proxied, proxied } from './canary-run.js';
import type { LoggedWrite, WriteLie } from './lying-registry.js';
import { type PlainState, plainState } from './plain-node.js';
import { openRun } from './synthetic-journal.js';

const LABS: readonly { readonly name: LabName; readonly basePort: number }[] = [
  { name: 'antietcd-3', basePort: 26_000 },
  { name: 'etcd-3', basePort: 26_100 },
];

describe.each(LABS)('the ledger tells the truth about $name', ({ name, basePort }) => {
  const missing = missingLab(name);
  let lab: StartedLab | undefined;
  let scene: Scene | undefined;

  beforeAll(async () => {
    if (missing === null) lab = await startLab(name, basePort);
  });
  afterEach(async () => {
    await scene?.close();
    scene = undefined;
  });
  afterAll(async () => {
    await lab?.stop();
  });

  const begin = async (): Promise<Scene> => {
    if (lab === undefined) throw new Error(`the lab ${name} did not start`);
    scene = await openScene(lab);
    return scene;
  };
  const truthTest = test.skipIf(missing !== null);

  truthTest('a healthy run reports nothing', async () => {
    const here = await begin();
    await here.writeUntil((log) => log.length >= 150);
    const { ledger, loss } = await here.read();
    const held = (await here.plain())[0];
    expect(held?.size).toBeGreaterThan(60);
    expect(classesOf(ledger)).toEqual({ lost: 0, stale: 0, ghost: 0, resurrected: 0, divergent: 0 });
    expect(ledger.present).toBe(held?.size);
    expect(ledger.nodes.map(({ present, absent }) => ({ present, absent }))).toEqual(
      Array.from({ length: 3 }, () => ({ present: held?.size, absent: 0 })),
    );
    const issued = here.log.length + calmSpec.instances;
    expect(ledger.operations).toEqual({ issued, acknowledged: issued, failed: 0, unknown: 0 });
    expect(loss).toMatchObject({ records: 0, lostUpdates: 0, timeMs: 0 });
  });

  truthTest('a registry that is only slow loses nothing', async () => {
    const here = await begin();
    for (const proxy of here.proxies) proxy.delayBy(120);
    await here.writeUntil((log) => log.length >= 60);
    const { ledger, loss } = await here.read();
    expect(classesOf(ledger)).toEqual({ lost: 0, stale: 0, ghost: 0, resurrected: 0, divergent: 0 });
    expect(loss?.records).toBe(0);
    const tookMs = here.run.journal.of('attempt').map((attempt) => attempt.endedMs - attempt.issuedMs);
    expect(Math.min(...tookMs)).toBeGreaterThanOrEqual(118);
  });

  truthTest.for([1, 2, 5])('%i acknowledged but never stored registrations are lost', async (count) => {
    const here = await begin();
    await here.plantWrites('ack-only', count, isFresh);
    const { ledger, loss } = await here.read();
    const planted = here.newest().filter((write) => write.lie === 'ack-only');
    expect(planted).toHaveLength(count);
    expect(classesOf(ledger)).toEqual({ lost: count, stale: 0, ghost: 0, resurrected: 0, divergent: 0 });
    expect(ledger.nodes.map((node) => node.absent)).toEqual([count, count, count]);
    expect(loss).toMatchObject({ records: count, lostUpdates: 0 });
    expect(loss?.timeMs).toBeGreaterThan(0);
  });

  truthTest.for([1, 4])('%i acknowledged but never stored overwrites leave stale entries', async (count) => {
    const here = await begin();
    await here.plantWrites('ack-only', count, isOverwrite);
    const { ledger, loss } = await here.read();
    expect(here.newest().filter((write) => write.lie === 'ack-only')).toHaveLength(count);
    expect(classesOf(ledger)).toEqual({ lost: 0, stale: count, ghost: 0, resurrected: 0, divergent: 0 });
    expect(ledger.nodes.map((node) => node.stale)).toEqual([count, count, count]);
    expect(loss).toMatchObject({ records: count, lostUpdates: count });
  });

  truthTest.for([1, 3])('%i acknowledged but never done removals resurrect entries', async (count) => {
    const here = await begin();
    await here.plantWrites('ack-only', count, isRemoval);
    const { ledger, loss } = await here.read();
    expect(here.newest().filter((write) => write.lie === 'ack-only')).toHaveLength(count);
    expect(classesOf(ledger)).toEqual({ lost: 0, stale: 0, ghost: 0, resurrected: count, divergent: 0 });
    expect(ledger.nodes.map((node) => node.resurrected)).toEqual([count, count, count]);
    expect(loss?.records).toBe(0);
  });

  truthTest.for([
    { lie: 'drop', what: 'registration', count: 3, of: isFresh },
    { lie: '503', what: 'registration', count: 4, of: isFresh },
    { lie: 'drop', what: 'overwrite', count: 2, of: isOverwrite },
    { lie: '503', what: 'removal', count: 2, of: isRemoval },
  ] as const)('$count × $what done but not admitted ($lie) are ghosts', async ({ lie, count, of }) => {
    const here = await begin();
    await here.plantWrites(lie, count, of);
    const { ledger, loss } = await here.read();
    const states = await here.plain();
    const planted = here.log.filter((write) => write.lie === lie);
    expect(planted).toHaveLength(count);
    for (const write of planted) expect(states[0]?.get(write.key)).toBe(write.version ?? undefined);
    expect(classesOf(ledger)).toEqual({ lost: 0, stale: 0, ghost: count, resurrected: 0, divergent: 0 });
    expect(ledger.nodes.map((node) => node.ghost)).toEqual([count, count, count]);
    expect(ledger.unknown).toBe(count);
    expect(loss?.records).toBe(0);
  });

  describe.each([
    { where: 'one node', fronts: [1] },
    { where: 'two nodes', fronts: [0, 2] },
    { where: 'every node', fronts: [0, 1, 2] },
  ])('lies in reads of $where', ({ fronts }) => {
    const everywhere = fronts.length === 3;
    const perNode = (count: number): readonly number[] => [0, 1, 2].map((i) => (fronts.includes(i) ? count : 0));

    truthTest.for([1, 4])('%i hidden entries', async (count) => {
      const here = await begin();
      await here.writeUntil((log) => log.length >= 80);
      const hidden = here
        .live()
        .filter((write) => write.version === 1)
        .slice(0, count);
      here.lieInReads(
        fronts,
        hidden.map(({ key }) => [key, null]),
      );
      const { ledger, loss } = await here.read();
      expect(hidden).toHaveLength(count);
      expect(ledger.nodes.map((node) => node.absent)).toEqual(perNode(count));
      const lost = everywhere ? count : 0;
      expect(classesOf(ledger)).toEqual({ lost, stale: 0, ghost: 0, resurrected: 0, divergent: count - lost });
      expect(loss).toMatchObject({ records: lost, lostUpdates: 0 });
    });

    truthTest.for([1, 3])('%i old values', async (count) => {
      const here = await begin();
      await here.writeUntil(() => here.live().filter(({ version }) => version === 2).length >= count + 2);
      const aged = here
        .live()
        .filter(({ version }) => version === 2)
        .slice(0, count);
      here.lieInReads(
        fronts,
        aged.map(({ key }) => [key, here.valueOf(key, 1)]),
      );
      const { ledger, loss } = await here.read();
      expect(aged).toHaveLength(count);
      expect(ledger.nodes.map((node) => node.stale)).toEqual(perNode(count));
      const divergent = everywhere ? 0 : count;
      expect(classesOf(ledger)).toEqual({ lost: 0, stale: count, ghost: 0, resurrected: 0, divergent });
      const lostUpdates = everywhere ? count : 0;
      expect(loss).toMatchObject({ records: lostUpdates, lostUpdates });
    });

    truthTest.for([1, 3])('%i removed entries brought back', async (count) => {
      const here = await begin();
      await here.writeUntil(() => here.newest().filter(isRemoval).length >= count);
      const removed = here.newest().filter(isRemoval).slice(0, count);
      here.lieInReads(
        fronts,
        removed.map(({ key }) => [key, here.valueOf(key, 1)]),
      );
      const { ledger, loss } = await here.read();
      expect(removed).toHaveLength(count);
      expect(ledger.nodes.map((node) => node.resurrected)).toEqual(perNode(count));
      const divergent = everywhere ? 0 : count;
      expect(classesOf(ledger)).toEqual({ lost: 0, stale: 0, ghost: 0, resurrected: count, divergent });
      expect(loss?.records).toBe(0);
    });
  });

  truthTest('different lies on different nodes are told apart', async () => {
    const here = await begin();
    await here.plantWrites('ack-only', 2, isFresh);
    const [hidden = [], aged = [], back = []] = [
      here
        .live()
        .filter(({ version, lie }) => version === 1 && lie === null)
        .slice(0, 4),
      here
        .live()
        .filter(({ version }) => version === 2)
        .slice(0, 3),
      here.newest().filter(isRemoval).slice(0, 1),
    ];
    here.lieInReads(
      [0],
      hidden.map(({ key }) => [key, null]),
    );
    here.lieInReads(
      [1],
      aged.map(({ key }) => [key, here.valueOf(key, 1)]),
    );
    here.lieInReads(
      [2],
      back.map(({ key }) => [key, here.valueOf(key, 1)]),
    );
    const { ledger } = await here.read();
    expect([hidden, aged, back].map((list) => list.length)).toEqual([4, 3, 1]);
    expect(classesOf(ledger)).toEqual({ lost: 2, stale: 3, ghost: 0, resurrected: 1, divergent: 8 });
    expect(ledger.nodes.map(({ absent, stale, resurrected }) => [absent, stale, resurrected])).toEqual([
      [6, 0, 0],
      [2, 3, 0],
      [2, 0, 1],
    ]);
  });

  truthTest('a node that cannot be read says nothing; without any there is no ledger', async () => {
    const here = await begin();
    await here.writeUntil((log) => log.length >= 40);
    here.proxies[1]?.beginOutage('503');
    const { ledger } = await here.read();
    expect(ledger.nodes.map((node) => node.readable)).toEqual([true, false, true]);
    expect(classesOf(ledger)).toEqual({ lost: 0, stale: 0, ghost: 0, resurrected: 0, divergent: 0 });

    for (const proxy of here.proxies) proxy.beginOutage('refuse');
    await here.run.traffic.readLedger();
    const readings = here.run.journal.of('ledger.read').slice(-3);
    expect(readings.map(({ readable, entries }) => [readable, entries.length])).toEqual(
      Array.from({ length: 3 }, () => [false, 0]),
    );
    const unread = here.run.journal.events.filter((event) => event.type !== 'ledger.read' || !event.readable);
    expect(measure(unread).ledger).toBeNull();
  });
});

const isFresh = (write: LoggedWrite): boolean => write.op === 'put' && write.version === 1;
const isOverwrite = (write: LoggedWrite): boolean => write.op === 'put' && write.version !== 1;
const isRemoval = (write: LoggedWrite): boolean => write.op === 'delete';

const classesOf = ({ lost, stale, ghost, resurrected, divergent }: LedgerMeasurement): object => ({
  lost,
  stale,
  ghost,
  resurrected,
  divergent,
});

interface Scene {
  readonly run: CanaryRun;
  readonly proxies: Proxied['proxies'];
  /** Durable writes as the proxies saw them. */
  readonly log: readonly LoggedWrite[];
  /** The newest write of each durable key, by the proxies' log. */
  readonly newest: () => readonly LoggedWrite[];
  /** Keys that must be there, by the proxies' log. */
  readonly live: () => readonly LoggedWrite[];
  readonly valueOf: (key: string, version: number) => string;
  /** The nodes themselves, without the proxies. */
  readonly plain: () => Promise<readonly PlainState[]>;
  readonly writeUntil: (enough: (log: readonly LoggedWrite[]) => boolean) => Promise<void>;
  /** Lies about the next `count` durable writes of a kind, after a healthy while, and ends the writers then. */
  readonly plantWrites: (lie: WriteLie, count: number, of: (write: LoggedWrite) => boolean) => Promise<void>;
  readonly lieInReads: (fronts: readonly number[], lies: readonly (readonly [string, string | null])[]) => void;
  readonly read: () => Promise<{ readonly ledger: LedgerMeasurement; readonly loss: LossMeasurement | null }>;
  readonly close: () => Promise<void>;
}

async function openScene(lab: StartedLab): Promise<Scene> {
  const front = await proxied(lab.cluster);
  const run = canaryRun(front.cluster);
  openRun(run.journal, calmSpec, 1_000);
  const { product, nodes } = lab.cluster.binding;
  const durable = (): readonly LoggedWrite[] => front.log.filter((write) => !write.leased);
  const newest = (): readonly LoggedWrite[] => [...new Map(durable().map((write) => [write.key, write])).values()];
  const plain = (): Promise<readonly PlainState[]> => Promise.all(nodes.map(({ url }) => plainState(product, url)));
  const writeUntil = async (enough: (log: readonly LoggedWrite[]) => boolean): Promise<void> => {
    await run.traffic.start();
    await until(async () => enough(durable()));
    await run.traffic.stopWriters();
  };
  return {
    run,
    proxies: front.proxies,
    get log() {
      return durable();
    },
    newest,
    live: () => newest().filter((write) => write.op === 'put' && write.admitted),
    valueOf: (key, version) => {
      const write = front.log.find((one) => one.key === key && one.version === version);
      if (write === undefined || write.value === null)
        throw new Error(`${key} was never written at version ${version}`);
      return write.value;
    },
    plain,
    writeUntil,
    plantWrites: async (lie, count, of) => {
      let left = count;
      const choose = (write: LoggedWrite): WriteLie | null => {
        if (left === 0 || write.leased || durable().length < 60 || !of(write)) return null;
        left -= 1;
        return lie;
      };
      for (const proxy of front.proxies) proxy.lieAboutWrites(choose);
      await writeUntil(() => left === 0);
    },
    lieInReads: (fronts, lies) => {
      for (const i of fronts) front.proxies[i]?.lieAboutReads(new Map(lies));
    },
    read: async () => {
      await until(async () => sameEverywhere(await plain()));
      await run.traffic.readLedger();
      run.journal.append({ type: 'run.ended', ending: 'completed' });
      const { ledger, loss } = measure(run.journal.events);
      if (ledger === null) throw new Error('there is no ledger');
      return { ledger, loss };
    },
    close: async () => {
      await run.traffic.stop();
      await front.close();
      const world = { cluster: lab.cluster, clock: systemClock, stateDir: lab.stateRoot };
      expect(await canaryUndoer.revert(world, { runId: run.runId })).toMatchObject({ reverted: true });
      expect((await plain()).map((state) => state.size)).toEqual(nodes.map(() => 0));
    },
  };
}

const sameEverywhere = ([first, ...others]: readonly PlainState[]): boolean =>
  others.every((other) => JSON.stringify([...other].sort()) === JSON.stringify([...(first ?? [])].sort()));

async function until(look: () => Promise<boolean>): Promise<void> {
  const { reached } = await pollUntil(look, Boolean, { clock: systemClock, withinMs: 20_000, everyMs: 5 });
  expect(reached).toBe(true);
}
