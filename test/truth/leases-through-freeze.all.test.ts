/** A leader frozen for longer than leases last: the instances registered again are those of etcd's own history. */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expectMissed } from '../drills/misses.js';
import { expectPassed } from '../drills/passes.js';
import * as scene from '../drills/scene.js';
import { type CliHome, cliHome, repo } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import { AUDIT_STEP, audited, expectSameLedger } from './audited.js';
import { etcdCopy } from './own-copy.js';

const NAME = 'etcd-leases-through-freeze';
const LAB = 'etcd-3';
const LIMIT_MS = 150_000;
const why = missingLab(LAB);

describe.skipIf(why !== null)(`leases while the leader is frozen${why === null ? '' : `: ${why}`}`, () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(26_860);
  });
  afterAll(() => home?.dispose());

  afterEach(() => home?.run('lab', 'down', LAB));

  test(
    'the ledger counts those whose lease ended, and no other',
    async () => {
      const up = await home.run('lab', 'up', LAB, '--driver', 'process', '--json');
      expect(up.code, up.stderr).toBe(0);
      const { nodes }: { readonly nodes: readonly scene.LabNode[] } = JSON.parse(up.stdout);
      const text = readFileSync(join(repo, `drills/${NAME}.drill.yaml`), 'utf8');
      const drill = text.replace('  verify:\n', `  verify:\n    ${AUDIT_STEP}\n`);
      const histories: ReadonlyMap<string, number>[] = [];
      const seen = await audited(home, drill, {
        nodes,
        copyOf: async (url) => {
          histories.push(await registrations(url));
          return etcdCopy(url);
        },
      });
      expectPassed(seen.run, {
        faults: [{ step: 'freeze-leader', name: 'node.freeze', targets: seen.run.result.faults[0]?.targets ?? [] }],
        recoveryMs: [300, 14_000],
      });
      expectSameLedger(seen);
      // An etcd without the fix of etcd-io/etcd#15247 may end some: no instance may go missing, and none uncounted.
      const again = histories.map((history) => [...history.values()].filter((puts) => puts > 1).length);
      expect(histories.map((history) => history.size)).toEqual(nodes.map(() => 20));
      expect(again).toEqual(nodes.map(() => seen.run.result.ledger?.reregistered));
    },
    LIMIT_MS,
  );

  test(
    'the variant that must miss does',
    async () => {
      await expectMissed(home, NAME);
      scene.expectNothingLeft(home);
    },
    LIMIT_MS,
  );
});

const INSTANCE = /^\/services\/firedrill-canary-.*\/i\d{5}$/;
const END = '/auditor/end';
const etcd = (url: string): readonly string[] => [`--endpoints=${url}`];
const env = { ...process.env, ETCDCTL_API: '3' };

/** How often each instance was put since the cluster began, by etcd's history; END tells that it was read to now. */
async function registrations(url: string): Promise<ReadonlyMap<string, number>> {
  execFileSync('etcdctl', ['put', END, 'x', ...etcd(url)], { env });
  const watch = spawn('etcdctl', ['watch', '/', '--prefix', '--rev=1', ...etcd(url)], { env });
  const puts = new Map<string, number>();
  try {
    let isPut = false;
    for await (const line of createInterface({ input: watch.stdout })) {
      if (isPut && line === END) return puts;
      if (isPut && INSTANCE.test(line)) puts.set(line, (puts.get(line) ?? 0) + 1);
      isPut = line === 'PUT';
    }
    throw new Error(`the history of ${url} ended before ${END}`);
  } finally {
    watch.kill('SIGKILL');
  }
}
