/** A restore while clients keep writing: what Firedrill says is lost is, by name, what other people's clients do not find. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as scene from '../drills/scene.js';
import { type CliHome, cliHome, said } from '../support/cli.js';
import { type LabName, missingLab } from '../support/cluster.js';
import { AUDIT_STEP, type Audited, audited, expectSameLedger } from './audited.js';
import { type OwnWrite, startOwnClient } from './own-client.js';
import { antietcdCopy, etcdCopy } from './own-copy.js';
import { post } from './plain-node.js';
import { encode } from './read-lies.js';
import type { Holding } from './second-opinion.js';

const LIMIT_MS = 150_000;

interface Kind {
  readonly lab: LabName;
  readonly basePort: number;
  readonly copyOf: (url: string) => Promise<Holding>;
}

const KINDS: readonly Kind[] = [
  { lab: 'etcd-3', basePort: 21_050, copyOf: etcdCopy },
  { lab: 'antietcd-3', basePort: 21_100, copyOf: antietcdCopy },
];

interface Scene {
  readonly maxEntries: number;
  readonly execute: readonly string[];
}

/** A long lease: while nobody renews, what hangs on it stays to be read. */
const drillOf = ({ lab }: Kind, { maxEntries, execute }: Scene): string => `
apiVersion: firedrill/v1
id: audited
title: audited
kind: fault-injection
level: P1
environment: { name: lab, production: false }
why: { hypothesis: the ledger is true, risk: R-01 }
objectives: { rto: 60s, rpo: { time: 5m, records: 10000 }, operation: register, stableFor: 2s }
target: { registry: etcd, lab: ${lab}, driver: process }
traffic: { services: 4, instances: 8, writes: 60/s, reads: 20/s, lease: 30s, settle: 2s, maxEntries: ${maxEntries} }
steadyState: [{ probe: registry.writable, within: 10s }]
safety: { maxDuration: 5m, maxTargets: 1 }
phases:
  execute:
    - { id: write-before, wait: 6s }
${execute.map((step) => `    ${step}`).join('\n')}
    - { check: registry.healthy, within: 20s }
    - { id: watch-recovery, wait: 4s }
  verify:
    ${AUDIT_STEP}
`;

const WIPED = ['- { id: write-on, wait: 1500ms }', '- { id: lose-data, inject: registry.wipe }'];
const GO_ON = '- { id: restore, restore: latest, traffic: go-on }';
const FULL = ['- { backup: full }', ...WIPED, GO_ON];
const CHAIN = [
  '- { backup: full }',
  '- { wait: 1500ms }',
  '- { backup: incremental }',
  '- { wait: 1500ms }',
  '- { backup: incremental }',
  ...WIPED,
  GO_ON,
];

describe.each(KINDS)('a restore on $lab while clients keep writing', (kind) => {
  const why = missingLab(kind.lab);
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(kind.basePort);
  });
  afterEach(() => rmSync(join(home.dir, 'audited'), { force: true }));
  afterAll(() => home?.dispose());

  const auditedRun = async (from: Scene): Promise<Audited> =>
    audited(home, drillOf(kind, from), { nodes: await scene.labUp(home, kind.lab), copyOf: kind.copyOf });

  test.skipIf(why !== null).each([
    ['from a full backup', { maxEntries: 10_000, execute: FULL }],
    ['from a full backup, where every write overwrites', { maxEntries: 60, execute: FULL }],
    ['from full and increments', { maxEntries: 10_000, execute: CHAIN }],
    ['from full and increments, where every write overwrites', { maxEntries: 60, execute: CHAIN }],
  ] as const)(
    '%s: every acknowledged write is there, or counted as lost by name',
    async (_, from) => {
      const seen = await auditedRun(from);
      const { result, of } = seen.run;
      expect(result, seen.run.stderr).toMatchObject({ valid: true, endedEarly: null });
      expect(result.steps.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
      expect(of('traffic.writers').map(({ state }) => state)).toEqual(['stopped']);
      expect(seen.opinion.lost.length + seen.opinion.outdated.length).toBeGreaterThan(5);
      expectSameLedger(seen);
    },
    LIMIT_MS,
  );

  /** Keys that the increment changed: those that a restore puts one by one while somebody else writes them. */
  test.skipIf(why !== null)(
    'outside of a drill: what another client was acknowledged since the nodes run again is never overwritten',
    async () => {
      const nodes = await scene.labUp(home, kind.lab);
      const target = ['--target', `lab:${kind.lab}`] as const;
      const dir = join(home.dir, 'own-backups');
      const keys = Array.from({ length: 800 }, (_, n) => `/services/own/k${n}`);
      const fill = async (value: string): Promise<void> => {
        const [{ url } = { url: '' }] = nodes;
        for (const key of keys) await post(`${url}/v3/kv/put`, { key: encode(key), value: encode(value) });
      };
      await fill('in the full one');
      expect((await home.run('backup', 'full', ...target, '--to', dir)).code).toBe(0);
      await fill('in the increment');
      expect((await home.run('backup', 'incremental', ...target, '--to', dir)).code).toBe(0);
      const client = startOwnClient(
        nodes.map(({ url }) => url),
        keys,
      );
      const started = home.start(['restore', dir, ...target, '--into-non-empty', '--into-other-cluster']);
      await said(started, /✓ verify /);
      const sinceMs = performance.now();
      const ended = await started.ended;
      const writes = await client.stop();
      expect(ended.code, ended.stderr).toBe(0);
      expect(ended.stderr).toMatch(/that clients wrote meanwhile are left as they are|by now clients have written/);
      const held = await scene.contentOf(kind.lab, await scene.labUp(home, kind.lab));
      const wrong = keys.filter((key) => !mayHold(writesSince(writes, key, sinceMs)).includes(held[key] ?? ''));
      expect(wrong).toEqual([]);
      expect(writes.filter(({ issuedMs, acknowledged }) => acknowledged && issuedMs > sinceMs).length).toBeGreaterThan(
        50,
      );
    },
    LIMIT_MS,
  );
});

const writesSince = (writes: readonly OwnWrite[], key: string, sinceMs: number): readonly OwnWrite[] =>
  writes.filter((write) => write.key === key && write.issuedMs > sinceMs);

/** The newest acknowledged, or one without an answer that came after it; without any, what was restored. */
function mayHold(since: readonly OwnWrite[]): readonly string[] {
  const newest = since.findLastIndex(({ acknowledged }) => acknowledged);
  const first = newest === -1 ? ['in the increment'] : [];
  return [...first, ...since.slice(Math.max(0, newest)).map(({ value }) => value)];
}
