/** The drills on disks that can be filled, as processes and in containers, and their variants that must miss. */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import { expectMissed } from './misses.js';
import { ON_SMALL_DISKS } from './on-small-disks.js';
import { expectArchives, expectPassed } from './passes.js';
import * as scene from './scene.js';

const LAB = 'etcd-3-small-disks';
const LIMIT_MS = 150_000;

describe.each([
  ['process', 25_460, missingLab(LAB)],
  ['docker', 25_520, missingLab(LAB) ?? process.env.FIREDRILL_MISSING_DOCKER ?? null],
] as const)('shipped drills on small disks: %s', (driver, basePort, missing) => {
  describe.skipIf(missing !== null)(missing ?? LAB, () => {
    let home: CliHome;
    beforeAll(() => {
      process.env.FIREDRILL_IMAGE_ETCD ??= process.env.FIREDRILL_TEST_IMAGE_ETCD;
      home = cliHome(basePort);
    });
    afterAll(() => home?.dispose());
    const mounts = (): readonly string[] =>
      readFileSync('/proc/mounts', 'utf8')
        .split('\n')
        .filter((line) => line.includes(home.dir));
    const up = async (): Promise<readonly scene.LabNode[]> => {
      const { stdout } = await home.run('lab', 'up', LAB, '--driver', driver, '--json');
      const { nodes }: { nodes: scene.LabNode[] } = JSON.parse(stdout);
      return nodes;
    };

    test(
      'etcd-disk-full: the leader ends, another one leads, and with room it is back with the same content',
      async () => {
        const nodes = await up();
        expect(mounts()).toHaveLength(nodes.length);
        const leader = await scene.leaderOf(LAB, nodes);
        const content = await scene.contentOf(LAB, nodes);
        const ended = await scene.runDrill(home, 'drills/etcd-disk-full.drill.yaml');
        expectPassed(ended, {
          faults: [{ step: 'fill-disk', name: 'node.disk-full', targets: [leader] }],
          // It ends within a second or two of the writes; the election counts from the full disk.
          recoveryMs: [200, 8_000],
        });
        expectArchives(ended, 1);
        const after = await up();
        const changed = after.filter(({ pid }, index) => pid !== nodes[index]?.pid).map(({ name }) => name);
        expect(changed).toEqual([leader]);
        expect(await scene.contentOf(LAB, after)).toEqual(content);
      },
      LIMIT_MS,
    );

    test.each(ON_SMALL_DISKS)(
      '%s: the variant that must miss does',
      async (name) => {
        await expectMissed(home, name);
      },
      LIMIT_MS,
    );

    test('and when the lab goes down, nothing is mounted and nothing is left', async () => {
      expect((await home.run('lab', 'down', LAB)).code).toBe(0);
      expect(mounts()).toEqual([]);
      expect(existsSync(home.state)).toBe(false);
    });
  });
});
