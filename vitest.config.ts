import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Containers, ZooKeeper, Toxiproxy, the longest ones: `npm run test:all`.
    exclude: process.env.FIREDRILL_TESTS === 'all' ? [] : ['test/**/*.all.test.ts'],
    globalSetup: ['test/setup/servers.ts'],
    reporters: ['default', './test/setup/closing-line.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
    // One file at a time: the clusters under test and their clients need both cores of a small machine, and a starved
    // cluster holds elections of its own.
    maxWorkers: 1,
  },
});
