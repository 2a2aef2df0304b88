/** Drills on containers, with the built command line: a lab, the user's own containers, and engines that are not there. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, repo } from '../support/cli.js';

const missing = process.env.FIREDRILL_MISSING_DOCKER ?? process.env.FIREDRILL_MISSING_ETCD ?? null;
const BASE_PORT = 25_300;
const NAME = `firedrill-etcd-3-${BASE_PORT}`;
const env = { FIREDRILL_IMAGE_ETCD: process.env.FIREDRILL_TEST_IMAGE_ETCD };
const docker = (...args: readonly string[]): string => execFileSync('docker', args, { encoding: 'utf8' }).trim();
const held = (): readonly string[] => [
  docker('ps', '-a', '--filter', `name=${NAME}`, '--format', '{{.Names}}'),
  docker('network', 'ls', '--filter', `name=${NAME}`, '--format', '{{.Name}}'),
  docker('volume', 'ls', '-q'),
];

function drillOn(target: string): string {
  const text = readFileSync(join(repo, 'drills/leader-killed.drill.yaml'), 'utf8');
  return text.replace(/^target:.*$/m, target);
}

describe.skipIf(missing !== null)(`drills on containers ${missing ?? ''}`, () => {
  let home: CliHome;
  beforeEach(() => {
    home = cliHome(BASE_PORT);
  });
  afterEach(() => home.dispose());

  const firedrill = (...args: readonly string[]) => home.start(args, { cwd: home.dir, env }).ended;
  function write(target: string): string {
    const path = join(home.dir, 'x.drill.yaml');
    writeFileSync(path, drillOn(target));
    return path;
  }

  test('leader-killed on the lab in containers: valid, passed, nothing left', async () => {
    const before = held();
    const { code, stdout } = await firedrill(
      'run',
      write('target: { registry: etcd, lab: etcd-3, driver: docker }'),
      '--progress',
      'plain',
    );
    expect(stdout).toContain('Passed.');
    expect(code).toBe(0);
    const [run] = readdirSync(home.reports);
    const result = JSON.parse(readFileSync(join(home.reports, run ?? '', 'result.json'), 'utf8'));
    expect(result.recovery[0]).toMatchObject({ step: 'kill-leader' });
    const plan = JSON.parse(readFileSync(join(home.reports, run ?? '', 'plan.json'), 'utf8'));
    expect(plan.target.binding).toMatchObject({ driver: 'docker', lab: 'etcd-3' });
    expect(plan.target.members[0].restartPolicy).toEqual({ name: 'on-failure', bringsBack: true });
    expect(held()).toEqual(before);
  });

  test('the user’s own containers: found by label and by name, planned with who brings them back', async () => {
    const up = await firedrill('lab', 'up', 'etcd-3', '--driver', 'docker', '--json');
    const { nodes, driver } = JSON.parse(up.stdout);
    expect(driver).toBe('docker');
    const [n1, n2, n3] = nodes;
    const own = [
      `target:`,
      `  registry: etcd`,
      `  driver: docker`,
      `  nodes:`,
      `    - { name: n1, url: "${n1.url}", container: ${n1.container} }`,
      `    - { name: n2, url: "${n2.url}", container: ${n2.container} }`,
      `    - { name: n3, url: "${n3.url}", container: ${n3.container} }`,
    ].join('\n');
    const planned = await firedrill('plan', write(own), '--lang', 'en');
    expect(planned.stdout).toContain('brought back by the engine');
    expect(planned.stdout).toContain('not after node.kill');
    expect(planned.code).toBe(0);

    const typo = own.replace(`container: ${n2.container}`, `container: ${n2.container}x`);
    const refused = await firedrill('plan', write(typo));
    expect(refused).toMatchObject({
      code: 4,
      stderr: expect.stringContaining(`there is no container ${n2.container}x`),
    });
    expect(refused.stderr).toContain(`Did you mean “${n2.container}”?`);
  });

  test('bad input: one sentence, exit 4, nothing made', async () => {
    const before = held();
    const drill = write('target: { registry: etcd, lab: etcd-3, driver: docker }');
    const nowhere = { DOCKER_HOST: `unix://${join(home.dir, 'none.sock')}` };
    for (const args of [
      ['lab', 'up', 'etcd-3', '--driver', 'docker'],
      ['run', drill],
    ]) {
      const noEngine = await home.start(args, { cwd: home.dir, env: { ...env, ...nowhere } }).ended;
      expect(noEngine).toMatchObject({
        code: 4,
        stderr: expect.stringContaining('No Docker engine answers at unix://'),
      });
      expect(noEngine.stderr).not.toContain('    at ');
    }
    const noImage = await home.start(['run', drill, '--lang', 'zh'], {
      cwd: home.dir,
      env: { FIREDRILL_IMAGE_ETCD: '127.0.0.1:25997/etcd:0' },
    }).ended;
    expect(noImage).toMatchObject({ code: 4, stderr: expect.stringContaining('无法获取镜像 127.0.0.1:25997/etcd:0') });
    expect(await firedrill('lab', 'up', 'etcd-3', '--driver', 'podman')).toMatchObject({ code: 2 });
    expect(held()).toEqual(before);
    expect(readdirSync(home.dir)).not.toContain('state');
  });
});
