/** Every drill of drills/ that needs a cluster, on one kind of lab; a shipped drill without a test here fails. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/core/backup.js';
import { RESTORE_SUBSTEPS } from '../../src/core/drill.js';
import { type CliHome, cliHome, processState, repo, said } from '../support/cli.js';
import { type LabName, missingLab } from '../support/cluster.js';
import { drillOnJobOf } from './backup-job.js';
import { DECIDED } from './decided.js';
import { ETCD_ONLY } from './etcd-only.js';
import { IN_TRUTH } from './in-truth.js';
import { NEWEST_BACKUP } from './newest-backup.js';
import { ON_DOCKER } from './on-docker.js';
import { ON_SMALL_DISKS } from './on-small-disks.js';
import { expectArchives, expectPassed } from './passes.js';
import { agreeWithProber, startProber } from './probed.js';
import * as scene from './scene.js';
import { WITH_FALLBACK } from './with-fallback.js';
import { WITH_INCREMENTS } from './with-increments.js';
import { WITH_TOXIPROXY, ZOOKEEPER_WITH_TOXIPROXY } from './with-toxiproxy.js';
import { ZOOKEEPER_ON_DOCKER, ZOOKEEPER_ONLY } from './zookeeper-only.js';

const LIMIT_MS = 150_000;
const WEEK_MS = 7 * 86_400_000;
const TESTED = [
  'backup-job-stopped',
  'etcd-leader-loss',
  'follower-lost',
  'leader-frozen',
  'leader-killed',
  'no-backup-left',
  'quorum-lost',
  'service-deleted',
];
const TABLETOP = 'datacenter-power-loss';

/**
 * `full-flow`: the drill that goes through everything, backup and restore in six steps; `backups`: those about archives
 * that are missing or old; `others`: the rest of them.
 */
export type Part = 'full-flow' | 'others' | 'backups';

export function describeShipped(lab: LabName, basePort: number, parts: readonly Part[]): void {
  const why = missingLab(lab);
  describe.skipIf(why !== null)(`shipped drills on ${lab}${why === null ? '' : `: ${why}`}`, () => {
    let home: CliHome;
    beforeAll(() => {
      home = cliHome(basePort);
    });
    afterAll(() => home?.dispose());

    const run = (name: string) => scene.runDrill(home, scene.drillFor(home, lab, `drills/${name}.drill.yaml`));
    const up = () => scene.labUp(home, lab);
    const pidsOf = (nodes: readonly scene.LabNode[]) => new Map(nodes.map(({ name, pid }) => [name, pid]));

    test('are all tested', () => {
      const shipped = readdirSync(join(repo, 'drills')).filter((name) => name.endsWith('.drill.yaml'));
      expect(shipped.toSorted()).toEqual(
        [
          TABLETOP,
          ...TESTED,
          ...ETCD_ONLY,
          ...WITH_TOXIPROXY,
          ...ZOOKEEPER_WITH_TOXIPROXY,
          ...ZOOKEEPER_ONLY,
          ...ZOOKEEPER_ON_DOCKER,
          ...ON_DOCKER,
          ...ON_SMALL_DISKS,
          ...IN_TRUTH,
          ...DECIDED,
          ...WITH_FALLBACK,
          ...WITH_INCREMENTS,
          ...NEWEST_BACKUP,
        ]
          .map((id) => `${id}.drill.yaml`)
          .toSorted(),
      );
    });

    const fullFlow = (): void => {
      test(
        'etcd-leader-loss: starts its lab, restores in the six steps, loses what came after the backup, leaves nothing',
        async () => {
          const ended = await run('etcd-leader-loss');
          const { result } = ended;
          const [kill] = result.faults;
          expectPassed(ended, {
            faults: [
              { step: 'kill-leader', name: 'node.kill', targets: kill?.targets ?? [] },
              { step: 'lose-data', name: 'registry.wipe', targets: [] },
            ],
            issues: [
              'data-lost',
              ...((result.ledger?.stale ?? 0) + (result.ledger?.resurrected ?? 0) > 0 ? ['old-data-back'] : []),
            ],
            recoveryMs: [500, 25_000],
            lossless: false,
          });
          expect(result.environment.target).toMatchObject({ lab, voters: 3, quorum: 2 });
          expect(result.issues.find(({ rule }) => rule === 'data-lost')?.priority).toBe('P3');
          expect(result.loss?.records).toBe((result.ledger?.lost ?? 0) + (result.loss?.lostUpdates ?? 0));
          expect(result.loss?.records).toBeGreaterThan(0);
          expectArchives(ended, 2);
          expectSixSteps(ended);
          expect(result.questions?.map(({ answer }) => answer)).toEqual(['yes', 'yes', 'unknown']);
          scene.expectNothingLeft(home);
        },
        LIMIT_MS,
      );
    };

    const others = (): void => {
      test(
        'leader-killed: the leader dies alone, nothing is lost, and an outside prober saw the same outage',
        async () => {
          const before = await up();
          const leader = await scene.leaderOf(lab, before);
          const content = await scene.contentOf(lab, before);
          const survivors = before.filter(({ name }) => name !== leader);
          const prober = await startProber(
            home,
            survivors.map(({ url }) => url),
          );
          const ended = await run('leader-killed');
          const answers = await prober.stop();
          expectPassed(ended, {
            faults: [{ step: 'kill-leader', name: 'node.kill', targets: [leader] }],
            recoveryMs: [300, 9_000],
          });
          agreeWithProber(ended, answers, 'kill-leader');
          const after = await up();
          expect(changed(pidsOf(before), pidsOf(after))).toEqual([leader]);
          expect(processState(pidsOf(before).get(leader) ?? 0)).toBeNull();
          expect(await scene.contentOf(lab, after)).toEqual(content);
          expectArchives(ended, 1);
          scene.expectOnlyLabLeft(home, after);
        },
        LIMIT_MS,
      );

      test(
        'leader-frozen: is frozen, seen from outside, and the same process goes on afterwards',
        async () => {
          const before = await up();
          const leader = await scene.leaderOf(lab, before);
          const content = await scene.contentOf(lab, before);
          const pid = pidsOf(before).get(leader) ?? 0;
          const file = scene.drillFor(home, lab, 'drills/leader-frozen.drill.yaml');
          const started = home.start(['run', file, '--out', home.reports, '--no-input']);
          await said(started, '→ watch-without-node');
          expect(processState(pid)).toBe('T');
          const ended = scene.readRun(await started.ended, home);
          expectPassed(ended, {
            faults: [{ step: 'freeze-leader', name: 'node.freeze', targets: [leader] }],
            recoveryMs: [300, 14_000],
          });
          expect(ended.of('undo.reverted').find(({ undoer }) => undoer === 'node.freeze')?.cause).toBe('heal');
          // The hung leader must not hide from the check that the others take writes again.
          const writable = ended.of('check.sampled').find(({ step }) => step === 'writable-again');
          expect(writable?.waitedMs).toBeLessThan(10_000);
          const after = await up();
          expect(changed(pidsOf(before), pidsOf(after))).toEqual([]);
          expect(await scene.contentOf(lab, after)).toEqual(content);
          scene.expectOnlyLabLeft(home, after);
        },
        LIMIT_MS,
      );

      test(
        'follower-lost: one node that does not lead dies, and the leader stays',
        async () => {
          const before = await up();
          const leader = await scene.leaderOf(lab, before);
          const ended = await run('follower-lost');
          const targets = ended.result.faults[0]?.targets ?? [];
          expect(targets).toHaveLength(1);
          expect(targets).not.toContain(leader);
          expectPassed(ended, {
            faults: [{ step: 'kill-follower', name: 'node.kill', targets }],
            recoveryMs: [0, 5_000],
          });
          const after = await up();
          expect(changed(pidsOf(before), pidsOf(after))).toEqual(targets);
          scene.expectOnlyLabLeft(home, after);
        },
        LIMIT_MS,
      );

      test(
        'quorum-lost: nothing is acknowledged while two of three are dead',
        async () => {
          const before = await up();
          const leader = await scene.leaderOf(lab, before);
          const content = await scene.contentOf(lab, before);
          const ended = await run('quorum-lost');
          const followers = before.map(({ name }) => name).filter((name) => name !== leader);
          expectPassed(ended, {
            faults: [{ step: 'kill-two', name: 'node.kill', targets: followers }],
            // The drill waits 3 s before it starts them again.
            recoveryMs: [3_000, 19_000],
          });
          const [fault] = ended.result.faults;
          const restart = ended.of('step.started').find(({ step }) => step === 'restart-both');
          const meanwhile = ended.of('attempt').filter(({ op, issuedMs, endedMs }) => {
            const write = op === 'register' || op === 'deregister';
            return write && issuedMs > (fault?.effectiveAtMs ?? 0) && endedMs < (restart?.ms ?? 0);
          });
          expect(meanwhile.length).toBeGreaterThan(20);
          expect(meanwhile.filter(({ outcome }) => outcome === 'ok')).toEqual([]);
          const after = await up();
          expect(changed(pidsOf(before), pidsOf(after))).toEqual(followers);
          expect(await scene.contentOf(lab, after)).toEqual(content);
          scene.expectOnlyLabLeft(home, after);
        },
        LIMIT_MS,
      );

      test(
        'service-deleted: only that service is gone for a while, and everything else is as it was',
        async () => {
          const before = await up();
          const content = await scene.contentOf(lab, before);
          const file = scene.drillFor(home, lab, 'drills/service-deleted.drill.yaml');
          const started = home.start(['run', file, '--out', home.reports, '--no-input']);
          await said(started, '→ somebody-notices');
          const during = Object.keys(demoOf(await scene.contentOf(lab, before)));
          const ended = scene.readRun(await started.ended, home);
          expect(Object.keys(content).filter((key) => !during.includes(key))).toEqual(
            Object.keys(content).filter((key) => key.startsWith('/services/order-service/')),
          );
          expectPassed(ended, {
            faults: [{ step: 'delete-service', name: 'service.delete', targets: [] }],
            // The drill lets 2 s pass before somebody notices.
            recoveryMs: [1_900, 20_000],
          });
          const discover = ended.result.recovery.find(({ operation }) => operation === 'discover');
          // A reader comes round to the deleted service every 300 ms, and its outage is felt: 2 s, within the stated error.
          expect(discover?.failedAttempts).toBeGreaterThan(3);
          expect((discover?.recoveryMs ?? 0) + (discover?.errorMs ?? 0)).toBeGreaterThan(1_900);
          expect(ended.result.restores).toMatchObject([
            { scope: 'service', service: 'order-service', sixSteps: false },
          ]);
          const after = await up();
          expect(await scene.contentOf(lab, after)).toEqual(content);
          expect(changed(pidsOf(before), pidsOf(after))).toEqual([]);
          expect(ended.result.checks.find(({ probe }) => probe === 'integrity.untouched')?.outcome).toBe('pass');
          scene.expectOnlyLabLeft(home, after);
        },
        LIMIT_MS,
      );
    };

    const backups = (): void => {
      test(
        'no-backup-left: without any archive the owners fill the registry again, and nothing acknowledged is lost',
        async () => {
          const before = await up();
          const content = await scene.contentOf(lab, before);
          const ended = await run('no-backup-left');
          expectPassed(ended, {
            faults: [{ step: 'wipe', name: 'registry.wipe', targets: [] }],
            // The drill lets 2 s pass before the owners are told.
            recoveryMs: [1_900, 20_000],
          });
          expect(ended.of('backup.written')).toEqual([]);
          const { facts } = ended.of('recover.action')[0] ?? {};
          const { leased, durable, missing } = facts as Record<string, { owned: number; back: number }>;
          expect(leased).toEqual({ owned: 10, back: 10 });
          expect(durable?.back).toBe(durable?.owned);
          expect(Number(missing)).toBeGreaterThan(30);
          expect(ended.of('command.ended')).toMatchObject([{ exitCode: 0, output: '7 instances registered\n' }]);
          // By the journal alone: what was written before, and only that, was written again.
          const again = new Set(
            ended.of('attempt').flatMap((a) => (a.again && a.durable && a.outcome === 'ok' ? [a.entry] : [])),
          );
          expect(again.size).toBe(durable?.back);
          const after = await up();
          expect(await scene.contentOf(lab, after)).toEqual(content);
          expect(changed(pidsOf(before), pidsOf(after))).toEqual([]);
          scene.expectOnlyLabLeft(home, after);
        },
        LIMIT_MS,
      );

      test(
        'backup-job-stopped: freshness says so of sound archives of a week ago, and what the job then makes restores',
        async () => {
          const before = await up();
          const content = await scene.contentOf(lab, before);
          const ended = scene.readRun(
            await home.run(
              'run',
              await drillOnJobOf(home, { lab, nodes: before, agoMs: WEEK_MS }),
              '--out',
              home.reports,
              '--no-input',
            ),
            home,
          );
          expectPassed(ended, {
            faults: [{ step: 'delete-service', name: 'service.delete', targets: [] }],
            recoveryMs: [0, 20_000],
          });
          const [stale, fresh] = ended.of('check.sampled').filter(({ probe }) => probe === 'backup.fresh');
          expect(stale).toMatchObject({ value: false, outcome: 'pass', facts: { archives: 1, damaged: 0 } });
          expect(Number(stale?.facts.ageMs)).toBeGreaterThan(WEEK_MS);
          expect(fresh).toMatchObject({ value: true, outcome: 'pass' });
          const after = await up();
          expect(await scene.contentOf(lab, after)).toEqual(content);
          scene.expectOnlyLabLeft(home, after);
        },
        LIMIT_MS,
      );
    };

    if (parts.includes('full-flow')) fullFlow();
    if (parts.includes('others')) others();
    if (parts.includes('backups')) backups();
    test('and when the lab goes down, every process of it is gone', async () => {
      expect((await home.run('lab', 'down', lab)).code).toBe(0);
      scene.expectNothingLeft(home);
    });
  });
}

type Pids = ReadonlyMap<string, number>;
const changed = (before: Pids, after: Pids): readonly string[] =>
  [...before.keys()].filter((name) => before.get(name) !== after.get(name));

const demoOf = (content: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(content).filter(([key]) => !key.includes('firedrill-canary')));

/** Seed §5.2: each step journaled with what proves it; pids and hashes are compared with one another and with the archive. */
function expectSixSteps({ result, of, dir }: scene.DrillRun): void {
  const steps = of('restore.substep');
  expect(steps.map(({ name }) => name)).toEqual([...RESTORE_SUBSTEPS]);
  expect(steps.map(({ outcome }) => outcome)).toEqual(RESTORE_SUBSTEPS.map(() => 'pass'));
  const facts = (name: string) => steps.find((step) => step.name === name)?.facts ?? {};
  const nodes = ['n1', 'n2', 'n3'];
  const stopped = nodes.map((node) => (facts('stop')[node] as { pid: number }).pid);
  const started = nodes.map((node) => (facts('start').pids as Record<string, number>)[node] ?? 0);
  expect(new Set([...stopped, ...started]).size).toBe(6);
  for (const pid of [...stopped, ...started]) expect(processState(pid)).toBeNull();
  for (const node of nodes) {
    const placed = facts('restore')[node] as Record<string, string>;
    expect(Object.values(placed).length).toBeGreaterThan(0);
    for (const sha256 of Object.values(placed)) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(facts('verify')[node]).toMatchObject(placed);
  }
  const [restore] = result.restores;
  const used = result.backups.find(({ step }) => step === 'backup-before-loss');
  expect(restore).toMatchObject({ scope: 'all', sixSteps: true, file: used?.file });
  expect(facts('check-archive').sha256).toBe(used?.sha256);
  const durable = durableIn(join(dir, used?.file ?? ''));
  expect(facts('registrations')).toMatchObject({
    expected: durable,
    listed: { n1: durable, n2: durable, n3: durable },
  });
}

/** Counted with nothing but tar: an archive is readable without us. */
function durableIn(archive: string): number {
  const names = execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }).split('\n');
  const file = names.find((name) => name.endsWith('snapshot.json')) ?? '';
  const snapshot: Snapshot = JSON.parse(execFileSync('tar', ['-xzOf', archive, file], { encoding: 'utf8' }));
  return snapshot.services.flatMap(({ instances }) => instances).filter(({ leased }) => !leased).length;
}
