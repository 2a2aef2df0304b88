/**
 * etcd's last resort, on real etcd: the node with the only disk left had been down, so acknowledged writes are lost. Which
 * ones is known beforehand: those that the two others took alone.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectMissed } from '../drills/misses.js';
import { expectPassed } from '../drills/passes.js';
import * as scene from '../drills/scene.js';
import { type CliHome, cliHome, repo } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import { AUDIT_STEP, type Audited, audited, expectSameLedger } from './audited.js';
import { etcdCopy } from './own-copy.js';

const NAME = 'etcd-force-new-cluster';
const LAB = 'etcd-3';
const LIMIT_MS = 150_000;
const BEHIND_MS = 300;
const why = missingLab(LAB);

describe.skipIf(why !== null)(`one old disk is left${why === null ? '' : `: ${why}`}`, () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(26_700);
  });
  afterAll(() => home?.dispose());

  const up = async (): Promise<readonly scene.LabNode[]> => {
    const { code, stdout, stderr } = await home.run('lab', 'up', LAB, '--driver', 'process', '--json');
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout).nodes;
  };

  test(
    'exactly what was acknowledged while that node was down is lost, by name, and the cluster is whole again',
    async () => {
      const before = await up();
      const content = await scene.contentOf(LAB, before);
      const text = readFileSync(join(repo, `drills/${NAME}.drill.yaml`), 'utf8');
      const drill = text.replace('  verify:\n', `  verify:\n    ${AUDIT_STEP}\n`).replace('lease: 6s', 'lease: 30s');
      const seen = await audited(home, drill, { nodes: before, copyOf: etcdCopy });
      rmSync(join(home.dir, 'audited'), { force: true });
      const [down, others] = seen.run.result.faults.map(({ targets }) => targets);
      expect([...(down ?? []), ...(others ?? [])].toSorted()).toEqual(['n1', 'n2', 'n3']);
      expectPassed(seen.run, {
        faults: [
          { step: 'one-is-down', name: 'node.stop', targets: down ?? [] },
          { step: 'lose-the-others', name: 'data.node-wipe', targets: others ?? [] },
        ],
        issues: [
          'data-lost',
          ...(seen.opinion.outdated.length + seen.opinion.resurrected.length > 0 ? ['old-data-back'] : []),
        ],
        recoveryMs: [500, 29_000],
        lossless: false,
      });
      expectSameLedger(seen);
      expectLostWhatTheOthersTook(seen);
      const after = await up();
      expect(await scene.contentOf(LAB, after)).toEqual(content);
      expect(after.map(({ pid }) => pid).filter((pid) => before.some((node) => node.pid === pid))).toEqual([]);
      scene.expectOnlyLabLeft(home, after);
    },
    LIMIT_MS,
  );

  test(
    'while another node still runs, none goes on alone: two clusters of one name would take writes',
    async () => {
      const text = readFileSync(join(repo, `drills/${NAME}.drill.yaml`), 'utf8');
      const file = join(home.dir, 'one-still-runs.drill.yaml');
      writeFileSync(file, text.replace('count: 2', 'count: 1'));
      const run = await scene.runDrill(home, file);
      expect(run.code, run.stderr).toBe(5);
      expect(run.stderr).toMatch(/n\d still runs: a node goes on alone only when all others are gone/);
      scene.expectOnlyLabLeft(home, await up());
      expect((await home.run('lab', 'down', LAB)).code).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'the variant that must miss does',
    async () => {
      await expectMissed(home, NAME, ['rpo.records', 'rpo.time', 'rto']);
      scene.expectNothingLeft(home);
    },
    LIMIT_MS,
  );
});

/** By the journal's own times: later than the kill and earlier than the loss is what only those two had. */
function expectLostWhatTheOthersTook({ run, opinion }: Audited): void {
  const timesOf = (step: string) => {
    const confirmed = run.of('fault.confirmed').find((event) => event.step === step);
    return { requestedMs: confirmed?.requestedMs ?? Number.NaN, observedMs: confirmed?.observedMs ?? Number.NaN };
  };
  const [killed, wiped] = [timesOf('one-is-down'), timesOf('lose-the-others')];
  const writes = run.of('attempt').filter(({ op, durable }) => durable && (op === 'register' || op === 'deregister'));
  const acknowledged = writes.filter(({ outcome }) => outcome === 'ok').sort((a, b) => a.issuedMs - b.issuedMs);
  const newest = new Map(acknowledged.map((write) => [write.entry, write]));
  const olderThanKill = new Set(acknowledged.filter(({ endedMs }) => endedMs < killed.requestedMs).map((w) => w.entry));
  // What came and went within that time leaves no trace on either side.
  const surely = [...newest.values()].filter(
    ({ op, entry, issuedMs, endedMs }) =>
      issuedMs > killed.observedMs && endedMs < wiped.requestedMs && (op === 'register' || olderThanKill.has(entry)),
  );
  const gone = new Set([...opinion.lost, ...opinion.outdated, ...opinion.resurrected]);
  expect(surely.length).toBeGreaterThan(50);
  expect(surely.map(({ entry }) => entry).filter((entry) => !gone.has(entry))).toEqual([]);
  // And nothing older or newer than that; a follower is behind by a moment.
  for (const entry of gone) {
    const write = newest.get(entry);
    expect(write?.endedMs, entry).toBeGreaterThan(killed.requestedMs - BEHIND_MS);
    expect(write?.issuedMs, entry).toBeLessThan(wiped.observedMs);
  }
}
