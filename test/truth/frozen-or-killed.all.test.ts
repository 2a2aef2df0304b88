/** ZooKeeper at its usual timers: a killed leader costs half a second, a frozen one ten, and an outside prober felt the same. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agreeWithProber, startProber } from '../drills/probed.js';
import * as scene from '../drills/scene.js';
import { type CliHome, cliHome, repo } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';

const LAB = 'zookeeper-3-default-timers';
const LIMIT_MS = 150_000;
const why = missingLab(LAB);
const PROBER = 'test/truth/zookeeper-prober.mjs';

describe.skipIf(why !== null)(`ZooKeeper at its usual timers${why === null ? '' : `: ${why}`}`, () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(26_800);
  });
  afterAll(() => home?.dispose());

  /** The recovery time reported, after it was held against the prober's. */
  async function probed(name: string, at: { readonly fault: string; readonly until: string }): Promise<number> {
    const nodes = await scene.labUp(home, LAB);
    const text = readFileSync(join(repo, `drills/${name}.drill.yaml`), 'utf8');
    const file = join(home.dir, `${name}.drill.yaml`);
    writeFileSync(file, text.replace(/^target:.*$/m, `target: { registry: zookeeper, lab: ${LAB} }`));
    const urls = nodes.map(({ url }) => url);
    const prober = await startProber(home, urls, PROBER);
    const run = await scene.runDrill(home, file);
    const answers = await prober.stop();
    expect(run.code, run.stderr).toBe(0);
    expect(run.result.environment.target).toMatchObject({ lab: LAB });
    const [target] = run.result.faults[0]?.targets ?? [];
    const survivors = answers.filter(({ node }) => nodes[node]?.name !== target);
    agreeWithProber(run, survivors, at.fault, at.until);
    const register = run.result.recovery.find(({ operation }) => operation === 'register');
    return register?.recoveryMs ?? Number.NaN;
  }

  test(
    'they come out differently, each within its stated error',
    async () => {
      const killedMs = await probed('zookeeper-leader-killed', { fault: 'kill-leader', until: 'restart' });
      const frozenMs = await probed('zookeeper-leader-frozen', { fault: 'freeze-leader', until: 'wake-up' });
      expect(killedMs).toBeGreaterThan(100);
      expect(killedMs).toBeLessThan(2_500);
      expect(frozenMs).toBeGreaterThan(9_000);
      expect(frozenMs).toBeLessThan(14_900);
    },
    LIMIT_MS,
  );
});
