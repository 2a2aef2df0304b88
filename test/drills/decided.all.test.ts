/** The shipped drills that decide and degrade, on antietcd and on real etcd. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome } from '../support/cli.js';
import { type LabName, missingLab } from '../support/cluster.js';
import * as scene from './scene.js';

const LIMIT_MS = 150_000;

describe.each<[LabName, number]>([
  ['antietcd-3', 25_200],
  ['etcd-3', 25_300],
])('on %s', (lab, basePort) => {
  const missing = missingLab(lab);
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(basePort);
  });
  afterAll(() => home?.dispose());
  const run = (name: string) => scene.runDrill(home, scene.drillFor(home, lab, `drills/${name}.drill.yaml`));

  test.skipIf(missing !== null)(
    'repair-decided: the tree goes by the practised restart, and only its branch is taken',
    async () => {
      const { code, stderr, result, of } = await run('repair-decided');
      expect(code, stderr).toBe(0);
      expect(result).toMatchObject({ valid: true, outcome: 'pass' });
      const practised = of('recover.action').find(({ step }) => step === 'practise');
      expect(result.decisionTrees).toMatchObject([
        { step: 'what-to-do', outcome: 'repair-in-place', overridden: false, answeredBy: null, costs: null },
      ]);
      expect(result.decisionTrees[0]?.answers).toMatchObject([{ fact: 'repairable-in-place', answer: 'yes' }]);
      expect(result.decisionTrees[0]?.answers[0]?.evidence).toContain(practised?.seq);
      const ended = new Map(result.steps.map(({ id, outcome }) => [id, outcome]));
      expect([ended.get('restart-both'), ended.get('escalate')]).toEqual(['pass', 'skipped']);
      expect(result.issues.filter(({ step }) => step === 'escalate')).toEqual([]);
      scene.expectNothingLeft(home);
    },
    LIMIT_MS,
  );

  test.skipIf(missing !== null)(
    'degraded-while-down: applications are served all the time, and the registry is as slow as it is',
    async () => {
      const { code, stderr, result } = await run('degraded-while-down');
      expect(code, stderr).toBe(0);
      expect(result).toMatchObject({ valid: true, outcome: 'pass' });
      const [fixed, cache] = result.degradations;
      for (const stay of [fixed, cache]) {
        const got = stay?.applications.find(({ operation }) => operation === 'discover');
        expect(got?.attempts).toBeGreaterThan(5);
        expect(got?.ok).toBe(got?.attempts);
        expect(stay).toMatchObject({ inTime: true, reachFrom: 'fault' });
      }
      // A leader that was left alone may answer one or two until it notices.
      const own = fixed?.registry.find(({ operation }) => operation === 'discover');
      expect(own?.attempts).toBeGreaterThan(40);
      expect(own?.ok).toBeLessThan(5);
      // The drill leaves the nodes dead for 5 s.
      const rto = result.objectives.find(({ id }) => id === 'rto');
      expect(rto?.measuredMs).toBeGreaterThan(4_000);
      expect(result.ledger).toMatchObject({ lost: 0, stale: 0 });
      scene.expectNothingLeft(home);
    },
    LIMIT_MS,
  );
});
