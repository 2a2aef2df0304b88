/** A lost parent, on real processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { readProcess } from '../../src/core/process-table.js';
import { watchParent } from '../../src/run/index.js';

const started: ChildProcess[] = [];
const pids: number[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  for (const pid of pids.splice(0)) if (readProcess(pid) !== null) process.kill(pid, 'SIGKILL');
});

/** Starts `name` → sh → sleep; resolves with the process at the top and the pid at the bottom. */
async function family(name: string): Promise<{ readonly top: ChildProcess; readonly bottom: number }> {
  const inner = 'sleep 60 & echo $$ $!; wait';
  const top = spawn('sh', ['-c', `sh -c '${inner}'; true`], { argv0: name, stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(top);
  const [line] = await once(top.stdout, 'data');
  const [middle = 0, bottom = 0] = String(line).trim().split(' ').map(Number);
  pids.push(middle, bottom);
  return { top, bottom };
}

async function lostWithin(
  ms: number,
  options: { readonly pid: number; readonly env: Record<string, string> },
  act: () => void,
) {
  const lost: string[] = [];
  const watch = watchParent({ ...options, onLost: (detail) => lost.push(detail.en) });
  act();
  await new Promise((resolve) => setTimeout(resolve, ms));
  watch.stop();
  return lost;
}

describe('watchParent', () => {
  it('tells once when the parent is gone, and nothing while it lives', async () => {
    const { bottom } = await family('some-shell');
    expect(await lostWithin(450, { pid: bottom, env: {} }, () => {})).toEqual([]);
    const parent = readProcess(bottom)?.ppid ?? 0;
    expect(await lostWithin(700, { pid: bottom, env: {} }, () => process.kill(parent, 'SIGKILL'))).toEqual([
      `the parent process ${parent} is gone`,
    ]);
  });

  it('under npm also tells of npm itself, which leaves its shell behind', async () => {
    const npm = await family('npm run drill');
    const env = { npm_lifecycle_event: 'drill' };
    const lost = await lostWithin(500, { pid: npm.bottom, env }, () => npm.top.kill('SIGKILL'));
    expect(lost).toEqual([`the parent process ${npm.top.pid} is gone`]);
    const other = await family('some-shell');
    expect(await lostWithin(500, { pid: other.bottom, env: {} }, () => other.top.kill('SIGKILL'))).toEqual([]);
  });
});
