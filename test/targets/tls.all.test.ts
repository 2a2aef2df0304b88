/** An engine reached over TCP with certificates, as a remote one is: a lab and a drill on it, from the command line. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runDrill, stateIsClean, writeDrill } from '../e2e/scene.js';
import { type CliHome, cliHome } from '../support/cli.js';
import { copyImage, missingPrivateEngine, type PrivateEngine, privateEngine } from '../support/private-engine.js';

const LIMIT_MS = 180_000;
const PORT = 25_700;
const missing = missingPrivateEngine();

describe.skipIf(missing !== null)(`an engine over TLS ${missing ?? ''}`, () => {
  let certs: string;
  let engine: PrivateEngine;
  let home: CliHome;
  beforeAll(async () => {
    certs = makeCertificates();
    const files = ['--tlscacert', 'ca.pem', '--tlscert', 'cert.pem', '--tlskey', 'key.pem'];
    const paths = files.map((each) => (each.endsWith('.pem') ? join(certs, each) : each));
    engine = privateEngine('fd-disk-tls', ['--tlsverify', ...paths, '--host', `tcp://127.0.0.1:${PORT}`]);
    await engine.start();
    const image = process.env.FIREDRILL_TEST_IMAGE_ETCD ?? '';
    copyImage(engine, image);
    const remote = { DOCKER_HOST: `tcp://127.0.0.1:${PORT}`, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certs };
    home = cliHome(25_720, { ...process.env, ...remote, FIREDRILL_IMAGE_ETCD: image }, engine.inside);
  }, LIMIT_MS);
  afterAll(async () => {
    await home?.dispose();
    await engine?.dispose();
    rmSync(certs, { recursive: true, force: true });
  }, LIMIT_MS);

  test(
    'a lab comes up, a node is killed and started, and the lab goes down',
    async () => {
      const up = await home.run('lab', 'up', 'etcd-3', '--driver', 'docker');
      expect(up.code, up.stderr).toBe(0);
      const drill = writeDrill(home, {
        id: 'over-tls',
        target: { registry: 'etcd', lab: 'etcd-3', driver: 'docker' },
        execute: [
          { id: 'kill', inject: 'node.kill', on: { role: 'follower' } },
          { id: 'back', recover: 'node.start', on: { step: 'kill' } },
        ],
      });
      const { stderr } = await runDrill(home, drill, '--no-input');
      expect(stderr).toMatch(/effect node\.kill n\d/);
      expect(stderr).toMatch(/✓ back/);
      expect(stateIsClean(home)).toBe(true);
      const down = await home.run('lab', 'down', 'etcd-3');
      expect(down.code, down.stderr).toBe(0);
      expect(engine.docker('ps', '-aq')).toBe('');
    },
    LIMIT_MS,
  );

  test('without the certificates it is refused with a sentence, exit 4', async () => {
    const env = { DOCKER_TLS_VERIFY: '', DOCKER_CERT_PATH: '' };
    const { code, stderr } = await home.start(['lab', 'up', 'etcd-3', '--driver', 'docker'], { env }).ended;
    expect(stderr).toContain(`No Docker engine answers at tcp://127.0.0.1:${PORT}`);
    expect(code).toBe(4);
  });
});

/** A certificate authority, and one certificate for both ends. */
function makeCertificates(): string {
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-tls-'));
  const openssl = (...args: readonly string[]): unknown => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  const key = ['-newkey', 'rsa:2048', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca-key.pem',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=firedrill test',
    '-days',
    '2',
  );
  openssl('req', ...key, '-keyout', 'key.pem', '-out', 'csr.pem', '-subj', '/CN=127.0.0.1');
  writeFileSync(join(dir, 'ext'), 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n');
  const signer = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial'];
  openssl('x509', '-req', '-in', 'csr.pem', ...signer, '-out', 'cert.pem', '-days', '2', '-extfile', 'ext');
  return dir;
}
