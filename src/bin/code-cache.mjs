/**
 * Writes the code cache of the bundle. V8 compiles a function when it is first called, so the cache is made after a
 * rehearsal: a tabletop drill, which needs no cluster, and a look at the sample.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CODE_CACHE, loadBundle } from '../../dist/bin/bundle.js';

const dir = mkdtempSync(join(tmpdir(), 'firedrill-build-'));
process.env.FIREDRILL_STATE = join(dir, 'state');
const drill = 'drills/datacenter-power-loss.drill.yaml';
const answers = 'drills/answers/datacenter-power-loss.answers.yaml';
const REHEARSAL = [
  ['validate', 'drills/etcd-leader-loss.drill.yaml'],
  ['run', drill, '--answers', answers, '--out', join(dir, 'reports')],
  ['verify', 'reports/sample'],
];

try {
  const { main, script } = loadBundle();
  for (const args of REHEARSAL) {
    process.argv = [process.execPath, 'firedrill', ...args];
    await main();
    // What came of it does not matter here, unless the rehearsal asked for what does not exist.
    if (process.exitCode === 2 || process.exitCode === 3) throw new Error(`firedrill ${args.join(' ')}: wrong usage`);
  }
  writeFileSync(`${CODE_CACHE}.new`, script.createCachedData());
  renameSync(`${CODE_CACHE}.new`, CODE_CACHE);
  process.exitCode = 0;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
