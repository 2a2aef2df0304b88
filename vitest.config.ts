import { defineConfig } from 'vitest/config';

/** Containers, ZooKeeper, Toxiproxy, the longest ones: `npm run test:all`. */
const MORE = 'test/**/*.all.test.ts';
const notHere = process.env.FIREDRILL_TESTS === 'all' ? [] : [MORE];

/**
 * What measures real time, or asks how a cluster fares under a fault, has the machine to itself: a cluster and its
 * clients need both cores of a small one, and a starved cluster holds elections of its own. The others mostly wait.
 */
const ALONE = [
  'test/!(backup|registries|stores|encryption)/**/*.all.test.ts',
  'test/{faults,probes,targets,truth}/**/*.test.ts',
  'test/{drills/shipped-*,run/real,run/real-etcd,traffic/traffic}.test.ts',
];

const every = { testTimeout: 60_000, hookTimeout: 60_000, retry: 0 };

export default defineConfig({
  test: {
    globalSetup: ['test/setup/servers.ts'],
    reporters: ['default', './test/setup/closing-line.ts'],
    projects: [
      {
        test: {
          ...every,
          name: 'two by two',
          include: ['test/**/*.test.ts'],
          exclude: [...notHere, ...ALONE],
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...every,
          name: 'alone',
          include: ALONE,
          exclude: notHere,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
