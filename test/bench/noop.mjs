import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli, processMs, seconds } from './measure.mjs';

const DRILL = `apiVersion: firedrill/v1
id: no-op
title: One check, no fault
kind: partial
level: P3
timeZone: UTC
environment: { name: bench, production: false }
roles: {}
target: { registry: etcd, lab: antietcd-3 }
phases:
  verify:
    - check: registry.leader
`;

const EXPERIMENT = {
  title: 'no-op',
  description: 'one probe, no fault',
  method: [{ type: 'probe', name: 'true', tolerance: 0, provider: { type: 'process', path: 'true' } }],
};

/** The same nothing in both tools: one check, no fault. Ours writes all its reports; theirs writes its journal. */
export async function noop() {
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
  const env = { ...process.env, FIREDRILL_STATE: join(dir, 'state'), FIREDRILL_LAB_PORT_BASE: '31791' };
  const firedrill = (...args) => spawnSync(process.execPath, [cli, ...args], { env, cwd: dir, encoding: 'utf8' });
  try {
    writeFileSync(join(dir, 'noop.drill.yaml'), DRILL);
    writeFileSync(join(dir, 'noop.json'), JSON.stringify(EXPERIMENT));
    const up = firedrill('lab', 'up', 'antietcd-3');
    if (up.status !== 0) throw new Error(up.stderr);
    const ours = processMs([process.execPath, cli, 'run', 'noop.drill.yaml', '--progress', 'quiet'], { env, cwd: dir, allowed: [0, 1] });
    const has = spawnSync('chaos', ['--version']).status === 0;
    const theirs = has ? processMs(['chaos', '--no-version-check', 'run', 'noop.json'], { env, cwd: dir }) : null;
    const row = { work: 'no-op drill with all reports', must: '≤ 1.5 × Chaos Toolkit' };
    if (theirs === null) return [{ ...row, measured: `${seconds(ours)} (chaos is not on the PATH)`, ok: null }];
    return [{ ...row, measured: `${seconds(ours)} against ${seconds(theirs)} = ${(ours / theirs).toFixed(2)} ×`, ok: ours <= 1.5 * theirs }];
  } finally {
    firedrill('lab', 'down', 'antietcd-3');
    rmSync(dir, { recursive: true, force: true });
  }
}
