/** etcd with users, roles and TLS on all its ports; every certificate is made by openssl, every user by etcdctl. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccessFiles } from '../../src/core/access.js';
import { systemClock as clock, pollUntil } from '../../src/core/clock.js';
import type { NodeSpec } from '../../src/core/drill.js';
import { invariant } from '../../src/core/errors.js';
import type { Cluster, TargetBinding } from '../../src/core/target.js';
import { registries } from '../../src/registries/index.js';
import { drivers } from '../../src/targets/index.js';

export const ROOT_PASSWORD = 'Drei-Chinesen-mit-dem-Kontrabass';
export const SHOP_PASSWORD = 'saßen-auf-der-Straße';

export interface Secured {
  readonly cluster: Cluster;
  readonly dir: string;
  readonly access: AccessFiles;
  /** As root, with certificates, through the first node or the one named. */
  readonly etcdctl: (args: readonly string[], as?: { readonly user: string; readonly node?: string }) => string;
  readonly reconnect: () => Cluster;
  readonly stop: () => Promise<void>;
}

/** Uses the ports `port` to `port` + 12. `bin`: folder of the programs; default: the PATH. */
export async function startSecuredEtcd(port: number, bin?: string): Promise<Secured> {
  const dir = await mkdtemp(join(tmpdir(), 'firedrill-secured-'));
  const programs = bin ?? '';
  const driver = drivers.find('process');
  invariant(driver, 'the catalog holds the process driver');
  const files = await certificates(join(dir, 'certs'));
  const nodes = nodesOf({ dir, port, program: join(programs, 'etcd'), files });
  const stop = async (): Promise<void> => {
    for (const node of nodes) await driver.signal(node, 'SIGKILL');
    await pollUntil(
      () => Promise.all(nodes.map((node) => driver.inspect(node))),
      (states) => states.every(({ state }) => state === 'gone'),
      { clock, withinMs: 5_000, everyMs: 20 },
    );
    await rm(dir, { recursive: true, force: true });
  };
  const etcdctl: Secured['etcdctl'] = (args, { user, node } = { user: '' }) => {
    const url = nodes.find(({ name }) => name === (node ?? 'n1'))?.url ?? '';
    const tls = ['--cacert', files.us.ca, '--cert', files.us.cert, '--key', files.us.key];
    const as = user === '' ? [] : ['--user', user];
    return execFileSync(join(programs, 'etcdctl'), ['--endpoints', url, ...tls, ...as, ...args], {
      env: { ...process.env, ETCDCTL_API: '3' },
      encoding: 'utf8',
      stdio: 'pipe',
    });
  };
  try {
    for (const node of nodes) await driver.start(node);
    await untilWritable(() => etcdctl(['put', '/up', 'yes']));
    giveUsers(etcdctl);
    const credentials = join(dir, 'credentials.yaml');
    const clients = `clients:\n  user: shop\n  password: "${SHOP_PASSWORD}"\n`;
    await writeFile(credentials, `user: root\npassword: "${ROOT_PASSWORD}"\n${clients}`);
    const access = { credentials, ...files.us };
    const registry = registries.find('etcd');
    invariant(registry, 'the catalog holds etcd');
    const identity = await registry.identify(nodes, { limitMs: 3_000, access });
    const common = { registry: 'etcd', lab: null, driver: 'process', prefix: '/services/' } as const;
    const binding: TargetBinding = { ...common, ...identity, nodes, access };
    const reconnect = (): Cluster => ({ binding, driver, registry: registry.connect(binding) });
    return { cluster: reconnect(), dir, access, etcdctl, reconnect, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function giveUsers(etcdctl: Secured['etcdctl']): void {
  etcdctl(['user', 'add', `root:${ROOT_PASSWORD}`]);
  etcdctl(['user', 'grant-role', 'root', 'root']);
  etcdctl(['role', 'add', 'registry']);
  for (const prefix of ['/services/', '/settings/']) {
    etcdctl(['role', 'grant-permission', 'registry', '--prefix=true', 'readwrite', prefix]);
  }
  etcdctl(['user', 'add', `shop:${SHOP_PASSWORD}`]);
  etcdctl(['user', 'grant-role', 'shop', 'registry']);
  etcdctl(['auth', 'enable']);
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
