import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { engineOrWhy, notMeasured } from './engine.mjs';
import { cli, median, root } from './measure.mjs';
import { endOfOutage } from './outage.mjs';

const WORK = 'reported recovery time of a leader kill against a 1 ms outside prober';
const MUST = 'within its stated error, every time';

/** antietcd and, where it can be had, real etcd: in containers, else as processes. `runs` of each. */
export async function recovery({ runs }) {
  const rows = [await series({ lab: 'antietcd-3', driver: 'process', port: '31891', runs })];
  const { images, why } = await engineOrWhy();
  if (images !== undefined) {
    rows.push(await series({ lab: 'etcd-3', driver: 'docker', port: '27200', runs, env: { FIREDRILL_IMAGE_ETCD: images.etcd } }));
  } else rows.push(notMeasured(`${WORK}, etcd-3 in containers`, MUST, why));
  const path = pathWithEtcd();
  if (path === null) rows.push(notMeasured(`${WORK}, etcd-3 as processes`, MUST, 'no etcd on the PATH or in the cache'));
  else rows.push(await series({ lab: 'etcd-3', driver: 'process', port: '27250', runs, env: { PATH: path } }));
  return rows;
}

function pathWithEtcd() {
  const cached = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'firedrill/etcd-debian/usr/bin');
  const dirs = [...process.env.PATH.split(delimiter), cached];
  return dirs.some((dir) => existsSync(join(dir, 'etcd'))) ? dirs.join(delimiter) : null;
}

async function series({ lab, driver, port, runs, env: more = {} }) {
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
  const env = { ...process.env, ...more, FIREDRILL_STATE: join(dir, 'state'), FIREDRILL_LAB_PORT_BASE: port };
  const firedrill = (...args) => spawnSync(process.execPath, [cli, ...args], { env, cwd: root, encoding: 'utf8' });
  const where = driver === 'docker' ? ' in containers' : ' as processes';
  const row = { work: `${WORK}, ${lab}${where}, ${runs} runs`, must: MUST };
  try {
    const up = firedrill('lab', 'up', lab, '--driver', driver, '--json');
    if (up.status !== 0) throw new Error(up.stderr);
    const urls = JSON.parse(up.stdout).nodes.map(({ url }) => url);
    const file = join(dir, 'kill.drill.yaml');
    writeFileSync(file, drillOn(`{ registry: etcd, lab: ${lab}, driver: ${driver} }`));
    const all = [];
    while (all.length < runs) {
      all.push(await once({ urls, env, file, out: join(dir, 'out') }));
      process.stderr.write(`  ${lab}${where} ${all.length}: ${told(all.at(-1))}\n`);
    }
    return { ...row, ...summary(all) };
  } finally {
    firedrill('lab', 'down', lab);
    rmSync(dir, { recursive: true, force: true });
  }
}

const told = ({ recoveryMs, errorMs, trueMs }) => `${recoveryMs.toFixed(0)} ± ${errorMs.toFixed(0)} ms, prober ${trueMs.toFixed(0)} ms, off by ${(recoveryMs - trueMs).toFixed(0)} ms`;

/** A kill is known to within one canary gap and the fault's bracket: no error may be larger than that. */
function summary(all) {
  const off = all.map(({ recoveryMs, trueMs }) => Math.abs(recoveryMs - trueMs));
  const within = all.filter(({ errorMs }, n) => off[n] <= errorMs).length;
  const wide = all.filter(({ errorMs, mostErrorMs }) => errorMs > mostErrorMs + 1);
  const number = (of) => median(all.map(of)).toFixed(0);
  const measured = `${within} of ${all.length} within; medians: ${number(({ recoveryMs }) => recoveryMs)} ± ${number(({ errorMs }) => errorMs)} ms, prober ${number(({ trueMs }) => trueMs)} ms, off by ${median(off).toFixed(0)} ms, at most ${Math.max(...off).toFixed(0)} ms`;
  return { measured: wide.length === 0 ? measured : `${measured}; error above gap + bracket ${wide.length} times`, ok: within === all.length && wide.length === 0 };
}

async function once({ urls, env, file, out }) {
  const prober = spawn(process.execPath, [`${root}test/bench/prober.mjs`, ...urls], { stdio: ['pipe', 'pipe', 'inherit'] });
  const probed = textOf(prober);
  const drill = spawn(process.execPath, [cli, 'run', file, '--out', out, '--json', '--progress', 'quiet'], { env, cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const result = JSON.parse(await textOf(drill));
  prober.stdin.end();
  return compare(result, JSON.parse(await probed), readFileSync(join(out, result.runId, 'journal.jsonl'), 'utf8'));
}

async function textOf(child) {
  let text = '';
  for await (const part of child.stdout) text += part;
  return text;
}

function compare(result, probed, journal) {
  const opened = JSON.parse(journal.slice(0, journal.indexOf('\n')));
  const [fault] = result.faults;
  const register = result.recovery?.find(({ operation }) => operation === 'register');
  if (register === undefined) throw new Error(`the drill measured no recovery: ${JSON.stringify(result.verdict)}`);
  const dead = Number(fault.targets[0].slice(1)) - 1;
  const answers = probed.filter(({ node }) => node !== dead).sort((a, b) => a.sentMs - b.sentMs);
  const faultMs = opened.clockOriginMs + fault.effectiveAtMs;
  const gapMs = 1_000 / opened.drill.traffic.writesPerSecond;
  return { ...register, trueMs: endOfOutage(answers, faultMs) - faultMs, mostErrorMs: gapMs + fault.bracketMs };
}

const drillOn = (target) => `apiVersion: firedrill/v1
id: leader-killed
title: Leader killed
kind: fault-injection
level: P1
environment: { name: lab, production: false }
objectives: { rto: 10s, stableFor: 3s }
roles: { commander: alice, technical: [bob, chen] }
target: ${target}
traffic: { services: 5, instances: 10, writes: 20/s, reads: 20/s, lease: 6s, settle: 1s }
steadyState:
  - { probe: registry.writable, within: 10s }
  - { probe: registry.healthy, within: 10s }
safety: { maxTargets: 1 }
phases:
  execute:
    - { id: kill-leader, inject: node.kill, on: { role: leader } }
    - { id: writable-again, check: registry.writable, within: 15s }
    - { id: watch-without-node, wait: 4s }
    - { id: restart, recover: node.start, on: { step: kill-leader } }
    - { id: healthy-again, check: registry.healthy, within: 20s }
`;
