/** Shipped drills on etcd 3.6, as a user points the lab at it: by the PATH. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingEtcd36, withEtcd36 } from '../setup/etcd.js';
import { type CliHome, cliHome } from '../support/cli.js';
import { expectArchives, expectPassed } from './passes.js';
import * as scene from './scene.js';

const LAB = 'etcd-3';
const LIMIT_MS = 150_000;
const why = missingEtcd36();

describe.skipIf(why !== null)(`shipped drills on etcd 3.6${why === null ? '' : `: ${why}`}`, () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(24_300, withEtcd36());
  });
  afterAll(() => home?.dispose());

  const run = (name: string) => scene.runDrill(home, scene.drillFor(home, LAB, `drills/${name}.drill.yaml`));

  test(
    'leader-killed: the leader dies alone, nothing is lost',
    async () => {
      const before = await scene.labUp(home, LAB);
      const leader = await scene.leaderOf(LAB, before);
      const content = await scene.contentOf(LAB, before);
      const ended = await run('leader-killed');
      expectPassed(ended, {
        faults: [{ step: 'kill-leader', name: 'node.kill', targets: [leader] }],
        recoveryMs: [300, 9_000],
      });
      expect(ended.result.environment.target?.version).toMatch(/^3\.6\./);
      const after = await scene.labUp(home, LAB);
      expect(await scene.contentOf(LAB, after)).toEqual(content);
      scene.expectOnlyLabLeft(home, after);
    },
    LIMIT_MS,
  );

  test(
    'etcd-leader-loss: restores in the six steps with etcdutl, loses what came after the backup',
    async () => {
      const ended = await run('etcd-leader-loss');
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
        recoveryMs: [500, 25_000],
        lossless: false,
      });
      expect(result.loss?.records).toBeGreaterThan(0);
      expectArchives(ended, 2);
    },
    LIMIT_MS,
  );

  test(
    'etcd-quota-exhausted: the alarm is off afterwards',
    async () => {
      const before = await scene.labUp(home, LAB);
      const content = await scene.contentOf(LAB, before);
      const ended = await run('etcd-quota-exhausted');
      expectPassed(ended, {
        faults: [{ step: 'fill', name: 'etcd.quota-exhausted', targets: [] }],
        recoveryMs: [2_900, 20_000],
      });
      const after = await scene.labUp(home, LAB);
      expect(await scene.contentOf(LAB, after)).toEqual(content);
      for (const { url } of after) expect((await fetch(`${url}/health`)).status).toBe(200);
      scene.expectOnlyLabLeft(home, after);
    },
    LIMIT_MS,
  );
});
