/** The shipped drills of recovery that are written for any registry, on ZooKeeper: the same files, another target. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, repo } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import * as scene from './scene.js';

const LIMIT_MS = 300_000;
const LAB = 'zookeeper-3';
const why = missingLab(LAB);

/** What each must show on top of passing; the recovery that its own waiting makes the shortest possible. */
const DRILLS = [
  { name: 'service-deleted', leastMs: 1_900, lossless: true, restores: 1 },
  { name: 'increment-service-deleted', leastMs: 1_900, lossless: true, restores: 1 },
  { name: 'increment-registry-wiped', leastMs: 500, lossless: false, restores: 1 },
  { name: 'crashed-restart-and-restore', leastMs: 1_900, lossless: false, restores: 1 },
  { name: 'restore-while-writing', leastMs: 500, lossless: false, restores: 1 },
  { name: 'repair-decided', leastMs: 1_900, lossless: true, restores: 0 },
  { name: 'degraded-while-down', leastMs: 4_900, lossless: true, restores: 0 },
] as const;

describe.skipIf(why !== null)(`recovery on ZooKeeper${why === null ? '' : `: ${why}`}`, () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(27_600);
  });
  afterAll(() => home?.dispose());

  /** Only the line that names the target is another one. */
  function onZookeeper(name: string): string {
    const text = readFileSync(join(repo, 'drills', `${name}.drill.yaml`), 'utf8');
    const changed = text.replace(/registry: etcd, lab: \S+(?= })/, `registry: zookeeper, lab: ${LAB}`);
    expect(changed).not.toBe(text);
    const path = join(home.dir, `${name}.drill.yaml`);
    writeFileSync(path, changed);
    return path;
  }

  test.each(DRILLS)(
    '$name: passes, loses only what it must, and leaves nothing',
    async ({ name, leastMs, lossless, restores }) => {
      const { code, stderr, result, of } = await scene.runDrill(home, onZookeeper(name));
      expect(code, stderr).toBe(0);
      expect(result).toMatchObject({ valid: true, outcome: 'pass', endedEarly: null });
      expect(result.environment.target?.product).toBe('zookeeper');
      const rto = result.objectives.find(({ id }) => id === 'rto');
      expect((rto?.measuredMs ?? 0) + (rto?.errorMs ?? 0)).toBeGreaterThan(leastMs);
      expect(rto?.verdict).toBe('within');
      if (lossless) expect(result.loss?.records).toBe(0);
      else expect(result.loss?.records).toBeGreaterThan(0);
      expect(result.restores.map(({ substeps }) => substeps.every(({ outcome }) => outcome !== 'fail'))).toEqual(
        Array.from({ length: restores }, () => true),
      );
      expect(result.checks.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
      expect(of('run.error')).toEqual([]);
      scene.expectNothingLeft(home);
    },
    LIMIT_MS,
  );
});
