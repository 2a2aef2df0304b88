/** Every shipped drill has a variant that must miss its objective: a verdict that cannot be bad says nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import { ETCD_ONLY } from './etcd-only.js';
import * as scene from './scene.js';
import { WITH_INCREMENTS } from './with-increments.js';

export const LIMIT_MS = 150_000;
export const DIR = 'test/drills-that-miss';

interface Miss {
  readonly missed: readonly string[];
  readonly issues: readonly string[];
}

export const MISSES: Readonly<Record<string, Miss>> = {
  'crashed-restart-and-restore': {
    missed: ['rpo.records', 'rto'],
    issues: ['rpo-missed', 'rto-missed', 'data-lost'],
  },
  'degraded-while-down': { missed: ['rto'], issues: ['rto-missed'] },
  'backup-job-stopped': { missed: ['rto'], issues: ['rto-missed'] },
  'etcd-leader-loss': { missed: ['rpo.records', 'rto'], issues: ['rpo-missed', 'rto-missed', 'data-lost'] },
  'etcd-leases-expired': { missed: ['rto'], issues: ['rto-missed'] },
  'etcd-mass-deregistration': { missed: ['rto'], issues: ['rto-missed'] },
  'etcd-node-data-lost': { missed: ['rto'], issues: ['rto-missed'] },
  'etcd-quota-exhausted': { missed: ['rto'], issues: ['rto-missed'] },
  'etcd-rolling-restart': { missed: ['rto'], issues: ['rto-missed'] },
  'etcd-site-lost': { missed: ['rto'], issues: ['rto-missed'] },
  'follower-lost': { missed: ['rto'], issues: ['rto-missed'] },
  'increment-registry-wiped': { missed: ['rto'], issues: ['rto-missed', 'data-lost'] },
  'increment-service-deleted': { missed: ['rto'], issues: ['rto-missed'] },
  'key-missing': { missed: ['rto'], issues: ['rto-missed', 'backup-key'] },
  'latest-backup-damaged': {
    missed: ['rpo.records', 'rto'],
    issues: ['rpo-missed', 'rto-missed', 'backup-damaged'],
  },
  'leader-frozen': { missed: ['rto'], issues: ['rto-missed'] },
  'leader-killed': { missed: ['rto'], issues: ['rto-missed'] },
  'no-backup-left': { missed: ['rto'], issues: ['rto-missed'] },
  'other-site-copy': { missed: ['rto'], issues: ['rto-missed', 'backup-damaged'] },
  'quorum-lost': { missed: ['rto'], issues: ['rto-missed'] },
  'registration-flood': { missed: ['rto'], issues: ['rto-missed'] },
  'repair-decided': { missed: ['rto'], issues: ['rto-missed'] },
  'restore-while-writing': {
    missed: ['rpo.records', 'rto'],
    issues: ['rpo-missed', 'rto-missed', 'data-lost'],
  },
  'service-deleted': { missed: ['rto'], issues: ['rto-missed'] },
};
/** One of each kind of drill but the tabletop; the two objectives that can be missed are among them. */
export const OF_EACH_KIND: readonly string[] = ['etcd-leader-loss', 'leader-killed', 'service-deleted'];
export const TABLETOP = 'datacenter-power-loss';
export const fileOf = (name: string): string => `${DIR}/${name}.drill.yaml`;

/** Runs the variant: it must miss these objectives and no other, and be put right all the same. */
export async function expectMissed(
  home: CliHome,
  name: string,
  missed: readonly string[] = ['rto'],
): Promise<scene.DrillRun> {
  const run = await scene.runDrill(home, fileOf(name));
  const { code, result, stderr } = run;
  expect(code, stderr).toBe(1);
  expect(result).toMatchObject({ valid: true, invalidBecause: [], outcome: 'fail' });
  const verdicts = result.objectives.filter(({ verdict }) => verdict !== 'within');
  expect(verdicts.map(({ id, verdict }) => `${id} ${verdict}`).toSorted()).toEqual(missed.map((id) => `${id} missed`));
  expect(result.issues.map(({ rule }) => rule)).toContain('rto-missed');
  expect(result.residue).toEqual({ checked: true, left: [] });
  expect(result.faults.length).toBeGreaterThan(0);
  for (const fault of result.faults) expect(fault).toMatchObject({ confirmed: true, reverted: true });
  return run;
}

/** Runs these on the practice cluster; each must miss what it is meant to miss, and nothing else. */
export function describeMisses(names: readonly string[], basePort: number): void {
  describe('variants that must miss', () => {
    let home: CliHome;
    let nodes: readonly scene.LabNode[] = [];
    beforeAll(async () => {
      home = cliHome(basePort);
      nodes = await scene.labUp(home, 'antietcd-3');
    });
    afterAll(() => home?.dispose());

    test.for(Object.entries(MISSES).filter(([name]) => names.includes(name)))(
      '%s',
      { timeout: LIMIT_MS },
      async ([name, { missed, issues }], { skip }) => {
        const without = [...ETCD_ONLY, ...WITH_INCREMENTS].includes(name) ? missingLab('etcd-3') : null;
        if (without !== null) skip(without);
        const { result } = await expectMissed(home, name, missed);
        expect(result.issues.map(({ rule }) => rule)).toEqual(expect.arrayContaining([...issues]));
        const rto = result.score?.dimensions.find(({ id }) => id === 'recovery-time');
        expect(rto).toMatchObject({ earned: 10, possible: 30 });
        nodes = await scene.labUp(home, 'antietcd-3');
        scene.expectOnlyLabLeft(home, nodes);
      },
    );
  });
}
