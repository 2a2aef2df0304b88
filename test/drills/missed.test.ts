/** Every shipped drill has a variant that must miss its objective: a verdict that cannot be bad says nothing. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, repo } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import { ETCD_ONLY } from './etcd-only.js';
import { IN_TRUTH } from './in-truth.js';
import { ON_DOCKER } from './on-docker.js';
import { ON_SMALL_DISKS } from './on-small-disks.js';
import * as scene from './scene.js';
import { WITH_TOXIPROXY } from './with-toxiproxy.js';
import { ZOOKEEPER_ONLY } from './zookeeper-only.js';

const LIMIT_MS = 150_000;
const DIR = 'test/drills-that-miss';

interface Miss {
  readonly missed: readonly string[];
  readonly issues: readonly string[];
}

const MISSES: Readonly<Record<string, Miss>> = {
  'etcd-leader-loss': { missed: ['rpo.records', 'rto'], issues: ['rpo-missed', 'rto-missed', 'data-lost'] },
  'etcd-leases-expired': { missed: ['rto'], issues: ['rto-missed'] },
  'etcd-node-data-lost': { missed: ['rto'], issues: ['rto-missed'] },
  'etcd-quota-exhausted': { missed: ['rto'], issues: ['rto-missed'] },
  'etcd-rolling-restart': { missed: ['rto'], issues: ['rto-missed'] },
  'follower-lost': { missed: ['rto'], issues: ['rto-missed'] },
  'leader-frozen': { missed: ['rto'], issues: ['rto-missed'] },
  'leader-killed': { missed: ['rto'], issues: ['rto-missed'] },
  'quorum-lost': { missed: ['rto'], issues: ['rto-missed'] },
  'registration-flood': { missed: ['rto'], issues: ['rto-missed'] },
  'service-deleted': { missed: ['rto'], issues: ['rto-missed'] },
};
const TABLETOP = 'datacenter-power-loss';
const fileOf = (name: string): string => `${DIR}/${name}.drill.yaml`;

describe('variants that must miss', () => {
  let home: CliHome;
  let nodes: readonly scene.LabNode[] = [];
  beforeAll(async () => {
    home = cliHome(30_200);
    nodes = await scene.labUp(home, 'antietcd-3');
  });
  afterAll(() => home?.dispose());

  test('there is one for every shipped drill', () => {
    const drillsIn = (dir: string) => readdirSync(join(repo, dir)).filter((name) => name.endsWith('.drill.yaml'));
    expect(drillsIn(DIR).toSorted()).toEqual(drillsIn('drills').toSorted());
    expect(drillsIn(DIR).toSorted()).toEqual(
      [
        TABLETOP,
        ...Object.keys(MISSES),
        ...WITH_TOXIPROXY,
        ...ZOOKEEPER_ONLY,
        ...ON_DOCKER,
        ...ON_SMALL_DISKS,
        ...IN_TRUTH,
      ]
        .map((name) => `${name}.drill.yaml`)
        .toSorted(),
    );
  });

  test.for(Object.entries(MISSES))('%s', { timeout: LIMIT_MS }, async ([name, { missed, issues }], { skip }) => {
    const without = ETCD_ONLY.includes(name) ? missingLab('etcd-3') : null;
    if (without !== null) skip(without);
    const { code, result, stderr } = await scene.runDrill(home, fileOf(name));
    expect(code, stderr).toBe(1);
    expect(result).toMatchObject({ valid: true, invalidBecause: [], outcome: 'fail' });
    const verdicts = result.objectives.filter(({ verdict }) => verdict !== 'within');
    expect(verdicts.map(({ id, verdict }) => `${id} ${verdict}`).toSorted()).toEqual(
      missed.map((id) => `${id} missed`),
    );
    expect(result.issues.map(({ rule }) => rule)).toEqual(expect.arrayContaining([...issues]));
    // It missed, and was put right all the same.
    expect(result.residue).toEqual({ checked: true, left: [] });
    expect(result.faults.length).toBeGreaterThan(0);
    for (const fault of result.faults) expect(fault).toMatchObject({ confirmed: true, reverted: true });
    const rto = result.score?.dimensions.find(({ id }) => id === 'recovery-time');
    expect(rto).toMatchObject({ earned: 10, possible: 30 });
    nodes = await scene.labUp(home, 'antietcd-3');
    scene.expectOnlyLabLeft(home, nodes);
  });

  test(
    TABLETOP,
    async () => {
      const { code, result } = await scene.runDrill(home, fileOf(TABLETOP), [
        '--answers',
        `${DIR}/answers/${TABLETOP}.answers.yaml`,
      ]);
      expect(code).toBe(1);
      expect(result.valid).toBe(true);
      // 20 minutes to the level, 30 to decide, 2 hours for the slowest of the three actions.
      expect(result.objectives).toMatchObject([
        { id: 'rto', measuredMs: 170 * 60_000, limitMs: 20 * 60_000, verdict: 'missed' },
      ]);
      const rules = result.issues.map(({ rule }) => rule);
      expect(rules).toContain('rto-missed');
      expect(rules.filter((rule) => rule === 'document-outdated')).toHaveLength(5);
      // Weak ratings from a file say nothing of people.
      expect(rules).not.toContain('situation-weak');
      expect(result.score?.percent).toBeNull();
    },
    LIMIT_MS,
  );
});
