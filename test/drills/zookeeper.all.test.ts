/** The shipped drills for ZooKeeper, and the one that its usual timers must make slow. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, processState, repo, said, until } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import { plainTree } from '../support/plain-zookeeper.js';
import { expectArchives, expectPassed } from './passes.js';
import * as scene from './scene.js';
import { leaderOf } from './zookeeper-leader.js';

const LAB = 'zookeeper-3';
const LIMIT_MS = 180_000;
const why = missingLab(LAB);

describe.skipIf(why !== null)(`drills on ZooKeeper${why === null ? '' : `: ${why}`}`, () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(26_300);
  });
  afterAll(() => home?.dispose());

  const up = () => scene.labUp(home, LAB);
  const fileOf = (name: string) => `drills/${name}.drill.yaml`;
  const pidOf = (nodes: readonly scene.LabNode[], name: string) => nodes.find((node) => node.name === name)?.pid ?? 0;

  test(
    'zookeeper-full-flow: starts its lab, restores in the six steps, leaves nothing',
    async () => {
      const ended = await scene.runDrill(home, fileOf('zookeeper-full-flow'));
      const { result } = ended;
      expectPassed(ended, {
        faults: [
          { step: 'kill-leader', name: 'node.kill', targets: result.faults[0]?.targets ?? [] },
          { step: 'lose-data', name: 'registry.wipe', targets: [] },
        ],
        issues: [
          'data-lost',
          ...((result.ledger?.stale ?? 0) + (result.ledger?.resurrected ?? 0) > 0 ? ['old-data-back'] : []),
        ],
        recoveryMs: [500, 29_000],
        lossless: false,
      });
      expect(result.loss?.records).toBeGreaterThan(0);
      expect(result.restores).toMatchObject([{ scope: 'all', sixSteps: true }]);
      const verified = ended.of('restore.substep').find(({ name }) => name === 'verify')?.facts ?? {};
      for (const node of ['n1', 'n2', 'n3']) expect(verified[node]).toMatchObject({ copy: 'byte for byte' });
      expectArchives(ended, 2);
      scene.expectNothingLeft(home);
    },
    LIMIT_MS,
  );

  test(
    'zookeeper-leader-killed: over in about half a second, nothing lost, seen by another client',
    async () => {
      const before = await up();
      const leader = await leaderOf(before);
      const content = await contentOf(before);
      const ended = await scene.runDrill(home, fileOf('zookeeper-leader-killed'));
      expectPassed(ended, {
        faults: [{ step: 'kill-leader', name: 'node.kill', targets: [leader] }],
        recoveryMs: [100, 3_000],
      });
      const after = await up();
      expect(pidOf(after, leader)).not.toBe(pidOf(before, leader));
      expect(await contentOf(after)).toEqual(content);
      expectArchives(ended, 1);
      scene.expectOnlyLabLeft(home, after);
    },
    LIMIT_MS,
  );

  test(
    'zookeeper-leader-frozen: the others wait for tickTime × syncLimit, 2 s, and the same process follows afterwards',
    async () => {
      const before = await up();
      const leader = await leaderOf(before);
      const content = await contentOf(before);
      const started = home.start(['run', fileOf('zookeeper-leader-frozen'), ...['--out', home.reports, '--no-input']]);
      await said(started, '→ watch-without-node');
      expect(processState(pidOf(before, leader))).toBe('T');
      const ended = scene.readRun(await started.ended, home);
      expectPassed(ended, {
        faults: [{ step: 'freeze-leader', name: 'node.freeze', targets: [leader] }],
        recoveryMs: [1_500, 6_000],
      });
      const after = await up();
      expect(pidOf(after, leader)).toBe(pidOf(before, leader));
      expect(await leaderOf(after)).not.toBe(leader);
      expect(await contentOf(after)).toEqual(content);
      scene.expectOnlyLabLeft(home, after);
      expect((await home.run('lab', 'down', LAB)).code).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'zookeeper-sessions-expired: all instances are gone together, and their owners bring each of them back',
    async () => {
      const before = await up();
      const content = await contentOf(before);
      const ended = await scene.runDrill(home, fileOf('zookeeper-sessions-expired'));
      expectPassed(ended, {
        faults: [{ step: 'expire-sessions', name: 'leases.expire', targets: [] }],
        // Owners send a sign of life every 2 s.
        recoveryMs: [200, 8_000],
      });
      const expired = ended.of('fault.requested')[0]?.ms ?? Number.POSITIVE_INFINITY;
      const again = ended
        .of('attempt')
        .filter(({ op, again, issuedMs }) => op === 'register' && again && issuedMs > expired);
      expect(new Set(again.filter(({ outcome }) => outcome === 'ok').map(({ entry }) => entry)).size).toBe(10);
      const after = await up();
      expect(await contentOf(after)).toEqual(content);
      scene.expectOnlyLabLeft(home, after);
      expect((await home.run('lab', 'down', LAB)).code).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'zookeeper-leader-frozen with the usual timers: 10 s, as nobody learns who only kills',
    async () => {
      const path = join(home.dir, 'usual-timers.drill.yaml');
      const drill = readFileSync(join(repo, fileOf('zookeeper-leader-frozen')), 'utf8');
      writeFileSync(path, drill.replace('lab: zookeeper-3 ', 'lab: zookeeper-3-default-timers '));
      const ended = await scene.runDrill(home, path);
      expectPassed(ended, {
        faults: [{ step: 'freeze-leader', name: 'node.freeze', targets: ended.result.faults[0]?.targets ?? [] }],
        recoveryMs: [9_000, 14_900],
      });
      expect(ended.result.environment.target).toMatchObject({ lab: 'zookeeper-3-default-timers', voters: 3 });
      scene.expectNothingLeft(home);
    },
    LIMIT_MS,
  );

  test.each([
    { name: 'zookeeper-full-flow', missed: ['rpo.records', 'rto'] },
    { name: 'zookeeper-leader-frozen', missed: ['rto'] },
    { name: 'zookeeper-leader-killed', missed: ['rto'] },
    { name: 'zookeeper-sessions-expired', missed: ['rto'] },
  ])(
    'the variant of $name that must miss does',
    async ({ name, missed }) => {
      const { code, result, stderr } = await scene.runDrill(home, `test/drills-that-miss/${name}.drill.yaml`);
      expect(code, stderr).toBe(1);
      expect(result).toMatchObject({ valid: true, outcome: 'fail', residue: { checked: true, left: [] } });
      const verdicts = result.objectives.filter(({ verdict }) => verdict !== 'within');
      expect(verdicts.map(({ id, verdict }) => `${id} ${verdict}`).toSorted()).toEqual(
        missed.map((id) => `${id} missed`),
      );
      scene.expectNothingLeft(home);
    },
    LIMIT_MS,
  );
});

/** What lies in the tree, the same on every node, by a client of other people. */
const contentOf = (nodes: readonly scene.LabNode[]): Promise<readonly string[]> =>
  until('all nodes hold the same', async () => {
    const trees = await Promise.all(
      nodes.map(({ url }) => plainTree(url, ['/services', '/settings']).catch(() => null)),
    );
    const [first, ...others] = trees.map((tree) => JSON.stringify(tree));
    if (first === undefined || first === 'null' || others.some((other) => other !== first)) return null;
    return trees[0]?.map(({ path, data }) => `${path}=${data}`);
  });
