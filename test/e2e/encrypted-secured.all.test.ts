/** On real etcd with users: encrypted chains that age, tar and jq open; and neither password nor key in anything written. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingAge, withAge } from '../setup/age.js';
import { type CliHome, cliHome, type Ended } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import {
  ROOT_PASSWORD,
  type Secured,
  SHOP_PASSWORD,
  securedEtcdctl,
  startSecuredEtcd,
} from '../support/secured-etcd.js';
import { runOf, writeDrill } from './scene.js';
import { expectNoSecret } from './secrecy.js';

const LIMIT_MS = 120_000;
const PHRASE = 'vier Geigen ohne Kontrabass';
const why = missingLab('etcd-3') ?? missingAge();

describe.skipIf(why !== null)(`encrypted backups of etcd with users ${why ?? ''}`, () => {
  let home: CliHome;
  let secured: Secured;
  let file: string;
  let identity: string;
  let key: readonly string[];
  let to: readonly string[];
  const outputs: string[] = [];
  beforeAll(async () => {
    home = cliHome(18_600);
    secured = await startSecuredEtcd(18_650);
    const at = (name: string): string => join(home.dir, name);
    program('age-keygen', '-o', at('key.txt'));
    identity = program('grep', '-v', '^#', at('key.txt')).trim();
    writeFileSync(at('key.pub'), program('age-keygen', '-y', at('key.txt')));
    writeFileSync(at('phrase'), `${PHRASE}\n`);
    key = ['--identity', at('key.txt')];
    to = ['--encrypt-to', at('key.pub')];
    file = writeDrill(home, {
      id: 'secured',
      target: target(),
      environment: { name: 'secured', production: false },
      execute: [
        { id: 'backup', backup: 'full' },
        { id: 'broken', inject: 'service.delete', with: { service: 'shop' } },
        { id: 'back', restore: 'latest' },
      ],
    });
    await put('shop', 'a', 'one');
  }, LIMIT_MS);
  afterAll(async () => {
    await home?.dispose();
    await secured?.stop();
  });

  const program = (name: string, ...args: readonly string[]): string =>
    execFileSync(name, [...args], { cwd: home.dir, env: withAge(), encoding: 'utf8', stdio: 'pipe' });
  const etcdctl = (...args: readonly string[]): string =>
    securedEtcdctl(secured.cluster, args, { as: `root:${ROOT_PASSWORD}` });
  const put = async (service: string, instance: string, value: string): Promise<string> =>
    etcdctl('put', `/services/${service}/${instance}`, value);
  const held = (): string => etcdctl('get', '/services/', '--prefix');
  const revision = (): unknown => JSON.parse(etcdctl('endpoint', 'status', '-w', 'json'))[0].Status.header.revision;

  const target = () => {
    const { ca, cert, key: own } = secured.cluster.binding.access ?? {};
    const nodes = secured.cluster.binding.nodes.map(({ name, url, start, cwd, data, peerUrl }) => ({
      ...{ name, url, start, cwd, data, peerUrl },
      argument: data,
    }));
    const credentials = { file: join(secured.dir, 'credentials.yaml') };
    return { registry: 'etcd', driver: 'process', nodes, credentials, tls: { ca, cert, key: own } };
  };

  async function run(...args: readonly string[]): Promise<Ended> {
    const ended = await home.run(...args);
    outputs.push(ended.stdout, ended.stderr);
    return ended;
  }
  async function taken(mode: 'full' | 'incremental', dir: string, ...keys: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run('backup', mode, '--target', file, '--to', dir, '--json', ...keys);
    expect(code, stderr).toBe(0);
    const made: { path: string; type: string } = JSON.parse(stdout);
    expect(made.type).toBe(mode);
    return made.path;
  }
  const folder = (): string => mkdtempSync(join(home.dir, 'backups-'));

  test(
    'a chain is made without its key, opens with age, tar and jq, and is restored with the key',
    async () => {
      const dir = folder();
      const full = await taken('full', dir, ...to);
      await put('shop', 'b', 'two');
      // By etcd's own history and the label: what is encrypted stays closed.
      const increment = await taken('incremental', dir, ...to);
      const before = held();
      const jq = (path: string, filter: string): string =>
        program('sh', '-c', `age -d -i key.txt ${path} | tar -xzO snapshot.json | jq -c '${filter}'`).trim();
      expect(jq(full, '[.services[].instances[].id]')).toBe('["a"]');
      expect(jq(increment, '[.services[].instances[] | [.id, .raw]]')).toBe('[["b","two"]]');
      program(
        'sh',
        '-c',
        `mkdir out && age -d -i key.txt ${full} | tar -xzC out && cd out && sha256sum -c backup.sha256`,
      );
      expect(readdirSync(join(home.dir, 'out'))).toContain('etcd-snapshot.db');

      const verified = await run('backup', 'verify', increment, '--out', join(home.dir, 'verified'), ...key);
      expect(verified.code, verified.stdout).toBe(0);
      etcdctl('put', '/services/shop/b', 'broken');
      const at = revision();
      const refused = await run('restore', dir, '--target', file, '--into-non-empty');
      expect(refused.code).toBe(4);
      expect(refused.stderr).toMatch(/no key was given/);
      expect(revision()).toBe(at);
      const restored = await run('restore', dir, '--target', file, '--into-non-empty', '--into-other-cluster', ...key);
      expect(restored.code, restored.stderr).toBe(0);
      expect(held()).toBe(before);
    },
    LIMIT_MS,
  );

  test(
    'an archive of another cluster is refused by its id, before anything is touched; under a passphrase too',
    async () => {
      const dir = folder();
      const phrase = ['--passphrase-file', join(home.dir, 'phrase')];
      const old = await taken('full', dir, ...phrase);
      // A full restore gives etcd a new id.
      const restored = await run('restore', old, '--target', file, '--into-non-empty', ...phrase);
      expect(restored.code, restored.stderr).toBe(0);
      const at = revision();
      const refused = await run('restore', old, '--target', file, '--into-non-empty', ...phrase);
      expect(refused.code).toBe(4);
      expect(refused.stderr).toMatch(/was made of cluster \S+, and this is cluster \S+; nothing was touched/);
      expect(revision()).toBe(at);
    },
    LIMIT_MS,
  );

  test(
    'a drill with credentials and keys at hand leaves neither in its journal, its reports or its state',
    async () => {
      const environment = {
        FIREDRILL_IDENTITY: join(home.dir, 'key.txt'),
        FIREDRILL_PASSPHRASE_FILE: join(home.dir, 'phrase'),
      };
      const startedMs = performance.now();
      const started = home.start(['run', file, '--out', home.reports, '--no-input', '--confirm=secured'], {
        env: environment,
      });
      const ended = await started.ended;
      outputs.push(ended.stdout, ended.stderr);
      const { dir, of } = runOf(home, 'secured');
      // On nodes that have just been restored, nobody waits for a login of before.
      expect(ended.stderr).toMatch(/✓ back {2}/);
      expect(ended.stderr).toMatch(/✓ registrations {2}[\d.]+ (?:ms|s) /);
      expect(performance.now() - startedMs).toBeLessThan(30_000);
      expect(of('backup.written')).toHaveLength(1);
      for (const name of ['journal.jsonl', 'result.json', 'report.md', 'report.html']) {
        expect(existsSync(join(dir, name)), name).toBe(true);
      }
      expect(outputs.join('').length).toBeGreaterThan(1_000);
      expectNoSecret([ROOT_PASSWORD, SHOP_PASSWORD, PHRASE, identity], {
        dir: home.dir,
        texts: outputs,
        except: [join(home.dir, 'key.txt'), join(home.dir, 'phrase')],
      });
    },
    LIMIT_MS,
  );
});
