import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { engineOrWhy, notMeasured } from './engine.mjs';
import { cli, median, root } from './measure.mjs';
import { endOfOutage } from './outage.mjs';

const WORK = 'reported recovery time of a leader kill against a 1 ms outside prober';
const MUST = 'within its stated error, every time';

/** Of the embedded registry. */
export const recovery = async ({ runs }) => [await series({ lab: 'antietcd-3', driver: 'process', port: '31891', runs })];

/** Of real etcd in containers. */
export async function recoveryContainers({ runs }) {
  const { images, why } = await engineOrWhy();
  if (images === undefined) return [notMeasured(`${WORK}, etcd-3 in containers`, MUST, why)];
  return [await series({ lab: 'etcd-3', driver: 'docker', port: '27200', runs, env: { FIREDRILL_IMAGE_ETCD: images.etcd } })];
}

/** Of real etcd as processes. */
export async function recoveryEtcd({ runs }) {
  const PATH = pathWithEtcd();
  if (PATH === null) return [notMeasured(`${WORK}, etcd-3 as processes`, MUST, 'no etcd on the PATH or in the cache')];
  return [await series({ lab: 'etcd-3', driver: 'process', port: '27250', runs, env: { PATH } })];
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
    const refused = [];
    while (all.length < runs && refused.length < runs) {
      const one = await once({ urls, env, file, out: join(dir, 'out') });
      (one.refused === undefined ? all : refused).push(one);
      process.stderr.write(`  ${lab}${where}: ${one.refused ?? told(one)}\n`);
    }
    return { ...row, ...summary(all, refused) };
  } finally {
    firedrill('lab', 'down', lab);
    rmSync(dir, { recursive: true, force: true });
  }
}

const told = ({ recoveryMs, errorMs, trueMs }) => `${recoveryMs.toFixed(0)} ± ${errorMs.toFixed(0)} ms, prober ${trueMs.toFixed(0)} ms, off by ${(recoveryMs - trueMs).toFixed(0)} ms`;

/** A kill is known to within one canary gap, the wait of the write that found it over, and the fault's bracket: no error may be larger. */
function summary(all, refused) {
  if (all.length === 0) return { measured: `not measured: ${refused[0].refused}`, ok: null };
  const off = all.map(({ recoveryMs, trueMs }) => Math.abs(recoveryMs - trueMs));
  const within = all.filter(({ errorMs }, n) => off[n] <= errorMs).length;
  const wide = all.filter(({ errorMs, mostErrorMs }) => errorMs > mostErrorMs + 1);
  const number = (of) => median(all.map(of)).toFixed(0);
  const measured = `${within} of ${all.length} within; medians: ${number(({ recoveryMs }) => recoveryMs)} ± ${number(({ errorMs }) => errorMs)} ms, prober ${number(({ trueMs }) => trueMs)} ms, off by ${median(off).toFixed(0)} ms, at most ${Math.max(...off).toFixed(0)} ms`;
  const notes = [
    ...(wide.length === 0 ? [] : [`error above gap + wait + bracket ${wide.length} times`]),
    ...(refused.length === 0 ? [] : [`${refused.length} more runs were not valid and have no number`]),
  ];
  return { measured: [measured, ...notes].join('; '), ok: within === all.length && wide.length === 0 };
}

async function once({ urls, env, file, out }) {
  const prober = spawn(process.execPath, [`${root}test/bench/prober.mjs`, ...urls], { stdio: ['pipe', 'pipe', 'inherit'] });
  const probed = textOf(prober);
  const drill = spawn(process.execPath, [cli, 'run', file, '--out', out, '--json', '--progress', 'quiet'], { env, cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const result = JSON.parse(await textOf(drill));
  prober.stdin.end();
  const answers = JSON.parse(await probed);
  if (result.valid !== true) return { refused: whyNot(result) };
  return compare(result, answers, readFileSync(join(out, result.runId, 'journal.jsonl'), 'utf8'));
}

/** A run that was refused, stopped or not valid says why, and is no measurement. */
function whyNot({ invalidBecause = [], endedEarly, refusals = [] }) {
  const said = [...invalidBecause, ...(endedEarly ? [endedEarly] : []), ...refusals.map(({ message }) => message)];
  return `no valid run: ${said.map((text) => (text.text ?? text).en).join('; ')}`;
}

async function textOf(child) {
  let text = '';
  for await (const part of child.stdout) text += part;
  return text;
}

function compare(result, probed, journal) {
  const events = journal.trimEnd().split('\n').map((line) => JSON.parse(line));
  const opened = events[0];
  const [fault] = result.faults;
  const register = result.recovery?.find(({ operation }) => operation === 'register');
  if (typeof register?.recoveryMs !== 'number') return { refused: 'the run saw no recovery of register' };
  const dead = Number(fault.targets[0].slice(1)) - 1;
  const answers = probed.filter(({ node }) => node !== dead).sort((a, b) => a.sentMs - b.sentMs);
  const faultMs = opened.clockOriginMs + fault.effectiveAtMs;
  const gapMs = 1_000 / opened.drill.traffic.writesPerSecond;
  // The write that found the outage over.
  const found = events.find(({ seq, endedMs }) => register.evidence.includes(seq) && endedMs === register.recoveredMs);
  const waitMs = found.endedMs - found.dueMs;
  return { ...register, trueMs: endOfOutage(answers, faultMs) - faultMs, mostErrorMs: gapMs + waitMs + fault.bracketMs };
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
