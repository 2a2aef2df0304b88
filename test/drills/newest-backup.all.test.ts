/** All processes crash and the newest backup is loaded; a restore while clients keep writing: on both kinds of lab. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome } from '../support/cli.js';
import { type LabName, missingLab } from '../support/cluster.js';
import { expectArchives, expectPassed } from './passes.js';
import * as scene from './scene.js';

const LIMIT_MS = 150_000;
const LABS: readonly { readonly lab: LabName; readonly basePort: number }[] = [
  { lab: 'antietcd-3', basePort: 21_250 },
  { lab: 'etcd-3', basePort: 21_150 },
];

const oldDataBack = ({ result: { ledger } }: scene.DrillRun): readonly string[] =>
  (ledger?.stale ?? 0) + (ledger?.resurrected ?? 0) > 0 ? ['old-data-back'] : [];

describe.each(LABS)('the newest backup on $lab', ({ lab, basePort }) => {
  const why = missingLab(lab);
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(basePort);
  });
  afterAll(() => home?.dispose());

  const run = (name: string) => scene.runDrill(home, scene.drillFor(home, lab, `drills/${name}.drill.yaml`));

  test.skipIf(why !== null)(
    'crashed-restart-and-restore: all processes are gone, run again, and hold what the newest backup holds',
    async () => {
      const before = await scene.labUp(home, lab);
      const content = await scene.contentOf(lab, before);
      const ended = await run('crashed-restart-and-restore');
      expectPassed(ended, {
        faults: [{ step: 'crash', name: 'node.kill', targets: ['n1', 'n2', 'n3'] }],
        // The drill waits 2 s before it starts them again.
        recoveryMs: [2_000, 55_000],
        lossless: false,
        issues: ['data-lost', ...oldDataBack(ended)],
      });
      expectArchives(ended, 2);
      const newest = ended.result.backups.at(-1);
      expect(ended.result.restores).toMatchObject([{ scope: 'all', sixSteps: true, file: newest?.file }]);
      // 20 writes a second from the newest backup to the crash, and from the restart to the restore.
      expect(ended.result.loss?.records).toBeGreaterThan(5);
      expect(ended.result.loss?.cause?.en).toMatch(/^restore \(restore\): clear$/);
      const after = await scene.labUp(home, lab);
      const pids = after.map(({ pid }) => pid);
      expect(before.filter(({ pid }) => pids.includes(pid))).toEqual([]);
      expect(await scene.contentOf(lab, after)).toEqual(content);
      scene.expectOnlyLabLeft(home, after);
    },
    LIMIT_MS,
  );

  test.skipIf(why !== null)(
    'restore-while-writing: writers never pause, what they are acknowledged after the start stays, the rest is counted',
    async () => {
      const before = await scene.labUp(home, lab);
      const content = await scene.contentOf(lab, before);
      const ended = await run('restore-while-writing');
      expectPassed(ended, {
        faults: [{ step: 'lose-data', name: 'registry.wipe', targets: [] }],
        recoveryMs: [100, 55_000],
        lossless: false,
        issues: ['data-lost', ...oldDataBack(ended)],
      });
      expectArchives(ended, 2);
      expect(ended.of('traffic.writers').map(({ state }) => state)).toEqual(['stopped']);
      const substeps = ended.of('restore.substep');
      const [stop, start] = ['stop', 'start'].map((name) => substeps.find((row) => row.name === name));
      const acknowledged = ended.of('attempt').filter((a) => a.op === 'register' && a.durable && a.outcome === 'ok');
      const since = acknowledged.filter(({ issuedMs }) => issuedMs > (start?.startedMs ?? Infinity));
      expect(since.length).toBeGreaterThan(40);
      // Nothing that a node was asked to keep before the stop and after the newest backup can be there.
      const point = ended.result.backups.at(-1)?.pointMs ?? 0;
      const between = acknowledged.filter(
        ({ issuedMs, endedMs }) => issuedMs > point && endedMs < (stop?.endedMs ?? 0),
      );
      expect(ended.result.loss?.records).toBeGreaterThan(between.length / 2);
      const lost = ended.result.ledger?.samples.filter(({ class: is }) => is === 'lost') ?? [];
      expect(lost.length).toBeGreaterThan(0);
      const newest = lost.map(({ entry }) => acknowledged.findLast((write) => write.entry === entry)?.endedMs ?? 0);
      expect(Math.max(...newest)).toBeLessThan(stop?.endedMs ?? 0);
      const after = await scene.labUp(home, lab);
      expect(await scene.contentOf(lab, after)).toEqual(content);
      scene.expectOnlyLabLeft(home, after);
    },
    LIMIT_MS,
  );
});
