/** Twenty runs in which nothing is broken: one alarm in them would be false. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as scene from '../drills/scene.js';
import { type CliHome, cliHome } from '../support/cli.js';
import { type LabName, missingLab } from '../support/cluster.js';

const RUNS = 10;
const LIMIT_MS = 120_000;

const KINDS: readonly { readonly registry: string; readonly lab: LabName; readonly basePort: number }[] = [
  { registry: 'etcd', lab: 'etcd-3', basePort: 26_900 },
  { registry: 'zookeeper', lab: 'zookeeper-3', basePort: 26_930 },
];

/** A long limit: on a busy machine an honest answer may take its time. */
const quietDrill = (registry: string, lab: string): string => `
apiVersion: firedrill/v1
id: quiet
title: quiet
kind: partial
level: P3
environment: { name: lab, production: false }
why: { hypothesis: nothing happens, risk: R-00 }
objectives: { rpo: { time: 0s, records: 0 } }
target: { registry: ${registry}, lab: ${lab}, driver: process }
traffic: { services: 5, instances: 10, writes: 40/s, reads: 40/s, lease: 15s, requestLimit: 5s, settle: 1s }
steadyState: [{ probe: registry.writable, within: 10s }, { probe: registry.healthy, within: 10s }]
safety: { maxDuration: 2m }
phases:
  prepare: [{ backup: full }]
  execute: [{ wait: 2s }]
  verify:
    - { check: discovery.complete, within: 5s }
    - { check: integrity.count }
    - { check: integrity.hash }
    - { check: integrity.functional }
`;

describe.each(KINDS)('quiet runs on $registry', ({ registry, lab, basePort }) => {
  const why = missingLab(lab);
  let home: CliHome;
  beforeAll(async () => {
    home = cliHome(basePort);
    if (why !== null) return;
    writeFileSync(join(home.dir, 'quiet.drill.yaml'), quietDrill(registry, lab));
    expect((await home.run('lab', 'up', lab, '--driver', 'process')).code).toBe(0);
  });
  afterAll(() => home?.dispose());

  test.skipIf(why !== null).each(Array.from({ length: RUNS }, (_, n) => n + 1))(
    'run %i',
    async () => {
      const { result, of, stderr } = await scene.runDrill(home, join(home.dir, 'quiet.drill.yaml'));
      expect(result, stderr).toMatchObject({ valid: true, invalidBecause: [], endedEarly: null });
      expect(result.loss).toMatchObject({ records: 0, lostUpdates: 0, timeMs: 0 });
      expect(result.ledger).toMatchObject({ lost: 0, stale: 0, ghost: 0, resurrected: 0, divergent: 0, unknown: 0 });
      expect(of('attempt').filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
      expect(result.objectives.filter(({ verdict }) => verdict !== 'within')).toEqual([]);
      expect(result.checks.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
      // What no program can hold is all that is found.
      expect([...new Set(result.issues.map(({ rule }) => rule))]).toEqual(['phase-incomplete']);
    },
    LIMIT_MS,
  );
});
