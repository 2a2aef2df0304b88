/** Drills on a cluster with users and TLS, as a user runs them; the passwords are nowhere but in their own file. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, said } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import {
  credentialsText,
  ROOT_PASSWORD,
  type Secured,
  SHOP_PASSWORD,
  securedEtcdctl,
  startSecuredEtcd,
} from '../support/secured-etcd.js';
import { runDrill, runOf, startDrill, stateIsClean, writeDrill } from './scene.js';
import { expectNoSecret } from './secrecy.js';

const LIMIT_MS = 120_000;
const ENVIRONMENT = { name: 'secured', production: false };
const UNATTENDED = ['--no-input', '--confirm=secured'];
const WRONG_PASSWORD = 'Drei-Chinesen-ohne-Kontrabass';
const SECRETS = [ROOT_PASSWORD, SHOP_PASSWORD, WRONG_PASSWORD];
const why = missingLab('etcd-3');

describe.skipIf(why !== null)(`a cluster with users and TLS${why === null ? '' : `: ${why}`}`, () => {
  let home: CliHome;
  let secured: Secured;
  let outputs: string[] = [];
  beforeAll(async () => {
    home = cliHome(24_800);
    secured = await startSecuredEtcd(24_860);
  });
  afterAll(async () => {
    await home?.dispose();
    await secured?.stop();
  });

  const target = (credentials = 'credentials.yaml') => {
    const { ca, cert, key } = secured.cluster.binding.access ?? {};
    const nodes = secured.cluster.binding.nodes.map(({ name, url, start, cwd, data, peerUrl }) => ({
      ...{ name, url, start, cwd, data, peerUrl },
      argument: data,
    }));
    return {
      registry: 'etcd',
      driver: 'process',
      nodes,
      credentials: { file: join(secured.dir, credentials) },
      tls: { ca, cert, key },
    };
  };
  const rules = (): string =>
    securedEtcdctl(secured.cluster, ['role', 'get', 'registry'], { as: `root:${ROOT_PASSWORD}` });

  test(
    'the clients lose their rules, are refused, and go on once these are back',
    async () => {
      const before = rules();
      const file = writeDrill(home, {
        id: 'access-lost',
        kind: 'fault-injection',
        target: target(),
        environment: ENVIRONMENT,
        objectives: { rto: '30s', rpo: { time: '5m', records: 0 }, stableFor: '2s' },
        traffic: {
          services: 2,
          instances: 6,
          writes: '10/s',
          reads: '10/s',
          lease: '12s',
          requestLimit: '2s',
          settle: '1s',
        },
        steadyState: [{ probe: 'registry.writable', within: '10s' }],
        phases: {
          prepare: [{ id: 'backup', backup: 'full' }],
          verify: [
            { id: 'by-count', check: 'integrity.count' },
            { id: 'by-hash', check: 'integrity.hash' },
            { id: 'by-function', check: 'integrity.functional' },
          ],
        },
        execute: [
          { id: 'lose-rules', inject: 'data.access-lost' },
          { id: 'nobody-notices', wait: '3s' },
          { id: 'put-back', heal: 'lose-rules' },
          { id: 'writable-again', check: 'registry.writable', within: '15s' },
          { id: 'watch', wait: '4s' },
        ],
      });
      const ended = await runDrill(home, file, ...UNATTENDED);
      outputs = [...outputs, ended.stdout, ended.stderr];
      const run = runOf(home, 'access-lost');
      expect(ended.code, ended.stderr).toBe(0);
      expect(run.result).toMatchObject({ valid: true, outcome: 'pass', residue: { checked: true, left: [] } });
      expect(run.result.faults).toMatchObject([{ name: 'data.access-lost', confirmed: true, reverted: true }]);
      const on = run.of('fault.confirmed').find(({ bitten }) => bitten === true)?.observedMs ?? 0;
      const off = run.of('step.started').find(({ step }) => step === 'put-back')?.ms ?? 0;
      const meanwhile = run.of('attempt').filter(({ issuedMs, endedMs }) => issuedMs > on && endedMs < off);
      for (const op of ['register', 'discover']) {
        const attempts = meanwhile.filter((attempt) => attempt.op === op);
        expect(attempts.length).toBeGreaterThan(10);
        expect(attempts.filter(({ outcome }) => outcome === 'ok')).toEqual([]);
        expect(attempts.some(({ reason }) => reason?.includes('permission denied'))).toBe(true);
      }
      const rto = run.result.objectives.find(({ id }) => id === 'rto');
      expect(rto?.measuredMs).toBeGreaterThan(2_900);
      expect(rto?.measuredMs).toBeLessThan(20_000);
      expect(rules()).toBe(before);
    },
    LIMIT_MS,
  );

  test(
    'killed while it is on: another process reads the credentials again, and puts the rules back',
    async () => {
      const before = rules();
      const file = writeDrill(home, {
        id: 'access-killed',
        target: target(),
        environment: ENVIRONMENT,
        execute: [
          { id: 'lose-rules', inject: 'data.access-lost' },
          { id: 'hold', wait: '1m' },
        ],
      });
      const started = startDrill(home, file, ...UNATTENDED);
      await said(started, '→ hold');
      started.child.kill('SIGKILL');
      const ended = await started.ended;
      expect(rules()).not.toBe(before);
      // What the dead run left in the state folder must not hold a secret either.
      expectNoSecret(SECRETS, { dir: home.dir, texts: [ended.stderr] });
      const recovered = await home.run('recover');
      outputs = [...outputs, ended.stdout, ended.stderr, recovered.stdout, recovered.stderr];
      expect(recovered.code, recovered.stderr).toBe(0);
      expect(rules()).toBe(before);
      expect(stateIsClean(home)).toBe(true);
    },
    LIMIT_MS,
  );

  test(
    'a wrong password, a missing file and an unknown authority are each told in a sentence, at once',
    async () => {
      writeFileSync(join(secured.dir, 'wrong.yaml'), credentialsText(WRONG_PASSWORD));
      const noAuthority = { ...target(), tls: {} };
      const noFile = /Cannot read .*none\.yaml: ENOENT/;
      const noTrust = /self-signed certificate in certificate chain|unable to verify/;
      for (const [written, found, sentence] of [
        [
          target('wrong.yaml'),
          /n1: 127\.0\.0\.1:\d+ refuses this user and password/,
          /could not log in: .*authentication failed|refuses this user and password/,
        ],
        [target('none.yaml'), noFile, noFile],
        [noAuthority, noTrust, noTrust],
      ] as const) {
        const file = writeDrill(home, {
          id: 'not-let-in',
          target: written,
          environment: ENVIRONMENT,
          execute: [{ id: 'look', check: 'registry.leader', within: '2s' }],
        });
        const startedMs = performance.now();
        const doctor = await home.run('doctor', '--target', file);
        const ran = await runDrill(home, file, ...UNATTENDED);
        expect(performance.now() - startedMs).toBeLessThan(15_000);
        expect(doctor.code).toBe(1);
        expect(doctor.stdout).toMatch(found);
        expect(ran.code, ran.stderr).toBe(4);
        expect(ran.stderr).toMatch(sentence);
        outputs = [...outputs, doctor.stdout, doctor.stderr, ran.stdout, ran.stderr];
      }
    },
    LIMIT_MS,
  );

  test('no password is in any file that Firedrill wrote, or in anything it said', () => {
    expect(readdirSync(home.reports).length).toBeGreaterThan(0);
    expectNoSecret(SECRETS, { dir: home.dir, texts: outputs });
  });
});
