/** What a helper needs in a node's network namespace: iptables, tc, ip, ss; ping, nc and a shell from busybox. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Raise it when the contents change: the tag is the cache's key. */
const VERSION = '1';
const PACKAGES = ['iptables', 'iproute2', 'busybox-static'];
const APPLETS = 'sh cat echo sleep nc ping wget ls ps kill env true false dd rm mkdir head tail date stat grep'.split(' ');

export const netImage = {
  tag: () => `firedrill/net:${VERSION}`,
  fill: (root) => {
    const work = mkdtempSync(join(tmpdir(), 'firedrill-net-'));
    try {
      execFileSync('apt-get', ['download', ...withLibraries(PACKAGES)], { cwd: work, stdio: 'pipe' });
      for (const file of readdirSync(work)) execFileSync('dpkg', ['-x', join(work, file), root], { stdio: 'pipe' });
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    for (const folder of ['doc', 'man', 'locale', 'lintian', 'bash-completion']) {
      rmSync(join(root, 'usr', 'share', folder), { recursive: true, force: true });
    }
    // Debian sets these by its alternatives when the package is configured.
    for (const name of ['iptables', 'iptables-save', 'iptables-restore']) {
      link(root, `/usr/sbin/${name}`, 'xtables-nft-multi');
    }
    for (const applet of APPLETS) link(root, `/bin/${applet}`, 'busybox');
  },
};

function link(root, path, to) {
  mkdirSync(join(root, path, '..'), { recursive: true });
  if (!existsSync(join(root, path))) symlinkSync(to, join(root, path));
}

/** The packages and every library package below them; no scripts run, so nothing else is needed. */
function withLibraries(packages) {
  const args = ['depends', '--recurse', '--important', '--no-conflicts', '--no-breaks', '--no-replaces', ...packages];
  const said = execFileSync('apt-cache', args, { encoding: 'utf8' });
  const named = said.split('\n').filter((line) => /^[a-z0-9]/.test(line));
  const libraries = named.filter((name) => /^(?:lib|zlib)/.test(name) && !/perl|debconf/.test(name));
  return [...new Set([...packages, ...libraries])];
}
