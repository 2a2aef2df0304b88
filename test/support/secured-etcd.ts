/** etcd with users, roles and TLS on all its ports; every certificate is made by openssl, every user by etcdctl. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccessFiles } from '../../src/core/access.js';
import { systemClock as clock, pollUntil } from '../../src/core/clock.js';
import type { NodeSpec } from '../../src/core/drill.js';
import { invariant } from '../../src/core/errors.js';
import type { LabState } from '../../src/core/lab.js';
import type { Cluster, TargetBinding } from '../../src/core/target.js';
import { registries } from '../../src/registries/index.js';
import { drivers } from '../../src/targets/index.js';
import type { RunningCluster } from './cluster.js';

export const ROOT_PASSWORD = 'Drei-Chinesen-mit-dem-Kontrabass';
export const SHOP_PASSWORD = 'saßen-auf-der-Straße';

export interface Secured extends RunningCluster {
  readonly dir: string;
  readonly reconnect: () => Cluster;
}

/** Uses the ports `port` to `port` + 12. `bin`: folder of the programs; default: the PATH. */
export async function startSecuredEtcd(port: number, bin = ''): Promise<Secured> {
  const dir = await mkdtemp(join(tmpdir(), 'firedrill-secured-'));
  const driver = drivers.find('process');
  const etcd = registries.find('etcd');
  invariant(driver && etcd, 'the catalogs hold processes and etcd');
  const files = await certificates(join(dir, 'certs'));
  const nodes = nodesOf({ dir, port, program: join(bin, 'etcd'), files });
  const stop = async (): Promise<void> => {
    for (const node of nodes) await driver.signal(node, 'SIGKILL');
    await pollUntil(
      () => Promise.all(nodes.map((node) => driver.inspect(node))),
      (states) => states.every(({ state }) => state === 'gone'),
      { clock, withinMs: 5_000, everyMs: 20 },
    );
    await rm(dir, { recursive: true, force: true });
  };
  try {
    for (const node of nodes) await driver.start(node);
    const credentials = join(dir, 'credentials.yaml');
    await writeFile(credentials, credentialsText(ROOT_PASSWORD));
    const access = { credentials, ...files.us };
    const target: Target = { binding: { nodes, access } };
    await untilWritable(() => securedEtcdctl(target, ['put', '/up', 'yes']));
    giveUsers((...args) => securedEtcdctl(target, args));
    const identity = await etcd.identify(nodes, { limitMs: 3_000, access });
    const common = { registry: 'etcd', lab: null, driver: 'process', prefix: '/services/' } as const;
    const binding: TargetBinding = { ...common, ...identity, nodes, access };
    const reconnect = (): Cluster => ({ binding, driver, registry: etcd.connect(binding) });
    const cluster = reconnect();
    const state: LabState = {
      name: 'etcd-3-secured',
      product: 'etcd',
      driver: 'process',
      nodes: nodes.map((node) => ({ ...node, pid: null })),
    };
    const ended = async (): Promise<void> => {
      cluster.registry.close();
      await stop();
    };
    return { cluster, dir, reconnect, state, stateRoot: dir, stop: ended };
  } catch (error) {
    await stop();
    throw error;
  }
}

export const credentialsText = (rootPassword: string): string =>
  `user: root\npassword: "${rootPassword}"\nclients:\n  user: shop\n  password: "${SHOP_PASSWORD}"\n`;

interface Target {
  readonly binding: Pick<TargetBinding, 'nodes' | 'access'>;
}

/** etcd's own tool with our certificates, as nobody or as `user:password`. Throws with what it says. */
export function securedEtcdctl(
  { binding: { nodes, access } }: Target,
  args: readonly string[],
  { as, node = nodes[0] }: { readonly as?: string; readonly node?: NodeSpec | undefined } = {},
): string {
  const { ca = '', cert = '', key = '' } = access ?? {};
  const tls = ['--cacert', ca, '--cert', cert, '--key', key];
  const user = as === undefined ? [] : ['--user', as];
  return execFileSync('etcdctl', ['--endpoints', node?.url ?? '', ...tls, ...user, ...args], {
    env: { ...process.env, ETCDCTL_API: '3' },
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

function giveUsers(etcdctl: (...args: readonly string[]) => string): void {
  etcdctl('user', 'add', `root:${ROOT_PASSWORD}`);
  etcdctl('user', 'grant-role', 'root', 'root');
  etcdctl('role', 'add', 'registry');
  for (const prefix of ['/services/', '/settings/']) {
    etcdctl('role', 'grant-permission', 'registry', '--prefix=true', 'readwrite', prefix);
  }
  etcdctl('user', 'add', `shop:${SHOP_PASSWORD}`);
  etcdctl('user', 'grant-role', 'shop', 'registry');
  etcdctl('auth', 'enable');
}

async function untilWritable(attempt: () => string): Promise<void> {
  const { reached } = await pollUntil(
    async () => {
      try {
        return attempt();
      } catch {
        // It has no leader yet.
        return null;
      }
    },
    (said) => said !== null,
    { clock, withinMs: 20_000, everyMs: 100 },
  );
  invariant(reached, 'the secured cluster takes writes');
}

interface Made {
  readonly dir: string;
  readonly port: number;
  readonly program: string;
  readonly files: { readonly node: Certificate; readonly us: Certificate };
}

type Certificate = Required<Pick<AccessFiles, 'ca' | 'cert' | 'key'>>;

function nodesOf({ dir, port, program, files }: Made): readonly NodeSpec[] {
  const { ca, cert, key } = files.node;
  const url = (at: number): string => `https://127.0.0.1:${at}`;
  const names = ['n1', 'n2', 'n3'];
  const cluster = names.map((name, i) => `${name}=${url(port + 10 + i)}`).join(',');
  const trust = { 'cert-file': cert, 'key-file': key, 'trusted-ca-file': ca };
  return names.map((name, i) => {
    const data = join(dir, name);
    const peerUrl = url(port + 10 + i);
    const flags = {
      name,
      'data-dir': data,
      'listen-client-urls': url(port + i),
      'advertise-client-urls': url(port + i),
      'listen-peer-urls': peerUrl,
      'initial-advertise-peer-urls': peerUrl,
      'initial-cluster': cluster,
      'initial-cluster-token': 'firedrill-secured',
      'initial-cluster-state': 'new',
      ...trust,
      ...Object.fromEntries(Object.entries(trust).map(([flag, value]) => [`peer-${flag}`, value])),
    };
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    return {
      name,
      url: url(port + i),
      // The data folder is one of two arguments that end in it in no other node.
      find: { by: 'argument', text: data },
      start: [program, ...args, '--client-cert-auth', '--peer-client-cert-auth'],
      cwd: dir,
      data,
      peerUrl,
    };
  });
}

/** One authority, a certificate for the nodes and one for us: etcd's gateway refuses clients whose own has a common name. */
async function certificates(dir: string): Promise<Made['files']> {
  await mkdir(dir);
  const at = (name: string): string => join(dir, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', [...args], { stdio: 'pipe' });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial'];
  openssl('req', '-x509', ...newKey, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '2', '-subj', '/CN=ca');
  await writeFile(at('ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n');
  for (const [name, subject] of [
    ['node', '/CN=node'],
    ['us', '/O=firedrill'],
  ] as const) {
    openssl('req', ...newKey, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`), '-subj', subject);
    const signed = ['-out', at(`${name}.pem`), '-days', '2', '-extfile', at('ext')];
    openssl('x509', '-req', '-in', at(`${name}.csr`), ...authority, ...signed);
  }
  const of = (name: string) => ({ ca: at('ca.pem'), cert: at(`${name}.pem`), key: at(`${name}.key`) });
  return { node: of('node'), us: of('us') };
}
