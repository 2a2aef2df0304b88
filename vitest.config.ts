import { defineConfig } from 'vitest/config';

const all = process.env.FIREDRILL_TESTS === 'all';

/** Containers, ZooKeeper, Toxiproxy, the longest ones: `npm run test:all`. */
const MORE = ['test/**/*.all.test.ts'];
const CORE = ['test/**/!(*.all).test.ts'];

/**
 * What measures real time, or asks how a cluster fares under a fault, has the machine to itself: a cluster and its
 * clients need both cores of a small one, and a starved cluster holds elections of its own. So has what compares
 * containers or packet rules of the whole machine. The others mostly wait.
 */
const ALONE = [
  'test/{faults,probes,targets,truth}/**/*.test.ts',
  'test/{drills/shipped-*,run/real,run/real-etcd,traffic/traffic}.test.ts',
];

/** Of the further ones, those that mostly wait, on processes and ports of their own. */
const MORE_TWO_BY_TWO = [
  'test/{backup,encryption,readiness,registries,stores}/**/*.all.test.ts',
  'test/drills/{backup-job,decided,fallback,increments,missed,newest-backup,tiers,zookeeper-recovery}.all.test.ts',
  'test/e2e/{degrade,encrypted,encrypted-secured,etcd-secured,restore-killed}.all.test.ts',
  'test/run/*.all.test.ts',
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
          include: all ? [...CORE, ...MORE_TWO_BY_TWO] : CORE,
          exclude: ALONE,
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...every,
          name: 'alone',
          include: all ? [...ALONE, ...MORE] : ALONE,
          exclude: all ? MORE_TWO_BY_TWO : MORE,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
