/** Drills on nodes that only commands can reach: each behind a real ssh server, as VMs are. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, processState, repo, said } from '../support/cli.js';
import { closeSsh, missingSshd, startSshd } from '../support/ssh.js';
import { type DrillRun, type LabNode, labUp, runDrill } from './scene.js';

const PORT = 21_700;
const SSH_PORT = 21_790;
const OPERATE = join(repo, 'test/targets/operate.sh');
const VERBS = ['status', 'kill', 'stop', 'start', 'freeze', 'thaw'] as const;

const missing = missingSshd();

describe.skipIf(missing !== null)(`nodes behind ssh ${missing ?? ''}`, () => {
  let home: CliHome;
  let nodes: readonly LabNode[];
  let hosts: readonly string[] = [];
  let sshConfig: string;

  beforeAll(async () => {
    home = cliHome(PORT);
    nodes = await labUp(home, 'antietcd-3');
    hosts = nodes.map(({ name }) => `${name}.vm`);
    sshConfig = await startSshd(home, SSH_PORT, hosts);
    for (const node of nodes) handOver(home, node);
  });
  afterAll(() => {
    closeSsh(sshConfig, hosts);
    return home.dispose();
  });

  const target = (without: readonly string[] = []): object => ({
    registry: 'etcd',
    driver: 'command',
    commands: Object.fromEntries(
      VERBS.filter((verb) => !without.includes(verb)).map((verb) => [
        verb,
        ['ssh', '-F', sshConfig, '{vm}', OPERATE, join(home.dir, 'vm', '{node}'), verb],
      ]),
    ),
    nodes: nodes.map(({ name, url }) => ({ name, url, labels: { vm: `${name}.vm` } })),
  });

  /** A shipped drill, on these nodes instead of a lab. */
  function drillOn(file: string, without: readonly string[] = [], change = (text: string) => text): string {
    const path = join(home.dir, `${file}.drill.yaml`);
    const text = readFileSync(join(repo, `drills/${file}.drill.yaml`), 'utf8');
    const line = 'target: { registry: etcd, lab: antietcd-3 }';
    expect(text).toContain(line);
    writeFileSync(path, change(text.replace(line, `target: ${JSON.stringify(target(without))}`)));
    return path;
  }
  const run = (file: string): Promise<DrillRun> => runDrill(home, drillOn(file), ['--confirm=lab']);

  test('the leader is killed and started again', async () => {
    const { code, result, of, stderr } = await run('leader-killed');
    expect(code, stderr).toBe(0);
    expect(result.headline.en).toContain('Recovered in');
    const [hit] = of('fault.confirmed');
    expect(hit).toMatchObject({ bitten: true });
    expect(hit?.detail.en).toMatch(/gone from the process table: n\d \(pid \d+\)/);
  }, 180_000);

  test('the leader is frozen and thawed', async () => {
    const { code, result, of, stderr } = await run('leader-frozen');
    expect(code, stderr).toBe(0);
    expect(result.headline.en).toContain('Recovered in');
    expect(of('fault.confirmed')).toMatchObject([{ bitten: true }]);
  }, 180_000);

  test('SIGKILL of the runner while a leader is frozen: recover thaws it over ssh, in another process', async () => {
    const file = drillOn('leader-frozen', [], (text) => text.replace('wait: 4s', 'wait: 60s'));
    const started = home.start(['run', file, '--out', home.reports, '--no-input', '--confirm=lab']);
    await said(started, '→ watch-without-node');
    expect(states()).toContain('T');
    started.child.kill('SIGKILL');
    await started.ended;
    const recovered = home.start(['recover'], { cwd: '/' });
    expect((await recovered.ended).code, recovered.stderr()).toBe(0);
    expect(states()).not.toContain('T');
    expect(states()).not.toContain(null);
  }, 180_000);

  test('what has no command is refused by plan, with the reason, and nothing is asked of the nodes', async () => {
    const plan = await home.run('plan', drillOn('leader-killed', ['kill']));
    expect(plan.code).toBe(4);
    expect(plan.stderr).toMatch(/node\.kill cannot be done on n\d: it has no command for kill/);
    const undo = await home.run('plan', drillOn('leader-frozen', ['thaw']), '--lang', 'zh');
    expect(undo.code).toBe(4);
    expect(undo.stderr).toMatch(/无法在 n\d 上执行 node\.freeze：没有用于 thaw 的命令/);
  }, 60_000);

  /** State letters of the nodes as the process table has them. */
  const states = (): readonly (string | null)[] =>
    nodes.map(({ name }) =>
      processState(Number(readFileSync(join(home.dir, 'vm', name, 'pid'), 'utf8').split(' ')[0])),
    );
});

/** The running node of the lab as `operate.sh` knows it, and how it starts it again. */
function handOver(home: CliHome, { name, pid }: LabNode): void {
  const dir = join(home.dir, 'vm', name);
  mkdirSync(dir, { recursive: true });
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  writeFileSync(join(dir, 'pid'), `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}\n`);
  const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  writeFileSync(join(dir, 'start.sh'), `exec ${argv.map((arg) => `'${arg}'`).join(' ')}\n`);
}
