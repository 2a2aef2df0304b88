/** etcd as found on the PATH, or as the test set-up unpacked it from Debian's package. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { copyProgram } from './programs.mjs';

const unpacked = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'firedrill', 'etcd-debian', 'usr', 'bin');

const programs = () => {
  const dirs = [...(process.env.PATH ?? '').split(delimiter), unpacked];
  const dir = dirs.find((one) => existsSync(join(one, 'etcd')));
  if (dir === undefined) throw new Error('etcd is neither on the PATH nor in the cache');
  return ['etcd', 'etcdctl', 'etcdutl'].map((name) => join(dir, name)).filter(existsSync);
};

export const etcdImage = {
  tag: () => {
    const said = execFileSync(programs()[0], ['--version'], { encoding: 'utf8' });
    return `firedrill/etcd:${/etcd Version: (\S+)/.exec(said)?.[1] ?? 'unknown'}`;
  },
  fill: (root) => {
    for (const program of programs()) copyProgram(program, root, '/usr/local/bin');
  },
};
