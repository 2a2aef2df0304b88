/** Backup, verify and restore of a large registry on a real etcd cluster, beside reading and writing it raw. */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { increments } from './increments.mjs';
import { cli, median, root, seconds } from './measure.mjs';

const SERVICES = 200;
/** As many as a restore of one service sends. */
const AT_ONCE = 16;
const MEMORY_MB = 300;

export async function backup({ runs, instances }) {
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
  const env = { ...process.env, FIREDRILL_STATE: join(dir, 'state'), FIREDRILL_LAB_PORT_BASE: process.env.FIREDRILL_LAB_PORT_BASE ?? '25400' };
  const firedrill = (...args) => watched([process.execPath, cli, ...args], env);
  try {
    const { stdout } = await firedrill('lab', 'up', 'etcd-3', '--driver', 'process', '--json');
    const [{ url }] = JSON.parse(stdout).nodes;
    const writesMs = await writeRaw(url, instances);
    const reads = [];
    const fulls = [];
    const verifies = [];
    let [archive, changes] = ['', 0];
    for (let run = 0; run < runs; run++) {
      reads.push(await watched([process.execPath, `${root}test/bench/read-raw.mjs`, url], env));
      fulls.push(await firedrill('backup', 'full', '--target', 'lab:etcd-3', '--to', join(dir, 'backups')));
      archive = fulls.at(-1).stdout.trim();
      verifies.push(await firedrill('backup', 'verify', archive));
    }
    cpSync(join(dir, 'backups'), join(dir, 'increment'), { recursive: true });
    const rows = await increments({
      take: async (folder) => {
        const { ms, stdout: path } = await firedrill('backup', 'incremental', '--target', 'lab:etcd-3', '--to', join(dir, folder));
        return { ms, archive: path.trim() };
      },
      change: (first, count) => writeRaw(url, count, { first, version: `2.${changes++}` }),
      instances,
      runs,
      full: { ms: median(fulls.map(({ ms }) => ms)), bytes: statSync(archive).size },
    });
    const restore = await firedrill('restore', archive, '--target', 'lab:etcd-3', '--into-non-empty');
    const read = median(reads.map(({ ms }) => ms));
    const full = median(fulls.map(({ ms }) => ms));
    const memory = Math.max(...fulls.map(({ peakMb }) => peakMb));
    const verify = median(verifies.map(({ ms }) => ms));
    const of = `${instances.toLocaleString('en')} instances (etcd)`;
    const count = Number(reads[0].stdout);
    if (count < instances) throw new Error(`read ${count} of ${instances} instances`);
    return [
      { work: `full backup of ${of}`, must: '≤ 2.5 × reading the same range raw', measured: `${seconds(full)} to ${seconds(read)}: ${(full / read).toFixed(2)} ×`, ok: full <= 2.5 * read },
      { work: 'the same: memory of the process at its peak', must: `< ${MEMORY_MB} MB`, measured: `${Math.round(memory)} MB (reading raw: ${Math.round(reads[0].peakMb)} MB)`, ok: memory < MEMORY_MB },
      { work: `verify of ${of}`, must: '< 5 s', measured: `${seconds(verify)} (${Math.round(verifies[0].peakMb)} MB)`, ok: verify < 5_000 },
      { work: `restore of ${of}`, must: `≤ 2 × the raw writes, ${AT_ONCE} at once`, measured: `${seconds(restore.ms)} to ${seconds(writesMs)}: ${(restore.ms / writesMs).toFixed(2)} × (${Math.round(restore.peakMb)} MB)`, ok: restore.ms <= 2 * writesMs },
      ...rows,
    ];
  } finally {
    spawnSync(process.execPath, [cli, 'recover'], { env });
    spawnSync(process.execPath, [cli, 'lab', 'down', 'etcd-3'], { env });
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Wall time and the peak of the resident memory of a whole process. */
function watched(argv, env) {
  return new Promise((resolve, reject) => {
    const from = performance.now();
    const child = spawn(argv[0], argv.slice(1), { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr, peakMb] = ['', '', 0];
    const timer = setInterval(() => {
      peakMb = peakOf(child.pid) ?? peakMb;
    }, 10);
    child.stdout.on('data', (part) => (stdout += part));
    child.stderr.on('data', (part) => (stderr += part));
    child.on('close', (code) => {
      clearInterval(timer);
      const ms = performance.now() - from;
      if (process.env.FIREDRILL_BENCH_TALKS) process.stderr.write(`${argv.slice(2).join(' ')}: ${Math.round(ms)} ms, ${Math.round(peakMb)} MB\n${stderr}`);
      if (code === 0) resolve({ ms, peakMb, stdout });
      else reject(new Error(`${argv.join(' ')} ended with ${code}: ${stderr}`));
    });
  });
}

/** The kernel keeps the peak, so that looking now and then is enough. Null = it is gone. */
function peakOf(pid) {
  try {
    const kb = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kb === undefined ? null : Number(kb) / 1024;
  } catch {
    return null;
  }
}

/** Puts through the gateway, nothing else; ms. */
async function writeRaw(url, instances, { first = 0, version = '1' } = {}) {
  const agent = new Agent({ keepAlive: true });
  const from = performance.now();
  let next = 0;
  const writer = async () => {
    for (let n = next++; n < instances; n = next++) await put(url, agent, instanceOf(first + n, version));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, writer));
  agent.destroy();
  return performance.now() - from;
}

function instanceOf(n, version) {
  const ip = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
  const value = { ip, port: 8080 + (n % 10), status: 'UP', metadata: { zone: `zone-${n % 3}`, version: `${version}.${n % 7}.0` } };
  return { key: `/services/service-${String(n % SERVICES).padStart(3, '0')}/${ip}:${value.port}`, value: JSON.stringify(value) };
}

function put(url, agent, { key, value }) {
  const body = JSON.stringify({ key: Buffer.from(key).toString('base64'), value: Buffer.from(value).toString('base64') });
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v3/kv/put`, { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': body.length } }, (response) => {
      response.resume();
      response.on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`put: ${response.statusCode}`))));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
