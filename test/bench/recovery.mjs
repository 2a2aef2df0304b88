import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli, root } from './measure.mjs';

const RUNS = 3;

/** Reported recovery time of a leader kill against a prober in another process that writes every millisecond. */
export async function recovery() {
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
  const env = { ...process.env, FIREDRILL_STATE: join(dir, 'state'), FIREDRILL_LAB_PORT_BASE: '31891' };
  const firedrill = (...args) => spawnSync(process.execPath, [cli, ...args], { env, cwd: root, encoding: 'utf8' });
  const rows = [];
  try {
    const up = firedrill('lab', 'up', 'antietcd-3', '--json');
    if (up.status !== 0) throw new Error(up.stderr);
    const urls = JSON.parse(up.stdout).nodes.map((node) => node.url);
    for (let run = 0; run < RUNS; run++) rows.push(await once({ urls, env, dir: join(dir, `out${run}`) }));
  } finally {
    firedrill('lab', 'down', 'antietcd-3');
    rmSync(dir, { recursive: true, force: true });
  }
  return rows;
}

async function once({ urls, env, dir }) {
  const prober = spawn(process.execPath, [`${root}test/bench/prober.mjs`, '40', ...urls], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  prober.stdout.on('data', (part) => {
    text += part;
  });
  const proberEnded = new Promise((resolve) => prober.on('close', resolve));
  const run = spawn(process.execPath, [cli, 'run', 'drills/leader-killed.drill.yaml', '--out', dir, '--json', '--progress', 'quiet'], { env, cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  run.stdout.on('data', (part) => {
    out += part;
  });
  await new Promise((resolve) => run.on('close', resolve));
  await proberEnded;
  const result = JSON.parse(out);
  const [opened] = readFileSync(join(dir, result.runId, 'journal.jsonl'), 'utf8').split('\n');
  const originMs = JSON.parse(opened).clockOriginMs;
  const register = result.recovery.find((row) => row.operation === 'register');
  const faultMs = originMs + result.faults[0].effectiveAtMs;
  const bracketMs = result.faults[0].bracketMs;
  const dead = Number(result.faults[0].targets[0].slice(1)) - 1;
  const answers = JSON.parse(text)
    .filter(([, , , node]) => node !== dead)
    .sort((a, b) => a[0] - b[0]);
  const trueMs = endOfOutage(answers, faultMs) - faultMs;
  const offMs = register.recoveryMs - trueMs;
  const gapMs = 1_000 / JSON.parse(opened).drill.traffic.writesPerSecond;
  return {
    work: `recovery time of a leader kill (${RUNS} runs)`,
    must: `within its error; error ≤ gap + bracket (${(gapMs + bracketMs).toFixed(0)} ms)`,
    measured: `${register.recoveryMs.toFixed(0)} ± ${register.errorMs.toFixed(0)} ms, prober ${trueMs.toFixed(0)} ms, off by ${offMs.toFixed(0)} ms`,
    ok: Math.abs(offMs) <= register.errorMs,
  };
}

/**
 * End of the first acknowledged write after the fault from which on one of the nodes that are left acknowledged 99 % for a
 * second: what a client of that node would have felt, seen every few milliseconds.
 */
function endOfOutage(answers, faultMs) {
  const ends = [...new Set(answers.map(([, , , node]) => node))].flatMap((node) =>
    backOn(
      answers.filter((answer) => answer[0] > faultMs && answer[3] === node),
    ),
  );
  if (ends.length === 0) throw new Error('the prober saw no recovery');
  return Math.min(...ends);
}

function backOn(after) {
  const okBefore = [0];
  for (const [, , ok] of after) okBefore.push(okBefore.at(-1) + ok);
  let past = 0;
  for (const [from, [sent, ended, ok]] of after.entries()) {
    if (ok === 0) continue;
    while (past < after.length && after[past][0] < sent + 1_000) past += 1;
    if ((okBefore[past] - okBefore[from]) / (past - from) >= 0.99) return [ended];
  }
  return [];
}
