import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const cli = `${root}dist/bin/main.js`;

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

export const percentile = (values, share) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
};

/** Wall time of a whole process in ms, median of `runs`, after one that is not counted. Fails when the process does. */
export function processMs(argv, { runs = 9, env = process.env, cwd = root, allowed = [0] } = {}) {
  const once = () => {
    const started = performance.now();
    const done = spawnSync(argv[0], argv.slice(1), { env, cwd, encoding: 'utf8' });
    if (!allowed.includes(done.status)) throw new Error(`${argv.join(' ')} ended with ${done.status}: ${done.stderr}`);
    return performance.now() - started;
  };
  once();
  return median(Array.from({ length: runs }, once));
}

export const seconds = (ms) => `${(ms / 1000).toFixed(3)} s`;
