/** How a drill file says which commands operate its nodes. */
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { loadTarget } from '../../src/drill/index.js';

const load = (target: object) =>
  loadTarget({ path: 'target.yaml', dir: '/drills', bytes: Buffer.from(JSON.stringify({ target })), labs: ['etcd-3'] });

function problemOf(target: object): string {
  try {
    load(target);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.problems.map(({ message, hint }) => `${message.en} [${hint?.en ?? ''}]`).join('\n');
  }
  throw new Error('it loaded');
}

const N1 = { name: 'n1', url: 'http://10.0.0.1:2379' };
const N2 = { name: 'n2', url: 'http://[::1]:2379', labels: { vm: 'vm-2' } };
const byCommand = (commands: object, nodes: readonly object[] = [N1, N2]) => ({
  registry: 'etcd',
  driver: 'command',
  commands,
  nodes,
});
const status = ['ssh', '{host}', 'systemctl', 'show', 'etcd@{node}'];

describe('commands in a target file', () => {
  test('those of all nodes, filled in for each; a node’s own go first', () => {
    const own = { ...N2, cwd: 'tools', commands: { kill: ['virsh', 'destroy', '{vm}'], limit: '5s' } };
    const { source } = load(byCommand({ status, kill: ['ssh', '{host}', 'kill'] }, [N1, own]));
    if (source.from !== 'nodes') throw new Error('it names nodes');
    expect(source.nodes.map(({ find, start, cwd }) => ({ find, start, cwd }))).toEqual([
      {
        find: {
          by: 'command',
          commands: {
            status: ['ssh', '10.0.0.1', 'systemctl', 'show', 'etcd@n1'],
            kill: ['ssh', '10.0.0.1', 'kill'],
            limitMs: 10_000,
          },
        },
        start: [],
        cwd: '/drills',
      },
      {
        find: {
          by: 'command',
          commands: {
            status: ['ssh', '::1', 'systemctl', 'show', 'etcd@n2'],
            kill: ['virsh', 'destroy', 'vm-2'],
            limitMs: 5_000,
          },
        },
        start: [],
        cwd: '/drills/tools',
      },
    ]);
  });

  test('braces of shells and templates are no placeholders', () => {
    const argv = ['docker', 'inspect', '-f', 'state={{.State.Status}} {{json}} { x }', '{node}'];
    const { source } = load(byCommand({ status: argv }, [N1]));
    const [node] = source.from === 'nodes' ? source.nodes : [];
    expect(node?.find).toMatchObject({ commands: { status: [...argv.slice(0, -1), 'n1'] } });
  });

  test('what is missing or does not fit is said', () => {
    expect(problemOf(byCommand({ kill: ['true'] }))).toContain('needs “status”');
    expect(problemOf(byCommand({ status: ['ssh', '{vm}'] }))).toMatch(/“status”.*“\{vm\}”.*\{node\}, \{host\}/);
    expect(problemOf(byCommand({ status: 'systemctl show' }))).toContain('a list');
    expect(problemOf(byCommand({ status, kil: ['true'] }))).toContain('“kill”');
    expect(problemOf(byCommand({ status }, [{ ...N1, argument: '/var/lib/n1' }]))).toContain('leave “start”');
    expect(problemOf({ ...byCommand({ status }), driver: 'docker' })).toContain('exactly one');
    const process = { ...N1, argument: '/var/lib/n1', start: ['etcd'] };
    expect(problemOf({ registry: 'etcd', driver: 'process', commands: { status }, nodes: [process] })).toContain(
      'only “driver: command”',
    );
    expect(problemOf({ registry: 'etcd', driver: 'command', lab: 'etcd-3' })).toContain('“driver: docker”');
  });
});
