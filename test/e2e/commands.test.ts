/** The commands around a drill, on one lab: lab, backup, restore, doctor, init, plan. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, type Ended, processesWith, processState } from '../support/cli.js';
import {
  agreedContent,
  deadOf,
  folder,
  type LabNode,
  labUp,
  put,
  runDrill,
  runOf,
  stateIsClean,
  writeDrill,
} from './scene.js';

const HAN = /\p{Script=Han}/u;
const TARGET = ['--target', 'lab:antietcd-3'] as const;

let home: CliHome;
let nodes: readonly LabNode[];
beforeAll(async () => {
  home = cliHome(29_600);
  nodes = await labUp(home);
});
afterAll(() => home.dispose());

describe('lab', () => {
  test('up twice is up once', async () => {
    const content = await agreedContent(nodes);
    expect(await labUp(home)).toEqual(nodes);
    expect(await agreedContent(nodes)).toEqual(content);
    const list = JSON.parse((await home.run('lab', 'list', '--json')).stdout);
    expect(list.labs.find(({ name }: { name: string }) => name === 'antietcd-3')).toMatchObject({ up: true });
  });

  test('down takes everything away, and a second time says so', async () => {
    const other = cliHome(29_650);
    try {
      const up = await other.run('lab', 'up', 'antietcd-3');
      expect(up.stdout).toMatch(/n1 +http:\/\/127\.0\.0\.1:29650 +\d+/);
      expect(processesWith(other.state)).toHaveLength(3);
      const down = await other.run('lab', 'down', 'antietcd-3');
      expect([down.code, down.stdout.trim()]).toEqual([0, 'antietcd-3 is stopped and its files are removed']);
      expect(processesWith(other.state)).toEqual([]);
      expect(existsSync(other.state)).toBe(false);
      const again = await other.run('lab', 'down', 'antietcd-3');
      expect([again.code, again.stdout.trim()]).toEqual([0, 'antietcd-3 was not up']);
      const restore = await other.run('backup', 'full', ...TARGET, '--to', other.dir);
      expect(restore.stderr).toContain('firedrill lab up antietcd-3');
      expect(restore.code).toBe(4);
    } finally {
      await other.dispose();
    }
  });

  test('a port that somebody else has is named, and nothing is started', async () => {
    const other = cliHome(29_600);
    try {
      const { code, stderr } = await other.run('lab', 'up', 'antietcd-3');
      expect(stderr).toContain('29600');
      expect(code).toBe(4);
      expect(processesWith(other.state)).toEqual([]);
    } finally {
      await other.dispose();
    }
    expect(deadOf(nodes)).toEqual([]);
  });
});

describe('backup and restore outside a drill', () => {
  let dir: string;
  let archive: string;
  let content: Readonly<Record<string, string>>;
  const KEY = '/services/user-service/10.7.7.7:70';
  const restore = (...more: string[]): Promise<Ended> => home.run('restore', archive, ...TARGET, ...more);

  beforeAll(async () => {
    dir = folder(home.dir, 'backups');
    content = await agreedContent(nodes);
    const full = await home.run('backup', 'full', ...TARGET, '--to', dir);
    expect(full.code).toBe(0);
    archive = full.stdout.trim();
    // The path and nothing else is the result; beside the archive lies its label.
    expect(readdirSync(dir).map((name) => join(dir, name))).toEqual([archive, `${archive}.json`]);
  });

  test('list and verify', async () => {
    const list = await home.run('backup', 'list', dir);
    expect(list.stdout).toMatch(/✓ sound/);
    expect(JSON.parse((await home.run('backup', 'list', dir, '--json')).stdout)).toMatchObject({
      schemaVersion: 1,
      archives: [{ sound: true, services: 3, instances: 7 }],
    });
    expect((await home.run('backup', 'verify', archive)).code).toBe(0);
    const bytes = readFileSync(archive);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    const damaged = join(folder(home.dir, 'damaged'), 'registry-backup-20200101-000000.tar.gz');
    writeFileSync(damaged, bytes);
    const verify = await home.run('backup', 'verify', damaged);
    expect(verify.code).toBe(1);
    expect(verify.stdout + verify.stderr).toMatch(/✗/);
    const refused = await home.run('restore', damaged, ...TARGET, '--into-non-empty');
    expect(refused.stderr).toContain('nothing was touched');
    expect(refused.code).toBe(4);
    expect(deadOf(nodes)).toEqual([]);
  });

  test('a full restore refuses data that is there, unless it is asked for', async () => {
    const [node] = nodes;
    if (node === undefined) throw new Error('the lab is up');
    await put(node, KEY, '{"ip":"10.7.7.7","port":70,"status":"UP"}');
    const changed = await agreedContent(nodes);
    const refused = await restore();
    expect(refused.stderr).toContain('--into-non-empty');
    expect(refused.code).toBe(4);
    expect(await agreedContent(nodes)).toEqual(changed);
    expect(deadOf(nodes)).toEqual([]);

    const done = await restore('--into-non-empty');
    expect(done.stderr).toMatch(
      /check-archive[\s\S]* stop [\s\S]* clear [\s\S]* restore [\s\S]* verify [\s\S]* start [\s\S]* registrations /,
    );
    expect(done.code).toBe(0);
    // Other processes, the same data.
    expect(deadOf(nodes)).toHaveLength(3);
    nodes = await labUp(home);
    expect(await agreedContent(nodes)).toEqual(content);
    expect(stateIsClean(home)).toBe(true);
  });

  test('a drill, too, is refused when its archive is not of this run; nothing is touched', async () => {
    const file = writeDrill(home, { id: 'foreign-archive', execute: [{ id: 'back', restore: archive }] });
    const { code } = await runDrill(home, file);
    const run = runOf(home, 'foreign-archive');
    expect(run.of('step.ended').find(({ step }) => step === 'back')?.outcome).toBe('fail');
    expect(run.of('restore.substep')).toEqual([]);
    expect(JSON.stringify(run.result)).toContain('intoNonEmpty');
    expect(code).toBe(4);
    expect(deadOf(nodes)).toEqual([]);
    expect(stateIsClean(home)).toBe(true);
  });

  test('restorable is said only of what was restored into a lab, which has its own data back afterwards', async () => {
    const [node] = nodes;
    if (node === undefined) throw new Error('the lab is up');
    await put(node, '/services/user-service/10.8.8.8:80', '{"ip":"10.8.8.8","port":80,"status":"UP"}');
    const before = await agreedContent(nodes);
    const out = join(home.dir, 'verified');
    const verified = await home.run('backup', 'verify', archive, '--restore-into', 'lab:antietcd-3', '--out', out);
    expect(verified.stdout).toMatch(/✓ count: 7 durable[\s\S]*✓ hash: [\s\S]*✓ function: [\s\S]*: restorable \(/);
    expect(verified.code).toBe(0);
    expect(JSON.parse(readFileSync(`${archive}.verified.json`, 'utf8'))).toMatchObject({
      restorable: true,
      durable: 7,
      checks: ['count', 'hash', 'function'].map((check) => ({ check, ok: true })),
    });
    expect(readFileSync(join(out, 'verifications.jsonl'), 'utf8')).toContain('"restoredInto":"lab:antietcd-3"');
    nodes = await labUp(home);
    expect(await agreedContent(nodes)).toEqual(before);
    expect(stateIsClean(home)).toBe(true);
    const elsewhere = await home.run('backup', 'verify', archive, '--restore-into', 'production');
    expect(elsewhere.code).toBe(2);
  });

  test('one service goes back into the running registry; the others stay as they are', async () => {
    const [node] = nodes;
    if (node === undefined) throw new Error('the lab is up');
    const [changed, added, other] = [
      '/services/user-service/10.0.2.11:8082',
      '/services/user-service/10.7.7.7:70',
      '/services/order-service/10.0.1.11:8081',
    ];
    for (const key of [changed, added, other]) await put(node, key, '{"ip":"10.7.7.7","port":70,"status":"DOWN"}');
    const before = await agreedContent(nodes);
    const done = await restore('--service', 'user-service', '--json');
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ schemaVersion: 1, service: 'user-service' });
    expect(deadOf(nodes)).toEqual([]);
    const is = await agreedContent(nodes);
    // What came after the backup is nobody's mistake: it stays.
    expect(is).toEqual({ ...before, [changed]: content[changed] });
    const none = await restore('--service', 'no-such-service');
    expect(none.stderr).toContain('no-such-service');
    expect(none.code).toBe(4);
    expect(await agreedContent(nodes)).toEqual(is);
    expect(stateIsClean(home)).toBe(true);
  });
});

describe('doctor', () => {
  test('all is fine', async () => {
    const { code, stdout } = await home.run('doctor', ...TARGET);
    expect(stdout).not.toContain('✗');
    expect(stdout).toMatch(/✓ node n3: antietcd .*, leader n[123]/);
    expect(code).toBe(0);
  });

  test('a frozen node is named, with a fix', async () => {
    const [frozen] = nodes;
    if (frozen === undefined) throw new Error('the lab is up');
    process.kill(frozen.pid, 'SIGSTOP');
    try {
      const { code, stdout } = await home.run('doctor', ...TARGET, '--json');
      const { schemaVersion, ok, findings } = JSON.parse(stdout);
      expect([schemaVersion, ok]).toEqual([1, false]);
      const bad = findings.filter((finding: { ok: boolean }) => !finding.ok);
      expect(bad.map(({ check }: { check: string }) => check)).toContain(`node ${frozen.name}`);
      for (const { fix } of bad) expect(fix.en.length * fix.zh.length).toBeGreaterThan(0);
      expect(code).toBe(1);
      // Looking changes nothing.
      expect(processState(frozen.pid)).toBe('T');
    } finally {
      process.kill(frozen.pid, 'SIGCONT');
    }
  });
});

describe.each(['en', 'zh'])('init in %s', (lang) => {
  test.each(['tabletop', 'partial', 'full-flow', 'fault-injection'])('a %s drill that is valid', async (kind) => {
    const dir = folder(home.dir, `init-${lang}-${kind}`);
    const init = await home.start(['init', '--yes', '--kind', kind, '--lang', lang], { cwd: dir }).ended;
    expect(init.code).toBe(0);
    const files = init.stdout.trim().split('\n');
    const drill = files.find((name) => name.endsWith('.drill.yaml')) ?? '';
    const text = readFileSync(join(dir, drill), 'utf8');
    const comments = text.split('\n').filter((row) => row.startsWith('# ') && !row.includes('$schema'));
    expect(comments.length).toBeGreaterThan(0);
    expect(comments.filter((row) => HAN.test(row) !== (lang === 'zh'))).toEqual([]);
    expect(init.stderr).toContain(`firedrill run ${drill}`);
    const validate = await home.start(['validate', drill], { cwd: dir }).ended;
    expect(validate.stderr).toBe('');
    expect(validate.code).toBe(0);
    // What a person has changed is never overwritten.
    writeFileSync(join(dir, drill), `${text}# mine\n`);
    const again = await home.start(['init', '--yes', '--kind', kind], { cwd: dir }).ended;
    expect(again.code).toBe(2);
    expect(readFileSync(join(dir, drill), 'utf8')).toBe(`${text}# mine\n`);
  });
});

describe('--json is one document with schemaVersion, alone on standard output', () => {
  const look = (): string => writeDrill(home, { id: 'look', execute: [{ id: 'look', check: 'registry.leader' }] });
  test.each([
    ['status'],
    ['recover'],
    ['doctor'],
    ['lab', 'list'],
    ['lab', 'up', 'antietcd-3'],
    ['issues', 'list', '--out', 'no-such-folder'],
    ['validate', 'LOOK'],
    ['plan', 'LOOK'],
    ['help', 'exit-codes'],
    ['help', 'rubric'],
  ])('%s %s %s', async (...call) => {
    const args = call.map((arg) => (arg === 'LOOK' ? look() : arg));
    const { code, stdout } = await home.run(...args, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1 });
  });

  test('plan -o writes the plan and changes nothing', async () => {
    const before = await agreedContent(nodes);
    const out = join(home.dir, 'plan.json');
    const { code, stdout } = await home.run('plan', look(), '-o', out);
    expect(code).toBe(0);
    expect(stdout).toMatch(/n1 +http/);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toHaveProperty('steps');
    expect(await agreedContent(nodes)).toEqual(before);
    expect(stateIsClean(home)).toBe(true);
  });

  test('a plan is run as it was written, and refused when a node or the drill is another since', async () => {
    const drill = look();
    const planFile = join(home.dir, 'as-planned.json');
    expect((await home.run('plan', drill, '-o', planFile)).code).toBe(0);
    await runDrill(home, planFile);
    expect(runOf(home, 'look').result.steps.map(({ id, outcome }) => [id, outcome])).toEqual([['look', 'pass']]);
    const [first] = nodes;
    process.kill(first?.pid ?? 0, 'SIGKILL');
    nodes = await labUp(home);
    const restarted = await runDrill(home, planFile);
    expect(restarted.stderr).toContain(`Not as planned: node n1: was “${first?.url}, pid ${first?.pid}`);
    expect(restarted.code).toBe(4);
    writeFileSync(drill, `${readFileSync(drill, 'utf8')}\n# changed`);
    const changed = await runDrill(home, planFile);
    expect(changed.stderr).toContain('Not as planned: drill: was “sha256');
    expect(changed.code).toBe(4);
    expect(stateIsClean(home)).toBe(true);
  });

  test('the nodes that chance chooses are those that the plan shows', async () => {
    const shown = new Set<string>();
    for (const seed of [1, 2, 3, 4]) {
      const execute = [{ id: 'freeze', inject: 'node.freeze', on: { random: seed }, for: '200ms' }];
      const drill = writeDrill(home, { id: `by-chance-${seed}`, execute });
      const plan = JSON.parse((await home.run('plan', drill, '--json')).stdout);
      await runDrill(home, drill);
      const effective = runOf(home, `by-chance-${seed}`).result.faults.map(({ targets }) => targets);
      expect([plan.steps[0].nodes]).toEqual(effective);
      shown.add(plan.steps[0].nodes[0]);
    }
    expect(shown.size).toBeGreaterThan(1);
  });
});

test('a reports folder that cannot be written: refused, nothing broken, the lab that was started is down again', async () => {
  const other = cliHome(29_650);
  try {
    const blocked = join(other.dir, 'blocked');
    writeFileSync(blocked, '');
    const execute = [{ id: 'freeze', inject: 'node.freeze', on: { role: 'follower' } }];
    const { code, stderr } = await other.run('run', writeDrill(other, { id: 'blocked', execute }), '--out', blocked);
    expect(stderr).toContain('nothing was broken');
    expect(stderr).not.toContain('effect');
    expect(code).toBe(4);
    expect(processesWith(other.state)).toEqual([]);
    expect(existsSync(other.state)).toBe(false);
  } finally {
    await other.dispose();
  }
});
