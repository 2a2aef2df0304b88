/** The variants that must miss, one of each kind of drill; the others in missed.all.test.ts. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, repo } from '../support/cli.js';
import { IN_TRUTH } from './in-truth.js';
import { DIR, describeMisses, fileOf, LIMIT_MS, MISSES, OF_EACH_KIND, TABLETOP } from './misses.js';
import { ON_DOCKER } from './on-docker.js';
import { ON_SMALL_DISKS } from './on-small-disks.js';
import * as scene from './scene.js';
import { WITH_TOXIPROXY, ZOOKEEPER_WITH_TOXIPROXY } from './with-toxiproxy.js';
import { ZOOKEEPER_ON_DOCKER, ZOOKEEPER_ONLY } from './zookeeper-only.js';

describeMisses(OF_EACH_KIND, 30_200);

test('there is one for every shipped drill', () => {
  const drillsIn = (dir: string) => readdirSync(join(repo, dir)).filter((name) => name.endsWith('.drill.yaml'));
  expect(drillsIn(DIR).toSorted()).toEqual(drillsIn('drills').toSorted());
  expect(drillsIn(DIR).toSorted()).toEqual(
    [
      TABLETOP,
      ...Object.keys(MISSES),
      ...WITH_TOXIPROXY,
      ...ZOOKEEPER_WITH_TOXIPROXY,
      ...ZOOKEEPER_ONLY,
      ...ZOOKEEPER_ON_DOCKER,
      ...ON_DOCKER,
      ...ON_SMALL_DISKS,
      ...IN_TRUTH,
    ]
      .map((name) => `${name}.drill.yaml`)
      .toSorted(),
  );
});

describe('the variant of the tabletop', () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(30_230);
  });
  afterAll(() => home?.dispose());

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
