/** The shipped drills that restore from a chain of increments, on real etcd. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import { expectArchives, expectPassed } from './passes.js';
import * as scene from './scene.js';

const LAB = 'etcd-3';
const LIMIT_MS = 300_000;
const why = missingLab(LAB);

describe.skipIf(why !== null)(`restores from increments${why === null ? '' : `: ${why}`}`, () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(27_400);
  });
  afterAll(() => home?.dispose());

  const run = (name: string) => scene.runDrill(home, `drills/${name}.drill.yaml`);
  /** A full one and two on top of it; the restore takes the newest. */
  const expectChain = (ended: scene.DrillRun): void => {
    expectArchives(ended, 3);
    expect(ended.result.backups.map(({ mode }) => mode)).toEqual(['full', 'incremental', 'incremental']);
    const newest = ended.result.backups.at(-1);
    expect(ended.result.restores.map(({ file }) => file)).toEqual([newest?.file]);
  };

  test(
    'increment-service-deleted: one service is back from the newest increment, all else as it was',
    async () => {
      const before = await scene.labUp(home, LAB);
      const content = await scene.contentOf(LAB, before);
      const ended = await run('increment-service-deleted');
      expectPassed(ended, {
        faults: [{ step: 'delete-service', name: 'service.delete', targets: [] }],
        recoveryMs: [1_900, 25_000],
      });
      expectChain(ended);
      const after = await scene.labUp(home, LAB);
      expect(await scene.contentOf(LAB, after)).toEqual(content);
      scene.expectOnlyLabLeft(home, after);
    },
    LIMIT_MS,
  );

  test(
    'increment-registry-wiped: what came after the newest increment is lost and counted, nothing else',
    async () => {
      await scene.labUp(home, LAB);
      const ended = await run('increment-registry-wiped');
      const { ledger, loss } = ended.result;
      expectPassed(ended, {
        faults: [{ step: 'lose-data', name: 'registry.wipe', targets: [] }],
        recoveryMs: [500, 55_000],
        lossless: false,
        // What was deleted after the newest increment comes back with it.
        issues: ['data-lost', ...((ledger?.stale ?? 0) + (ledger?.resurrected ?? 0) > 0 ? ['old-data-back'] : [])],
      });
      expectChain(ended);
      // 20 writes a second from the newest increment to the wipe.
      expect(loss?.records).toBeGreaterThan(0);
      expect(loss?.records).toBeLessThan(60);
      scene.expectOnlyLabLeft(home, await scene.labUp(home, LAB));
    },
    LIMIT_MS,
  );
});
