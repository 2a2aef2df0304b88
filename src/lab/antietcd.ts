import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bi } from '../core/text.js';
import { etcdLabClient } from './etcd-client.js';
import { type LabKind, local, NODE_NAMES } from './kind.js';

const USUAL_PORT = 23791;

/**
 * Short timers, so that an election takes about a second; `stale_read 0`: every read asks the leader. No locks: with
 * them a follower of antietcd 1.3.1 ends itself (“BUG: revision … not locked”) when it is re-synchronised between a write
 * and its release, seen when a node comes back under traffic. What is given up: a read may see a write before it is
 * acknowledged.
 *
 * A leader of tinyraft counts only the others' answers: with one of three nodes down it would miss “the majority”, step
 * down after every `leadership_timeout`, and be elected again, for ever. So it keeps its place; a leader without a majority
 * still acknowledges nothing, since a write needs every follower, and one that does not take it calls a vote.
 */
const FLAGS = {
  persist_interval: 0,
  election_timeout: 1000,
  heartbeat_timeout: 200,
  leadership_timeout: 600_000,
  reconnect_interval: 200,
  stale_read: 0,
  use_locks: 0,
};

const dataPath = (dir: string, node: string): string => join(dir, `${node}.json.gz`);

/** The embedded one: antietcd comes with Firedrill from npm. */
export function antietcd3(basePort = USUAL_PORT): LabKind {
  const cluster = NODE_NAMES.map((name, i) => `${name}=${local(basePort + i)}`).join(',');
  return {
    name: 'antietcd-3',
    title: bi('three antietcd processes (embedded)', '三个 antietcd 进程（内置）'),
    product: 'antietcd',
    missing: async () =>
      appPath() === null
        ? bi(
            'the npm package antietcd is missing: run `npm ci` in the Firedrill checkout',
            '缺少 npm 软件包 antietcd：请在 Firedrill 目录中运行 `npm ci`',
          )
        : null,
    dataPath,
    // Every connection between two nodes that opens starts an election; they are tried every 200 ms.
    settleMs: 300,
    client: async () => etcdLabClient,
    nodes: async (dir) =>
      NODE_NAMES.map((name, i) => {
        const data = dataPath(dir, name);
        const flags = {
          ip: '127.0.0.1',
          port: basePort + i,
          data,
          node_id: name,
          cluster_key: 'firedrill',
          cluster,
          ...FLAGS,
        };
        const argv = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
        return {
          name,
          url: local(basePort + i),
          find: { by: 'argument', text: data },
          start: [process.execPath, appPath() ?? '', ...argv],
          cwd: dir,
          data,
        };
      }),
  };
}

function appPath(): string | null {
  try {
    return join(createRequire(import.meta.url).resolve('antietcd/package.json'), '..', 'antietcd-app.js');
  } catch {
    // Not installed: `missing` says so.
    return null;
  }
}
