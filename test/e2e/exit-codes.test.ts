/** Each exit code of `help exit-codes` that has no test of its own elsewhere (0, 1: verdicts; 5, 6, 130: interrupts). */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, type Ended, processState, until } from '../support/cli.js';
import { type LyingRegistry, startLyingRegistry } from '../truth/lying-registry.js';
import {
  agreedContent,
  deadOf,
  frozenOf,
  type LabNode,
  labUp,
  leaderKilledDrill,
  ownNodes,
  runDrill,
  runOf,
  stateIsClean,
  writeDrill,
} from './scene.js';

let home: CliHome;
let nodes: readonly LabNode[];
let before: Readonly<Record<string, string>>;
beforeAll(async () => {
  home = cliHome(29_300);
  nodes = await labUp(home);
  before = await agreedContent(nodes);
});
afterAll(() => home.dispose());

async function expectUntouched(): Promise<void> {
  expect(deadOf(nodes)).toEqual([]);
  expect(frozenOf(nodes)).toEqual([]);
  expect(await agreedContent(nodes)).toEqual(before);
  expect(stateIsClean(home)).toBe(true);
}

const FREEZE = { id: 'freeze', inject: 'node.freeze', on: { role: 'follower' } };

describe('3: the file is not valid', () => {
  test('every problem at once, each with its place; nothing is touched', async () => {
    const bad = writeDrill(home, {
      id: 'bad',
      kind: 'parcial',
      safty: {},
      execute: [
        { id: 'same', inject: 'node.freez', on: { role: 'follower' } },
        { id: 'same', wait: 'soon' },
        { heal: 'nobody' },
      ],
    });
    const says = ['“partial”', '“safety”', '“node.freeze”', '“soon”', '“same”', '“nobody”'];
    for (const command of [['validate'], ['plan'], ['run']]) {
      const { code, stdout, stderr } = await home.run(...command, bad);
      for (const text of says) expect(stdout + stderr).toContain(text);
      expect(stdout + stderr).toMatch(/bad\.drill\.yaml:4:\d+/);
      expect(code).toBe(3);
    }
    await expectUntouched();
  });

  test.each([
    { what: 'no such file', write: null },
    { what: 'binary', write: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0xff, 0xfe]) },
    { what: 'empty', write: Buffer.from('') },
    { what: 'broken YAML', write: Buffer.from('id: [1, 2\n  x: }') },
  ])('$what', async ({ what, write }) => {
    const path = join(home.dir, `${what.replaceAll(' ', '-')}.drill.yaml`);
    if (write !== null) writeFileSync(path, write);
    const { code, stderr, stdout } = await runDrill(home, path);
    expect(code).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toContain(path);
    expect(stderr).not.toContain('    at ');
  });
});

describe('4: refused before anything is broken', () => {
  const refused = async (end: Ended, says: string | RegExp): Promise<void> => {
    expect(end.stderr).toMatch(says);
    expect(end.stderr).not.toContain('effect node');
    expect(end.code).toBe(4);
  };

  test.each([
    { what: 'no node matches', says: /nowhere/, parts: { execute: [{ ...FREEZE, on: { site: 'nowhere' } }] } },
    {
      what: 'more nodes than there are',
      says: /maxTargets|match/,
      parts: { execute: [{ ...FREEZE, on: { role: 'follower', count: 3 } }], safety: { maxTargets: 3 } },
    },
    {
      what: 'the blast radius is too large',
      says: /maxTargets/,
      parts: { execute: [{ ...FREEZE, on: { role: 'follower', count: 2 } }] },
    },
    {
      what: 'the majority would be lost without allowQuorumLoss',
      says: /allowQuorumLoss/,
      parts: { execute: [{ ...FREEZE, on: { role: 'follower', count: 2 } }], safety: { maxTargets: 2 } },
    },
    {
      what: 'the service to delete is not there',
      says: /no-such-service/,
      parts: { execute: [{ inject: 'service.delete', with: { service: 'no-such-service' } }] },
    },
    {
      what: 'the steady state does not hold',
      says: /steady state/,
      parts: { execute: [FREEZE], steadyState: [{ probe: 'registry.healthy', tolerance: { atMost: '10%' } }] },
    },
    {
      what: 'the environment is production',
      says: /production: true/,
      parts: { execute: [FREEZE], environment: { name: 'shop', production: true } },
    },
  ])('$what', async ({ what, says, parts }) => {
    const end = await runDrill(home, writeDrill(home, { id: what.replaceAll(/\W+/g, '-').toLowerCase(), ...parts }));
    await refused(end, says);
    await expectUntouched();
  });

  test('own nodes, and nobody named the environment', async () => {
    const file = (id: string): string =>
      writeDrill(home, { id, environment: { name: 'staging' }, target: ownNodes(home), execute: [FREEZE] });
    await refused(await runDrill(home, file('unconfirmed')), /--confirm=staging/);
    await refused(await runDrill(home, file('wrongly-confirmed'), '--confirm', 'production'), /--confirm=staging/);
    await expectUntouched();
    const confirmed = await runDrill(home, file('confirmed'), '--confirm', 'staging');
    expect(confirmed.stderr).toContain('effect node.freeze');
    expect(confirmed.stderr).toContain('0 left on');
    await expectUntouched();
  });

  test('a node is frozen already: no steady state, and no leader when two are', async () => {
    const healthy = writeDrill(home, { id: 'sick', execute: [FREEZE], steadyState: [{ probe: 'registry.healthy' }] });
    const leader = writeDrill(home, { id: 'leaderless', execute: [{ ...FREEZE, on: { role: 'leader' } }] });
    const [n1, n2] = nodes;
    if (n1 === undefined || n2 === undefined) throw new Error('three nodes are up');
    try {
      process.kill(n1.pid, 'SIGSTOP');
      const sick = await runDrill(home, healthy);
      expect(sick.stderr).not.toContain('effect node');
      expect(sick.code).toBe(4);
      process.kill(n2.pid, 'SIGSTOP');
      const leaderless = await runDrill(home, leader);
      expect(leaderless.stderr).toMatch(/leader/);
      expect(leaderless.stderr).not.toContain('effect node');
      expect(leaderless.code).toBe(4);
      // What somebody else froze is not ours to wake.
      expect([processState(n1.pid), processState(n2.pid)]).toEqual(['T', 'T']);
    } finally {
      for (const { pid } of [n1, n2]) process.kill(pid, 'SIGCONT');
    }
    await until('a leader again', async () => ((await agreedContent(nodes)) === null ? null : true));
    await expectUntouched();
  }, 120_000);

  test('the lab cannot run here', async () => {
    const file = writeDrill(home, { id: 'no-etcd', target: { registry: 'etcd', lab: 'etcd-3' }, execute: [FREEZE] });
    const end = await home.start(['run', file, '--out', home.reports], { env: { PATH: join(home.dir, 'nothing') } })
      .ended;
    await refused(end, /etcd-3 cannot run here/);
    await expectUntouched();
  });
});

describe('7: ran to the end, and proves nothing', () => {
  test('the fault had no effect: the registry admits the deletions and keeps the entries', async () => {
    const liars: LyingRegistry[] = await Promise.all(nodes.map(({ url }) => startLyingRegistry({ target: url })));
    try {
      for (const liar of liars) liar.lieAboutWrites(({ op }) => (op === 'delete' ? 'ack-only' : null));
      const urls = new Map(nodes.map(({ name }, index) => [name, liars[index]?.url ?? '']));
      const file = writeDrill(home, {
        id: 'no-effect',
        environment: { name: 'own' },
        target: ownNodes(home, ({ name }) => ({ url: urls.get(name) ?? '' })),
        execute: [{ id: 'delete', inject: 'service.delete', with: { service: 'user-service' } }, { wait: '1m' }],
      });
      const { code, stdout } = await runDrill(home, file, '--confirm', 'own');
      const run = runOf(home, 'no-effect');
      expect(run.of('fault.confirmed').map(({ bitten }) => bitten)).toEqual([false]);
      expect(run.result.invalidBecause.map((reason) => reason.code)).toContain('effect-not-confirmed');
      expect(run.result).toMatchObject({ valid: false, score: null, exitCode: 7 });
      expect(stdout).toContain('was not confirmed');
      expect(code).toBe(7);
    } finally {
      await Promise.all(liars.map((liar) => liar.close()));
    }
    await expectUntouched();
  });

  test('a full-flow drill whose archive is damaged has no restore in six steps', async () => {
    const { stdout } = await home.run('backup', 'full', '--target', 'lab:antietcd-3', '--to', join(home.dir, 'old'));
    const bytes = readFileSync(stdout.trim());
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 0xff;
    writeFileSync(stdout.trim(), bytes);
    const file = writeDrill(home, {
      id: 'damaged-archive',
      kind: 'full-flow',
      objectives: { stableFor: '1s' },
      traffic: { services: 1, instances: 2, writes: '20/s', reads: '20/s', lease: '3s', settle: '0s' },
      execute: [FREEZE, { heal: 'freeze' }, { id: 'restore', restore: stdout.trim(), intoNonEmpty: true }],
    });
    const { code } = await runDrill(home, file);
    const run = runOf(home, 'damaged-archive');
    expect(run.of('step.ended').find(({ step }) => step === 'restore')?.outcome).toBe('fail');
    expect(run.result.invalidBecause.map((reason) => reason.code)).toEqual(['no-six-step-restore']);
    expect(run.result.issues.find(({ rule }) => rule === 'backup-damaged')).toMatchObject({
      priority: 'P0',
      step: 'restore',
    });
    expect(JSON.stringify(run.of('archive.refused'))).not.toContain(home.dir);
    expect(code).toBe(7);
    expect(deadOf(nodes)).toEqual([]);
    expect(stateIsClean(home)).toBe(true);
  });
});

test('8: passed, but a report could not be written; the others are', async () => {
  // A folder in the place of the page: no right of any user helps there.
  const plant = `
    import { mkdirSync, readdirSync } from 'node:fs';
    for (const run of readdirSync('reports')) if (run.includes('leader-killed')) mkdirSync('reports/' + run + '/report.html');`;
  writeFileSync(join(home.dir, 'plant.mjs'), plant);
  const file = leaderKilledDrill(home, { rto: '1m', prepare: [{ id: 'plant', run: [process.execPath, 'plant.mjs'] }] });
  const { code, stderr } = await runDrill(home, file);
  const run = runOf(home, 'leader-killed');
  expect(run.result).toMatchObject({ valid: true, exitCode: 0 });
  expect(stderr).toContain('report.html');
  for (const name of ['report.md', 'junit.xml', 'result.json']) expect(existsSync(join(run.dir, name))).toBe(true);
  expect(existsSync(join(home.reports, 'issues.jsonl'))).toBe(true);
  expect(code).toBe(8);
  nodes = await labUp(home);
}, 120_000);
