/** The drills that need Toxiproxy, on the practice cluster that has it; their variants that must miss; and who is refused. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../faults/plain-link.js';
import { type CliHome, cliHome, repo } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import { post } from '../truth/plain-node.js';
import { encode } from '../truth/read-lies.js';
import { expectMissed } from './misses.js';
import { expectPassed } from './passes.js';
import * as scene from './scene.js';
import { expectAllServed, type Linked, watchedWhileSlow } from './slow-links.js';
import { WITH_TOXIPROXY } from './with-toxiproxy.js';

const LAB = 'etcd-3-toxiproxy';
const LIMIT_MS = 150_000;

describe.skipIf(missingLab(LAB) !== null)(`shipped drills on ${LAB} ${missingLab(LAB) ?? ''}`, () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(28_200);
  });
  afterAll(() => home?.dispose());

  const watched = (name: string, look: (nodes: readonly Linked[], leader: string) => Promise<void>) =>
    watchedWhileSlow(home, { lab: LAB, name, look, leaderOf: (nodes) => scene.leaderOf(LAB, nodes) });

  test(
    'etcd-slow-clients: every request takes 0.3 s longer and none fails; around the proxies all is as fast as ever',
    async () => {
      const { run } = await watched('etcd-slow-clients', async (nodes) => {
        for (const { links } of nodes) {
          const through = await ask(`http://${links.client.listen}/version`);
          expect(through.tookMs).toBeGreaterThanOrEqual(240);
          const around = await ask(`http://${links.client.upstream}/version`);
          expect(around.tookMs).toBeLessThan(240);
        }
      });
      const targets = ['n1', 'n2', 'n3'];
      expectPassed(run, {
        faults: [{ step: 'slow-clients', name: 'network.latency', targets }],
        recoveryMs: [200, 3_000],
      });
      expectAllServed(run);
    },
    LIMIT_MS,
  );

  test(
    'etcd-slow-peers: a write through the leader waits for its peers once, through a follower twice',
    async () => {
      const { run, leader } = await watched('etcd-slow-peers', async (nodes, led) => {
        for (const { name, links } of nodes) {
          const startedMs = performance.now();
          await post(`http://${links.client.listen}/v3/kv/put`, { key: encode('/prober/x'), value: encode('y') });
          const tookMs = performance.now() - startedMs;
          expect(tookMs, `${name}, led by ${led}`).toBeGreaterThanOrEqual(name === led ? 100 : 200);
        }
      });
      const faults = [{ step: 'slow-leader', name: 'network.latency', targets: [leader] }];
      expectPassed(run, { faults, recoveryMs: [90, 3_000] });
      expectAllServed(run);
    },
    LIMIT_MS,
  );

  test('and when the lab goes down, its nodes and its Toxiproxy are gone', async () => {
    expect((await home.run('lab', 'down', LAB)).code).toBe(0);
    scene.expectNothingLeft(home);
  });

  test.each(WITH_TOXIPROXY)(
    '%s: the variant that must miss does, on a lab of its own, and leaves nothing',
    async (name) => {
      await expectMissed(home, name);
      scene.expectNothingLeft(home);
    },
    LIMIT_MS,
  );

  test('on a cluster without Toxiproxy `plan` and `run` refuse and name the lab that has it', async () => {
    await scene.labUp(home, 'antietcd-3');
    const text = readFileSync(join(repo, 'drills/etcd-slow-peers.drill.yaml'), 'utf8');
    const file = join(home.dir, 'elsewhere.drill.yaml');
    writeFileSync(file, text.replace(`lab: ${LAB}`, 'lab: antietcd-3'));
    for (const command of ['plan', 'run']) {
      const refused = await home.run(command, file);
      expect(refused.stderr).toMatch(/network\.latency needs Toxiproxy in front of n\d.*etcd-3-toxiproxy/s);
      expect(refused.code).toBe(4);
    }
    writeFileSync(file, text.replace('link: peer', 'link: pear'));
    const misspelt = await home.run('validate', file);
    expect(misspelt.stderr).toContain('did you mean “peer”?');
    expect(misspelt.code).toBe(3);
  });
});
