/** What is left in networks, containers and proxies, without an undo record: the run names it, exit 6. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome } from '../support/cli.js';
import { type LabName, missingLab } from '../support/cluster.js';
import { runDrill, runOf, writeDrill } from './scene.js';

const noEngine = process.env.FIREDRILL_MISSING_DOCKER ?? missingLab('etcd-3');
const run = (argv: readonly string[]): string =>
  execFileSync(argv[0] ?? '', argv.slice(1), { encoding: 'utf8', stdio: 'pipe' }).trim();

interface Node {
  readonly name: string;
  readonly pid: number;
  readonly find: { readonly container?: string };
  readonly links?: { readonly api: string };
}

describe('left around the target', () => {
  let home: CliHome;
  beforeAll(() => {
    process.env.FIREDRILL_IMAGE_ETCD ??= process.env.FIREDRILL_TEST_IMAGE_ETCD;
    home = cliHome(22_210);
  });
  afterAll(() => home?.dispose());

  /** A drill that does nothing but this; what was left, by its own words, and again after it was taken away. */
  async function leave(lab: LabName, driver: string, make: (nodes: readonly Node[]) => Leaving) {
    const up = await home.run('lab', 'up', lab, '--driver', driver, '--json');
    expect(up.code, up.stderr).toBe(0);
    const { nodes: running }: { nodes: { pid: number }[] } = JSON.parse(up.stdout);
    const record = readFileSync(join(home.state, 'labs', lab, 'lab.json'), 'utf8');
    const { nodes }: { nodes: Omit<Node, 'pid'>[] } = JSON.parse(record);
    const { leaves, takesAway } = make(nodes.map((node, index) => ({ ...node, pid: running[index]?.pid ?? 0 })));
    const leaving = leaves.map((argv, index) => ({ id: `leave-${index}`, run: argv }));
    const execute = [{ id: 'healthy', check: 'registry.healthy', within: '10s' }, ...leaving];
    const file = writeDrill(home, { id: 'left', execute, target: { registry: 'etcd', lab, driver } });
    try {
      const ended = await runDrill(home, file);
      expect(ended.code, ended.stderr).toBe(6);
      const { result } = runOf(home, 'left');
      expect(result.exitCode).toBe(6);
      const early = await home.run('recover');
      expect(early.code).toBe(6);
      const left = result.residue.left.map(({ what }) => what.en);
      for (const what of left) expect(early.stdout + early.stderr).toContain(what);
      return left;
    } finally {
      for (const argv of takesAway) run(argv);
      expect((await home.run('recover')).code).toBe(0);
      expect((await home.run('lab', 'down', lab)).code).toBe(0);
      expect(readdirSync(home.dir)).not.toContain('state');
    }
  }
  interface Leaving {
    readonly leaves: readonly (readonly string[])[];
    readonly takesAway: readonly (readonly string[])[];
  }

  const RULE = ['INPUT', '-s', '192.0.2.7', '-m', 'comment', '--comment', 'firedrill-lost', '-j', 'DROP'];

  test('a node that is frozen', async () => {
    const left = await leave('antietcd-3', 'process', ([n1]) => ({
      leaves: [['kill', '-STOP', String(n1?.pid)]],
      takesAway: [['kill', '-CONT', String(n1?.pid)]],
    }));
    expect(left).toEqual(['n1 ran before and is paused or frozen now']);
  }, 120_000);

  test.skipIf(missingLab('etcd-3-netns') !== null)('a packet rule in the namespace of a node', async () => {
    const left = await leave('etcd-3-netns', 'process', ([n1]) => {
      const iptables = ['nsenter', `--net=/proc/${n1?.pid}/ns/net`, 'iptables'];
      return { leaves: [[...iptables, '-A', ...RULE]], takesAway: [[...iptables, '-D', ...RULE]] };
    });
    expect(left).toHaveLength(1);
    expect(left[0]).toMatch(/^n1: packet rule “-A INPUT -s 192.0.2.7.* firedrill-lost .*was not there before/);
  });

  test.skipIf(noEngine !== null)(
    'a paused container, a rule in another, a network that was connected',
    async () => {
      const left = await leave('etcd-3', 'docker', ([n1, n2, n3]) => {
        const inside = ['run', '--rm', '--cap-add', 'NET_ADMIN', '--network', `container:${n2?.find.container}`];
        const iptables = ['docker', ...inside, process.env.FIREDRILL_TEST_IMAGE_NET ?? '', 'iptables'];
        const onBridge = ['bridge', n3?.find.container ?? ''];
        return {
          leaves: [
            [...iptables, '-A', ...RULE],
            ['docker', 'network', 'connect', ...onBridge],
            ['docker', 'pause', n1?.find.container ?? ''],
          ],
          takesAway: [
            ['docker', 'unpause', n1?.find.container ?? ''],
            ['docker', 'network', 'disconnect', ...onBridge],
            [...iptables, '-D', ...RULE],
          ],
        };
      });
      expect(left).toHaveLength(3);
      expect(left[0]).toBe('n1 ran before and is paused or frozen now');
      expect(left[1]).toMatch(/^n2: packet rule “-A INPUT -s 192.0.2.7.* firedrill-lost/);
      expect(left[2]).toMatch(/^n3: network “bridge” was not there before/);
    },
    120_000,
  );

  test.skipIf(missingLab('etcd-3-toxiproxy') !== null)('a toxic', async () => {
    const left = await leave('etcd-3-toxiproxy', 'process', ([n1]) => {
      const url = `${n1?.links?.api}/proxies/n1-client/toxics`;
      const send = (method: string, path: string, body: string): readonly string[] => {
        const script = `fetch('${url}${path}', { method: '${method}'${body} }).then(({ ok }) => process.exit(ok ? 0 : 1))`;
        return [process.execPath, '-e', script];
      };
      const toxic = JSON.stringify({ name: 'lost', type: 'latency', attributes: { latency: 1 } });
      return { leaves: [send('POST', '', `, body: '${toxic}'`)], takesAway: [send('DELETE', '/lost', '')] };
    });
    expect(left).toEqual([expect.stringMatching(/Toxiproxy “toxic lost in n1-client” was not there before/)]);
  });
});
