/** Real etcd and real ZooKeeper under load: what Firedrill says is lost is what their own clients do not find. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { LabNode } from '../drills/scene.js';
import { type CliHome, cliHome } from '../support/cli.js';
import { type LabName, missingLab } from '../support/cluster.js';
import { AUDIT_STEP, audited, expectSameLedger } from './audited.js';
import { etcdCopy, zookeeperCopy } from './own-copy.js';
import type { Holding } from './second-opinion.js';

const LIMIT_MS = 150_000;

interface Kind {
  readonly registry: 'etcd' | 'zookeeper';
  readonly lab: LabName;
  readonly basePort: number;
  readonly copyOf: (url: string) => Promise<Holding>;
}

const KINDS: readonly Kind[] = [
  { registry: 'etcd', lab: 'etcd-3', basePort: 26_500, copyOf: etcdCopy },
  { registry: 'zookeeper', lab: 'zookeeper-3-default-timers', basePort: 26_600, copyOf: zookeeperCopy },
];

/**
 * A long lease: while nobody renews, what hangs on it stays to be read. (With short timers ZooKeeper grants none so long.)
 */
const drillOf = ({ registry, lab }: Kind, execute: readonly string[]): string => `
apiVersion: firedrill/v1
id: audited
title: audited
kind: fault-injection
level: P1
environment: { name: lab, production: false }
why: { hypothesis: the ledger is true, risk: R-01 }
objectives: { rto: 60s, rpo: { time: 5m, records: 10000 }, operation: register, stableFor: 2s }
target: { registry: ${registry}, lab: ${lab}, driver: process }
traffic: { services: 4, instances: 8, writes: 60/s, reads: 20/s, lease: 30s, settle: 2s }
steadyState: [{ probe: registry.writable, within: 10s }]
safety: { maxDuration: 5m, maxTargets: 1 }
phases:
  execute:
    - { id: kill-leader, inject: node.kill, on: { role: leader } }
    - { check: registry.writable, within: 15s }
    - { wait: 4s }
    - { id: restart, recover: node.start, on: { step: kill-leader } }
    - { check: registry.healthy, within: 20s }
${execute.map((step) => `    ${step}`).join('\n')}
  verify:
    ${AUDIT_STEP}
`;

/** Entries that came before a fault are left alone: those that are to be overwritten come after the restart. */
const LOSE_ALL = [
  '- { id: write-before, wait: 3s }',
  '- { backup: full }',
  '- { id: write-on, wait: 1500ms }',
  '- { id: lose-data, inject: registry.wipe }',
  '- { restore: latest }',
  '- { check: registry.healthy, within: 20s }',
];

describe.each(KINDS)('the ledger of a drill on $registry', (kind) => {
  const why = missingLab(kind.lab);
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(kind.basePort);
  });
  afterEach(() => rmSync(join(home.dir, 'audited'), { force: true }));
  afterAll(() => home?.dispose());

  const up = async (): Promise<readonly LabNode[]> => {
    const { code, stdout, stderr } = await home.run('lab', 'up', kind.lab, '--driver', 'process', '--json');
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout).nodes;
  };
  const auditedRun = async (execute: readonly string[]) =>
    audited(home, drillOf(kind, execute), { nodes: await up(), copyOf: kind.copyOf });

  test.skipIf(why !== null)(
    `the leader dies under load: nothing is lost, and nothing else is claimed${why === null ? '' : `: ${why}`}`,
    async () => {
      const seen = await auditedRun([]);
      expect(seen.run.result, seen.run.stderr).toMatchObject({ valid: true, endedEarly: null });
      expect(seen.opinion).toMatchObject({ lost: [], outdated: [], resurrected: [] });
      expect(seen.opinion.acknowledged).toBeGreaterThan(500);
      expect(new Set(seen.opinion.nodes.map(({ present }) => present)).size).toBe(1);
      expectSameLedger(seen);
    },
    LIMIT_MS,
  );

  test.skipIf(why !== null)(
    'then everything is deleted and comes back from an older backup: what is gone for good is counted, by name',
    async () => {
      const seen = await auditedRun(LOSE_ALL);
      expect(seen.run.result, seen.run.stderr).toMatchObject({ valid: true, endedEarly: null });
      expect(seen.opinion.lost.length).toBeGreaterThan(20);
      expect(seen.opinion.outdated.length).toBeGreaterThan(3);
      expect(seen.opinion.resurrected.length).toBeGreaterThan(0);
      expectSameLedger(seen);
    },
    LIMIT_MS,
  );
});
