/** The shipped drills that need real etcd: its own faults, and faults whose recovery is etcd's own. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import { post } from '../truth/plain-node.js';
import { expectArchives, expectPassed } from './passes.js';
import * as scene from './scene.js';

const LAB = 'etcd-3';
const LIMIT_MS = 150_000;
const why = missingLab(LAB);

describe.skipIf(why !== null)(`shipped drills on real etcd only${why === null ? '' : `: ${why}`}`, () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(27_200);
  });
  afterAll(() => home?.dispose());

  const up = () => scene.labUp(home, LAB);
  const run = (name: string) => scene.runDrill(home, `drills/${name}.drill.yaml`);
  const pids = (nodes: readonly scene.LabNode[]) => nodes.map(({ pid }) => pid);

  test(
    'etcd-rolling-restart: every node is another process, never two down at a time, nothing lost',
    async () => {
      const before = await up();
      const content = await scene.contentOf(LAB, before);
      const ended = await run('etcd-rolling-restart');
      const targets = ['n1', 'n2', 'n3'];
      expectPassed(ended, {
        faults: [{ step: 'restart-all', name: 'node.rolling-restart', targets }],
        recoveryMs: [-1, 5_000],
      });
      const after = await up();
      for (const pid of pids(after)) expect(pids(before)).not.toContain(pid);
      expect(await scene.contentOf(LAB, after)).toEqual(content);
      expectArchives(ended, 1);
      scene.expectOnlyLabLeft(home, after);
    },
    LIMIT_MS,
  );

  test(
    'etcd-mass-deregistration: every renewal succeeds while nobody is listed, until the owners register again',
    async () => {
      const before = await up();
      const content = await scene.contentOf(LAB, before);
      const ended = await run('etcd-mass-deregistration');
      expectPassed(ended, {
        faults: [{ step: 'deregister-all', name: 'data.instances-deregister', targets: [] }],
        // The drill lets 8 s pass before the owners are told.
        recoveryMs: [7_900, 20_000],
      });
      const gone = ended.of('fault.confirmed').find(({ bitten }) => bitten === true)?.observedMs ?? 0;
      const told = ended.of('step.started').find(({ step }) => step === 'owners-register-again')?.ms ?? 0;
      const meanwhile = ended.of('attempt').filter(({ issuedMs, endedMs }) => issuedMs > gone && endedMs < told);
      const of = (op: string) => meanwhile.filter((attempt) => attempt.op === op);
      expect(of('renew').length).toBeGreaterThan(60);
      expect(of('renew').every(({ outcome }) => outcome === 'ok')).toBe(true);
      expect(of('discover').length).toBeGreaterThan(60);
      expect(of('discover').every(({ outcome, missing }) => outcome === 'failed' && missing === 6)).toBe(true);
      const [action] = ended.of('recover.action');
      expect(action).toMatchObject({ outcome: 'pass', facts: { leased: { owned: 30, back: 30 }, missing: 30 } });
      // Each was lost while its lease had to hold, and came back by its owner.
      expect(ended.result.ledger).toMatchObject({ healed: 30 });
      const after = await up();
      expect(await scene.contentOf(LAB, after)).toEqual(content);
      scene.expectOnlyLabLeft(home, after);
    },
    LIMIT_MS,
  );

  test(
    'etcd-quota-exhausted: no new registration while discovery goes on, and the alarm is off afterwards',
    async () => {
      const before = await up();
      const content = await scene.contentOf(LAB, before);
      const ended = await run('etcd-quota-exhausted');
      expectPassed(ended, {
        faults: [{ step: 'fill', name: 'etcd.quota-exhausted', targets: [] }],
        // The drill lets 3 s pass before somebody notices.
        recoveryMs: [2_900, 20_000],
      });
      const full = ended.of('fault.confirmed').find(({ bitten }) => bitten === true)?.observedMs ?? 0;
      const roomAgain = ended.of('step.started').find(({ step }) => step === 'make-room')?.ms ?? 0;
      const meanwhile = ended.of('attempt').filter(({ issuedMs, endedMs }) => issuedMs > full && endedMs < roomAgain);
      const of = (op: string) => meanwhile.filter((attempt) => attempt.op === op);
      expect(of('register').length).toBeGreaterThan(20);
      expect(of('register').filter(({ outcome }) => outcome === 'ok')).toEqual([]);
      expect(of('discover').filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
      expect(of('renew').filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
      const after = await up();
      expect(pids(after)).toEqual(pids(before));
      expect(await scene.contentOf(LAB, after)).toEqual(content);
      const endpoints = after.map(({ url }) => url).join(',');
      const alarms = execFileSync('etcdctl', ['--endpoints', endpoints, 'alarm', 'list'], {
        env: { ...process.env, ETCDCTL_API: '3' },
        encoding: 'utf8',
      });
      expect(alarms.trim()).toBe('');
      scene.expectOnlyLabLeft(home, after);
    },
    LIMIT_MS,
  );

  test(
    'etcd-leases-expired: all instances are gone together, and their owners bring each of them back',
    async () => {
      const before = await up();
      const content = await scene.contentOf(LAB, before);
      const ended = await run('etcd-leases-expired');
      expectPassed(ended, {
        faults: [{ step: 'expire-leases', name: 'leases.expire', targets: [] }],
        // Owners renew every 2 s.
        recoveryMs: [500, 8_000],
      });
      // Some owners notice before the effect is confirmed.
      const [requested] = ended.of('fault.requested');
      const expired = requested?.ms ?? Number.POSITIVE_INFINITY;
      const again = ended
        .of('attempt')
        .filter(({ op, again, issuedMs }) => op === 'register' && again && issuedMs > expired);
      expect(new Set(again.filter(({ outcome }) => outcome === 'ok').map(({ entry }) => entry)).size).toBe(10);
      const after = await up();
      expect(await scene.contentOf(LAB, after)).toEqual(content);
      scene.expectOnlyLabLeft(home, after);
    },
    LIMIT_MS,
  );

  test(
    'etcd-node-data-lost: the member is replaced by a new one that holds the same',
    async () => {
      const before = await up();
      const content = await scene.contentOf(LAB, before);
      const members = await memberIds(before);
      const ended = await run('etcd-node-data-lost');
      const targets = ended.result.faults[0]?.targets ?? [];
      expect(targets).toHaveLength(1);
      expectPassed(ended, {
        faults: [{ step: 'lose-disk', name: 'data.node-wipe', targets }],
        recoveryMs: [-1, 5_000],
      });
      const after = await up();
      const replaced = await memberIds(after);
      const changed = Object.keys(members).filter((name) => members[name] !== replaced[name]);
      expect(changed).toEqual(targets);
      expect(Object.keys(replaced).toSorted()).toEqual(['n1', 'n2', 'n3']);
      expect(await scene.contentOf(LAB, after)).toEqual(content);
      scene.expectOnlyLabLeft(home, after);
    },
    LIMIT_MS,
  );

  test(
    'registration-flood: some 2000 registrations more, all of them taken out again',
    async () => {
      const before = await up();
      const content = await scene.contentOf(LAB, before);
      const ended = await run('registration-flood');
      expectPassed(ended, {
        faults: [{ step: 'flood', name: 'registry.flood', targets: [] }],
        recoveryMs: [-1, 9_000],
      });
      const undone = ended.of('undo.reverted').find(({ undoer }) => undoer === 'registry.flood');
      const removed = Number(/^removed (\d+) registrations/.exec(undone?.detail.en ?? '')?.[1]);
      // What the registry did not answer in time it may not have taken.
      expect(removed).toBeGreaterThan(1_000);
      expect(removed).toBeLessThanOrEqual(2_000);
      const after = await up();
      expect(await scene.contentOf(LAB, after)).toEqual(content);
      scene.expectOnlyLabLeft(home, after);
    },
    LIMIT_MS,
  );
});

/** Name → member id, as the first node's list of members has it. */
async function memberIds(nodes: readonly scene.LabNode[]): Promise<Readonly<Record<string, string>>> {
  const { members }: { members: { name: string; ID: string }[] } = await post(
    `${nodes[0]?.url}/v3/cluster/member/list`,
    {},
  );
  return Object.fromEntries(members.map(({ name, ID }) => [name, ID]));
}
