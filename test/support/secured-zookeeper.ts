/** The lab zookeeper-3 with client ports that speak TLS only and ask for certificates, and access lists on its folders. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AccessFiles } from '../../src/core/access.js';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import { invariant } from '../../src/core/errors.js';
import type { Cluster } from '../../src/core/target.js';
import { registries } from '../../src/registries/index.js';
import { heal } from '../registries/contract/tools.js';
import { startLab } from './cluster.js';

const USER = 'alice';
const PASSWORD = 'se:cret';
const LIMIT = { limitMs: 3_000 };
/** All that the lab's demo data has made, the root too. */
const GUARDED = [
  '/',
  '/settings',
  '/services',
  ...['order', 'user', 'payment'].map((one) => `/services/${one}-service`),
];

export interface Secured {
  readonly cluster: Cluster;
  readonly access: Required<AccessFiles>;
  /** The same cluster for somebody with other files. */
  readonly as: (access: AccessFiles, scheme?: string) => Cluster;
  readonly stop: () => Promise<void>;
}

export async function startSecured(basePort: number, env = process.env): Promise<Secured> {
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-secured-'));
  const access = makeFiles(dir);
  const lab = await startLab('zookeeper-3', basePort, env);
  const stop = async (): Promise<void> => {
    await lab.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const { binding, driver } = lab.cluster;
    for (const node of binding.nodes) {
      await driver.signal(node, 'SIGKILL');
      await pollUntil(
        () => driver.inspect(node),
        ({ state }) => state === 'gone',
        { clock: systemClock, withinMs: 5_000, everyMs: 10 },
      );
      encrypt(join(dirname(node.data ?? ''), 'zoo.cfg'), new URL(node.url).port, dir);
    }
    const as: Secured['as'] = (files, scheme = 'zookeepers') => {
      const nodes = binding.nodes.map((node) => ({ ...node, url: node.url.replace(/^zookeepers?/, scheme) }));
      const bound = { ...binding, nodes, access: files };
      const registry = registries.find('zookeeper')?.connect(bound);
      invariant(registry, 'there is an adapter');
      return { ...lab.cluster, binding: bound, registry };
    };
    const cluster = as(access);
    for (const node of cluster.binding.nodes) await driver.start(node);
    await guard(cluster);
    await heal(cluster);
    return {
      cluster,
      access,
      as,
      stop: async () => {
        cluster.registry.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function guard({ registry }: Cluster): Promise<void> {
  const rules = GUARDED.map((resource) => ({ subject: `digest:${USER}:${HASH}`, resource, rights: 'cdrwa' }));
  const { reached, value } = await pollUntil(
    async () => registry.access?.putBack('n1', rules, LIMIT),
    (answer) => answer?.outcome === 'ok',
    { clock: systemClock, withinMs: 60_000, everyMs: 100 },
  );
  invariant(reached, `the access lists could be set: ${JSON.stringify(value)}`);
}

/** As `DigestAuthenticationProvider` makes it: SHA-1 of user and password. */
const HASH = execFileSync('openssl', ['dgst', '-sha1', '-binary'], { input: `${USER}:${PASSWORD}` }).toString('base64');

function encrypt(file: string, port: string, dir: string): void {
  const plain = readFileSync(file, 'utf8').replace(/;127\.0\.0\.1:\d+$/gm, '');
  const settings = [
    `secureClientPort=${port}`,
    'secureClientPortAddress=127.0.0.1',
    'serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory',
    `ssl.keyStore.location=${join(dir, 'server.pem')}`,
    `ssl.trustStore.location=${join(dir, 'ca.pem')}`,
  ];
  writeFileSync(file, `${plain}${settings.join('\n')}\n`);
}

function makeFiles(dir: string): Required<AccessFiles> {
  const path = (name: string): string => join(dir, name);
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  const key = ['-newkey', 'rsa:2048', '-nodes'] as const;
  openssl('req', '-x509', ...key, '-days', '2', '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=authority');
  writeFileSync(path('names'), 'subjectAltName=IP:127.0.0.1');
  for (const name of ['server', 'client']) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signing, '-out', `${name}.crt`);
  }
  writeFileSync(path('server.pem'), `${readFileSync(path('server.key'))}${readFileSync(path('server.crt'))}`);
  writeFileSync(path('me.yaml'), `user: ${USER}\npassword: "${PASSWORD}"\n`);
  return { credentials: path('me.yaml'), ca: path('ca.pem'), cert: path('client.crt'), key: path('client.key') };
}
