/** The drill that cuts ZooKeeper's containers off from each other, and its variant that must miss. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, said } from '../support/cli.js';
import { hostRules } from '../support/host-rules.js';
import { plainWrite } from '../support/plain-zookeeper.js';
import { expectMissed } from './misses.js';
import { expectPassed } from './passes.js';
import * as scene from './scene.js';

const LAB = 'zookeeper-3-default-timers';
const LIMIT_MS = 180_000;
const BASE_PORT = 23_400;
const missing = process.env.FIREDRILL_MISSING_DOCKER ?? process.env.FIREDRILL_MISSING_IMAGE_ZOOKEEPER ?? null;
const docker = (...args: readonly string[]): string => execFileSync('docker', args, { encoding: 'utf8' }).trim();
const held = (): readonly string[] => [
  docker('ps', '-a', '--filter', `name=-${BASE_PORT}`, '--format', '{{.Names}}'),
  docker('ps', '-a', '--filter', 'label=firedrill.helper', '--format', '{{.Names}}'),
  docker('network', 'ls', '--filter', `name=-${BASE_PORT}`, '--format', '{{.Name}}'),
  // Other labs may come and go meanwhile.
  ...hostRules()
    .split('\n')
    .filter((rule) => /firedrill|172\.27\./.test(rule)),
];

describe.skipIf(missing !== null)(`drills on ZooKeeper in containers ${missing ?? ''}`, () => {
  let home: CliHome;
  let before: readonly string[] = [];
  beforeAll(() => {
    before = held();
    process.env.FIREDRILL_IMAGE_ZOOKEEPER ??= process.env.FIREDRILL_TEST_IMAGE_ZOOKEEPER;
    home = cliHome(BASE_PORT);
  });
  afterAll(() => {
    delete process.env.FIREDRILL_IMAGE_ZOOKEEPER;
    home?.dispose();
  });

  test(
    'zookeeper-leader-partitioned: the others wait for syncLimit × tickTime; the old leader acknowledges nothing meanwhile',
    async () => {
      const { stdout } = await home.run('lab', 'up', LAB, '--driver', 'docker', '--json');
      const { nodes }: { nodes: scene.LabNode[] } = JSON.parse(stdout);
      const started = home.start([
        'run',
        'drills/zookeeper-leader-partitioned.drill.yaml',
        '--out',
        home.reports,
        '--no-input',
      ]);
      await said(started, '→ watch-without-leader');
      const took = await Promise.all(
        nodes.map(async ({ name, url }) => ((await plainWrite(url, 1_500)) ? [name] : [])),
      );
      const run = scene.readRun(await started.ended, home);
      const [cut = ''] = run.result.faults[0]?.targets ?? [];
      expect(took.flat()).toEqual(nodes.map(({ name }) => name).filter((name) => name !== cut));
      expectPassed(run, {
        faults: [{ step: 'cut-leader', name: 'network.partition', targets: [cut] }],
        // 10.4 to 10.6 s were seen by a client of the others; ours may still wait for the old leader.
        recoveryMs: [9_000, 14_900],
      });
      expect((await home.run('lab', 'down', LAB)).code).toBe(0);
      expect(held()).toEqual(before);
    },
    LIMIT_MS,
  );

  test(
    'its variant that must miss does, on a lab of its own, and leaves nothing',
    async () => {
      await expectMissed(home, 'zookeeper-leader-partitioned');
      expect(held()).toEqual(before);
    },
    LIMIT_MS,
  );
});
