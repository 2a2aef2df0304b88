import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { engineOrWhy, notMeasured, startSleepers } from './engine.mjs';
import { cli, processMs, seconds } from './measure.mjs';

const NODES = 50;
const NAME = 'fd-bench-plan-';
const row = { work: `plan of a ${NODES}-container target (the whole command)`, must: '< 1 s' };

/** Answers as the status of 50 members of one etcd, each on its own port: the containers only sleep. */
const MEMBERS = `
const { createServer } = require('node:http');
const { parentPort, workerData } = require('node:worker_threads');
const listen = (n) => new Promise((resolve) => {
  const status = { header: { cluster_id: '7', member_id: String(n), revision: '1', raft_term: '2' }, version: '3.4.23', leader: '1', raftTerm: '2' };
  const server = createServer((req, res) => { req.resume(); req.on('end', () => res.end(JSON.stringify(status))); });
  server.listen(0, '127.0.0.1', () => resolve(server.address().port));
});
Promise.all(Array.from({ length: workerData }, (_, n) => listen(n + 1))).then((ports) => parentPort.postMessage(ports));
`;

/** 50 real containers are found by name, inspected and asked who leads; then the command ends with the plan. */
export async function plan() {
  const { docker, images, why } = await engineOrWhy();
  if (why !== undefined) return [notMeasured(row.work, row.must, why)];
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
  const worker = new Worker(MEMBERS, { eval: true, workerData: NODES });
  const told = new Promise((resolve) => worker.once('message', resolve));
  const sleepers = await startSleepers(docker, { image: images.net, name: NAME, count: NODES });
  try {
    const ports = await told;
    const file = join(dir, 'fifty.drill.yaml');
    writeFileSync(file, drillOf(ports));
    const env = { ...process.env, FIREDRILL_STATE: join(dir, 'state'), NO_COLOR: '1' };
    const whole = processMs([process.execPath, cli, 'plan', file], { env, cwd: dir });
    const validate = processMs([process.execPath, cli, 'validate', file], { env, cwd: dir });
    return [{ ...row, measured: `${seconds(whole)} (of that ${seconds(validate)} start-up and validate)`, ok: whole < 1000 }];
  } finally {
    await sleepers.remove();
    await worker.terminate();
    rmSync(dir, { recursive: true, force: true });
  }
}

const drillOf = (ports) => `apiVersion: firedrill/v1
id: fifty
title: Fifty containers
kind: fault-injection
level: P1
environment: { name: bench, production: false }
roles: { commander: alice, technical: [bob, chen] }
target:
  registry: etcd
  driver: docker
  nodes:
${ports.map((port, n) => `    - { name: n${n + 1}, url: "http://127.0.0.1:${port}", container: ${NAME}${n + 1} }`).join('\n')}
traffic: {}
objectives: { rto: 10s }
phases:
  execute:
    - inject: node.kill
      on: { role: leader }
    - check: registry.writable
      within: 10s
    - recover: node.start
      on: { step: inject-node.kill }
`;
