/** An ssh server on 127.0.0.1 with keys of its own, and the config with which `ssh -F` reaches it by any host name. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { getSshd } from '../setup/sshd.js';
import type { CliHome } from './cli.js';
import { until } from './cli.js';

/** Why there is none, for `skipIf`; null = there is. As root the server needs a mount namespace for its own user. */
export function missingSshd(): string | null {
  const sshd = getSshd();
  return typeof sshd === 'string' ? sshd : null;
}

/** Ended with the home. Returns the path of the client's config; `closeSsh` ends the connections that it keeps. */
export async function startSshd(home: CliHome, port: number, hosts: readonly string[]): Promise<string> {
  const sshd = getSshd();
  if (typeof sshd === 'string') throw new Error(sshd);
  const at = (name: string): string => join(home.dir, name);
  for (const key of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(`ssh-${key}`)]);
  const server = [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${at('ssh-host')}`,
    `AuthorizedKeysFile ${at('ssh-user.pub')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin prohibit-password',
  ];
  writeFileSync(at('sshd_config'), `${server.join('\n')}\n`);
  const client = [
    `Host ${hosts.join(' ')}`,
    'HostName 127.0.0.1',
    `Port ${port}`,
    `IdentityFile ${at('ssh-user')}`,
    'IdentitiesOnly yes',
    'BatchMode yes',
    'StrictHostKeyChecking no',
    'UserKnownHostsFile /dev/null',
    'LogLevel ERROR',
    // One connection for all commands, as anybody would have it who asks twice a second.
    'ControlMaster auto',
    `ControlPath ${at('ssh-%n')}`,
    'ControlPersist 60',
  ];
  writeFileSync(at('ssh_config'), `${client.join('\n')}\n`);
  const serve = [sshd.program, '-D', '-e', '-f', at('sshd_config')];
  home.startProgram(process.getuid?.() === 0 ? withOwnUser(home, serve) : serve, { env: sshd.env });
  await until('sshd listens', () => listens(port));
  return at('ssh_config');
}

/** As root it wants a user `sshd` and /run/sshd: only it sees them, the machine is left as it is. */
function withOwnUser(home: CliHome, serve: readonly string[]): readonly string[] {
  const users = readFileSync('/etc/passwd', 'utf8');
  const passwd = join(home.dir, 'passwd');
  writeFileSync(passwd, /^sshd:/m.test(users) ? users : `${users}sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n`);
  const script = 'mount --bind "$0" /etc/passwd && mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec "$@"';
  return ['unshare', '--mount', 'sh', '-c', script, passwd, ...serve];
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const end = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true));
    socket.once('error', end(false));
  });

export function closeSsh(config: string, hosts: readonly string[]): void {
  for (const host of hosts) {
    // Without a connection there is nothing to end.
    spawnSync('ssh', ['-F', config, '-O', 'exit', host], { stdio: 'ignore' });
  }
}
