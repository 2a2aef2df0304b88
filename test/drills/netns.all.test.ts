/** The drills that cut nodes off, on processes in network namespaces. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, repo } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import { ourHostRules } from '../support/host-rules.js';
import { ON_DOCKER } from './on-docker.js';
import { expectPassed } from './passes.js';
import * as scene from './scene.js';

const missing = missingLab('etcd-3-netns');
const held = (): readonly string[] => [execFileSync('ip', ['netns'], { encoding: 'utf8' }), ...ourHostRules()];

describe.skipIf(missing !== null)(`shipped drills on etcd-3-netns ${missing ?? ''}`, () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(22_120);
  });
  afterAll(() => home?.dispose());

  test.each(ON_DOCKER)(
    '%s',
    async (name) => {
      const before = held();
      const text = readFileSync(join(repo, 'drills', `${name}.drill.yaml`), 'utf8');
      const file = join(home.dir, `${name}.drill.yaml`);
      writeFileSync(file, text.replace('lab: etcd-3, driver: docker', 'lab: etcd-3-netns'));
      const run = await scene.runDrill(home, file);
      const { targets = [], step = '' } = run.result.faults[0] ?? {};
      expectPassed(run, {
        faults: [{ step, name: 'network.partition', targets }],
        recoveryMs: [-1, 5_000],
      });
      expect(targets).toHaveLength(1);
      scene.expectNothingLeft(home);
      expect(held()).toEqual(before);
    },
    150_000,
  );
});
