/** The drills on slow links of ZooKeeper, on the practice cluster that has Toxiproxy; and their variants that must miss. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { word, writeTime } from '../faults/plain-quorum.js';
import { type CliHome, cliHome, said } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import { expectPassed } from './passes.js';
import * as scene from './scene.js';
import { expectAllServed, toxicsOn } from './slow-links.js';
import { ZOOKEEPER_WITH_TOXIPROXY } from './with-toxiproxy.js';
import { leaderOf } from './zookeeper-leader.js';

const LAB = 'zookeeper-3-toxiproxy';
const LIMIT_MS = 180_000;
const SLOW = 'watch-while-slow';

interface Linked {
  readonly name: string;
  readonly links: { readonly api: string; readonly client: { readonly listen: string; readonly upstream: string } };
}

describe.skipIf(missingLab(LAB) !== null)(`drills on ${LAB} ${missingLab(LAB) ?? ''}`, () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(28_200);
  });
  afterAll(() => home?.dispose());

  /** Runs it on a lab that stays up, and looks at the servers while it is slow. */
  async function watched(name: string, look: (nodes: readonly Linked[], leader: string) => Promise<void>) {
    const nodes = await scene.labUp(home, LAB);
    const record: { nodes: Linked[] } = JSON.parse(readFileSync(join(home.state, 'labs', LAB, 'lab.json'), 'utf8'));
    const leader = await leaderOf(nodes);
    const started = home.start(['run', `drills/${name}.drill.yaml`, '--out', home.reports, '--no-input']);
    await said(started, `→ ${SLOW}`);
    await look(record.nodes, leader);
    const run = scene.readRun(await started.ended, home);
    expect(await leaderOf(nodes), 'a slow leader stays the leader').toBe(leader);
    expect((await scene.labUp(home, LAB)).map(({ pid }) => pid)).toEqual(nodes.map(({ pid }) => pid));
    expect(await toxicsOn(record.nodes[0]?.links.api ?? '')).toEqual([]);
    return { run, leader };
  }

  test(
    'zookeeper-slow-clients: every step takes 0.1 s longer and no request fails; around the proxies all is as fast as ever',
    async () => {
      const { run } = await watched('zookeeper-slow-clients', async (nodes) => {
        for (const { links } of nodes) {
          expect((await word(links.client.listen, 'srvr')).tookMs).toBeGreaterThanOrEqual(80);
          expect((await word(links.client.upstream, 'srvr')).tookMs).toBeLessThan(80);
        }
      });
      const targets = ['n1', 'n2', 'n3'];
      expectPassed(run, {
        faults: [{ step: 'slow-clients', name: 'network.latency', targets }],
        recoveryMs: [90, 3_000],
      });
      expectAllServed(run);
    },
    LIMIT_MS,
  );

  test(
    'zookeeper-slow-peers: a write through the leader waits for its followers once, through a follower twice',
    async () => {
      const { run, leader } = await watched('zookeeper-slow-peers', async (nodes, led) => {
        for (const { name, links } of nodes) {
          const tookMs = await writeTime(links.client.listen, 5_000);
          expect(tookMs, `${name}, led by ${led}`).toBeGreaterThanOrEqual(name === led ? 50 : 100);
        }
      });
      const faults = [{ step: 'slow-leader', name: 'network.latency', targets: [leader] }];
      expectPassed(run, { faults, recoveryMs: [40, 3_000] });
      expectAllServed(run);
    },
    LIMIT_MS,
  );

  test('and when the lab goes down, its servers and its Toxiproxy are gone', async () => {
    expect((await home.run('lab', 'down', LAB)).code).toBe(0);
    scene.expectNothingLeft(home);
  });

  test.each(ZOOKEEPER_WITH_TOXIPROXY)(
    '%s: the variant that must miss does, on a lab of its own, and leaves nothing',
    async (name) => {
      const { code, result, stderr } = await scene.runDrill(home, `test/drills-that-miss/${name}.drill.yaml`);
      expect(code, stderr).toBe(1);
      expect(result).toMatchObject({ valid: true, invalidBecause: [], outcome: 'fail' });
      const bad = result.objectives.filter(({ verdict }) => verdict !== 'within');
      expect(bad.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(['rto missed']);
      expect(result.issues.map(({ rule }) => rule)).toContain('rto-missed');
      expect(result.residue).toEqual({ checked: true, left: [] });
      for (const fault of result.faults) expect(fault).toMatchObject({ confirmed: true, reverted: true });
      scene.expectNothingLeft(home);
    },
    LIMIT_MS,
  );
});
