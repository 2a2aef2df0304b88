/** The drills on slow links of ZooKeeper, on the practice cluster that has Toxiproxy; and their variants that must miss. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { word, writeTime } from '../faults/plain-quorum.js';
import { type CliHome, cliHome, until } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import { plainTree } from '../support/plain-zookeeper.js';
import { expectMissed } from './misses.js';
import { expectPassed } from './passes.js';
import * as scene from './scene.js';
import { expectAllServed, type Linked, watchedWhileSlow } from './slow-links.js';
import { ZOOKEEPER_WITH_TOXIPROXY } from './with-toxiproxy.js';
import { leaderOf } from './zookeeper-leader.js';

const LAB = 'zookeeper-3-toxiproxy';
const LIMIT_MS = 180_000;
const SESSION_MS = 6_000;

describe.skipIf(missingLab(LAB) !== null)(`drills on ${LAB} ${missingLab(LAB) ?? ''}`, () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(28_200);
  });
  afterAll(() => home?.dispose());

  const watched = (name: string, look: (nodes: readonly Linked[], leader: string) => Promise<void>) =>
    watchedWhileSlow(home, { lab: LAB, name, look, leaderOf });

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

  test(
    'zookeeper-session-blip: all instances expire while their owners are cut off, and each is back within a session and 5 s',
    async () => {
      const { run } = await watchedWhileSlow(home, {
        lab: LAB,
        name: 'zookeeper-session-blip',
        step: 'longer-than-a-session',
        leaderOf,
        look: async (nodes) => {
          await until('no instance is left', async () => {
            const trees = await Promise.all(
              nodes.map(({ links }) => plainTree(`zk://${links.client.upstream}`, ['/services'])),
            );
            return trees.every((tree) => tree.every(({ ephemeral }) => !ephemeral)) ? trees : null;
          });
        },
      });
      const targets = ['n1', 'n2', 'n3'];
      expectPassed(run, {
        faults: [{ step: 'cut-clients', name: 'network.reset', targets }],
        recoveryMs: [9_000, 9_000 + SESSION_MS + 5_000],
      });
      const openMs = run.of('step.started').find(({ step }) => step === 'way-open-again')?.ms ?? Number.NaN;
      const back = run.of('attempt').filter(({ op, again, outcome }) => op === 'register' && again && outcome === 'ok');
      expect(new Set(back.map(({ entry }) => entry)).size).toBe(10);
      for (const { entry, endedMs } of back) {
        expect(endedMs, entry).toBeGreaterThan(openMs);
        expect(endedMs, entry).toBeLessThan(openMs + SESSION_MS + 5_000);
      }
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
      await expectMissed(home, name);
      scene.expectNothingLeft(home);
    },
    LIMIT_MS,
  );
});
