/** A real ssh server for tests: the machine's own, or Debian's unpacked into the cache, without installing it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cache, findOnPath } from './cache.js';

const PACKAGES = ['openssh-server', 'libwrap0'];

export interface Sshd {
  readonly program: string;
  /** Where the libraries lie that came with it. */
  readonly env: Readonly<Record<string, string>>;
}

/** The server, or the sentence why it cannot be had. */
export function getSshd(): Sshd | string {
  if (existsSync('/usr/sbin/sshd')) return { program: '/usr/sbin/sshd', env: {} };
  const home = join(cache, 'openssh-debian');
  const program = join(home, 'usr/sbin/sshd');
  if (existsSync(program)) return { program, env: libraries(home) };
  if (!findOnPath('apt-get') || !findOnPath('dpkg')) return 'there is no sshd, and no apt-get to get it';
  const work = mkdtempSync(join(tmpdir(), 'firedrill-sshd-'));
  try {
    execFileSync('apt-get', ['download', ...PACKAGES], { cwd: work, stdio: 'pipe' });
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      execFileSync('dpkg', ['-x', join(work, file), join(work, 'root')], { stdio: 'pipe' });
    }
    mkdirSync(cache, { recursive: true });
    rmSync(home, { recursive: true, force: true });
    execFileSync('cp', ['-a', join(work, 'root'), `${home}.new`]);
    renameSync(`${home}.new`, home);
    return { program, env: libraries(home) };
  } catch (error) {
    return `openssh-server could not be downloaded: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function libraries(home: string): Readonly<Record<string, string>> {
  const lib = join(home, 'usr/lib');
  const folders = readdirSync(lib, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return { LD_LIBRARY_PATH: folders.map(({ name }) => join(lib, name)).join(':') };
}
