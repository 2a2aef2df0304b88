import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import type { NodeSpec } from '../../src/core/drill.js';
import { invariant } from '../../src/core/errors.js';
import type { Plan, PlanResult, Refusal } from '../../src/core/plan.js';
import type { MemberStatus, NodeClient, Registry } from '../../src/core/registry.js';
import type { Cluster, NodeState } from '../../src/core/target.js';
import { planDrill } from '../../src/drill/index.js';
import { createLabs } from '../../src/lab/index.js';
import { registries } from '../../src/registries/index.js';
import { drivers } from '../../src/targets/index.js';
import { catalogs, edited, load, VALID } from './support.js';

interface Sketch {
  readonly nodes?: number;
  /** Whom each node takes for the leader; null = none; undefined = does not answer. */
  readonly leaders?: readonly (string | null | undefined)[];
  readonly states?: Readonly<Record<string, NodeState['state']>>;
  readonly product?: string;
  readonly spec?: Partial<NodeSpec>;
  readonly observers?: readonly string[];
}

/** A cluster that answers as told: what a plan makes of any situation, without bringing it about. */
function clusterOf({
  nodes: size = 3,
  leaders,
  states = {},
  product = 'antietcd',
  spec = {},
  observers = [],
}: Sketch): Cluster {
  const nodes = Array.from({ length: size }, (_, i): NodeSpec => {
    const find = { by: 'argument', text: `data-${i + 1}` } as const;
    const site = i === 0 ? 'beijing' : 'shanghai';
    return {
      name: `n${i + 1}`,
      url: `http://h:${i + 1}`,
      find,
      start: ['x'],
      data: 'd',
      site,
      labels: { rack: `r${i % 2}` },
      ...spec,
    };
  });
  const status = (node: string): Awaited<ReturnType<NodeClient['status']>> => {
    const leader = leaders === undefined ? 'n1' : leaders[Number(node.slice(1)) - 1];
    if (leader === undefined) return { outcome: 'unknown', reason: 'time-out' };
    const voter = !observers.includes(node);
    const value: MemberStatus = { node, version: '1', leader, term: 1, revision: 1, clusterId: null, voter };
    return { outcome: 'ok', value };
  };
  const registry = {
    nodes: nodes.map(({ name }) => name),
    client: (node: string) => ({
      status: async () => status(node),
      discover: async () => ({ outcome: 'ok', value: [] }),
    }),
  };
  return {
    binding: {
      registry: 'etcd',
      product,
      version: '1',
      lab: null,
      driver: 'process',
      prefix: '/services/',
      clusterId: null,
      nodes,
    },
    driver: {
      name: 'process',
      inspect: async ({ name }) => {
        const state = states[name] ?? 'running';
        return state === 'gone' ? { state } : { state, pid: 1, startTicks: 1 };
      },
      signal: () => Promise.reject(new Error('a plan sends no signal')),
      start: () => Promise.reject(new Error('a plan starts nothing')),
    },
    registry: registry as unknown as Registry,
  };
}

const planned = (text: string, sketch: Sketch = {}): Promise<PlanResult> =>
  planDrill({ loaded: load(text), cluster: clusterOf(sketch), faults: catalogs.faults });

async function planOf(text: string, sketch: Sketch = {}): Promise<Plan> {
  const result = await planned(text, sketch);
  invariant(result.ok, `refused: ${JSON.stringify(result)}`);
  return result.plan;
}

async function refusalsOf(text: string, sketch: Sketch = {}): Promise<readonly Refusal[]> {
  const result = await planned(text, sketch);
  invariant(!result.ok, 'not refused');
  return result.refusals;
}

const codes = async (text: string, sketch: Sketch = {}): Promise<readonly string[]> =>
  (await refusalsOf(text, sketch)).map(({ code, step }) => `${code} ${step}`);

/** A fault injection with these execute steps and safety. */
const drill = (steps: readonly string[], safety = 'maxTargets: 1'): string =>
  `${VALID.slice(0, VALID.indexOf('phases:'))}safety: { ${safety} }\nphases:\n  execute:\n${steps.map((step) => `    - ${step}\n`).join('')}`;

const kill = (id: string, on: string): string => `{ id: ${id}, inject: node.kill, on: ${on} }`;

describe('binding', () => {
  const nodesOf = async (on: string, sketch: Sketch = { nodes: 5 }): Promise<readonly string[]> =>
    (await planOf(drill([kill('k', on)], 'maxTargets: 5, allowQuorumLoss: true'), sketch)).steps[0]?.nodes ?? [];

  test.each([
    ['{ role: leader }', ['n1']],
    ['{ role: follower }', ['n2']],
    ['{ role: follower, count: 3 }', ['n2', 'n3', 'n4']],
    ['{ role: any, count: 2 }', ['n1', 'n2']],
    ['{ name: n4 }', ['n4']],
    ['{ name: [n4, n2] }', ['n2', 'n4']],
    ['{ site: shanghai }', ['n2', 'n3', 'n4', 'n5']],
    ['{ site: shanghai, count: 2 }', ['n2', 'n3']],
    ['{ label: { rack: r1 } }', ['n2', 'n4']],
  ])('%s', async (on, nodes) => {
    expect(await nodesOf(on)).toEqual(nodes);
  });

  test('random takes one node by default', async () => {
    expect(await nodesOf('{ random: 7 }')).toHaveLength(1);
  });

  test('step takes the nodes that the earlier step chose', async () => {
    const plan = await planOf(VALID);
    expect(plan.steps.map(({ nodes }) => nodes)).toEqual([['n1'], [], ['n1']]);
  });

  test.each([
    ['{ name: n9 }', 'node-unknown k'],
    ['{ site: paris }', 'no-target k'],
    ['{ label: { rack: r9 } }', 'no-target k'],
    ['{ role: follower, count: 9 }', 'too-few-targets k'],
    ['{ name: n1, count: 2 }', 'too-few-targets k'],
  ])('%s is refused', async (on, refusal) => {
    expect(await codes(drill([kill('k', on)], 'maxTargets: 5, allowQuorumLoss: true'))).toEqual([refusal]);
  });

  test('a typo of a node gets its nearest name', async () => {
    const [refusal] = await refusalsOf(drill([kill('k', '{ name: nn1 }')]));
    expect(refusal?.hint?.en).toBe('Did you mean “n1”?');
  });
});

describe('the leader', () => {
  test.each([
    ['nobody knows one', [null, null, null]],
    ['each names another', ['n1', 'n2', 'n3']],
    ['only a minority answers', ['n1', undefined, undefined]],
    ['the one that is named does not take itself for it', [null, 'n1', 'n1']],
  ])('%s: refused', async (_what, leaders) => {
    expect(await codes(drill([kill('k', '{ role: leader }')]), { leaders })).toEqual(['leader-unknown k']);
    expect(await codes(drill([kill('k', '{ role: follower }')]), { leaders })).toEqual(['leader-unknown k']);
    expect((await planned(drill([kill('k', '{ name: n1 }')]), { leaders })).ok).toBe(true);
  });

  /** Nobody leads until `electedAtMs`; time passes only by waiting. */
  async function duringElection(on: string, electedAtMs: number, sketch: Sketch = {}) {
    const leaders: (string | null)[] = [null, null, null];
    const said: string[] = [];
    let now = 0;
    const sleep = async (ms: number): Promise<void> => {
      now += ms;
      if (now >= electedAtMs) leaders.fill('n2');
    };
    const clock: Clock = { monotonicMs: () => now, wallIso: () => '', sleep };
    const result = await planDrill({
      loaded: load(drill([kill('k', on)])),
      cluster: clusterOf({ ...sketch, leaders }),
      faults: catalogs.faults,
      patience: { clock, say: (text) => said.push(text.en) },
    });
    return { result, said, waitedMs: now };
  }

  test('an election under way is waited for, and said', async () => {
    const { result, said, waitedMs } = await duringElection('{ role: leader }', 2_000);
    expect(result).toMatchObject({ ok: true, plan: { steps: [{ nodes: ['n2'] }] } });
    expect(said).toEqual([expect.stringContaining('waiting up to 5 s')]);
    expect(waitedMs).toBe(2_000);
  });

  test('one that does not end is refused with a hint to wait', async () => {
    const { result, waitedMs } = await duringElection('{ role: follower }', Number.POSITIVE_INFINITY);
    expect(result).toMatchObject({
      ok: false,
      refusals: [{ code: 'leader-unknown', hint: { en: expect.stringContaining('try again in a few seconds') } }],
    });
    expect(waitedMs).toBe(5_000);
  });

  test.each([
    ['the drill needs no leader', '{ name: n1 }', {}],
    ['any node will do', '{ role: any }', {}],
    ['a node is gone', '{ role: leader }', { states: { n3: 'gone' } }],
  ] as const)('nothing is waited for when %s', async (_what, on, sketch) => {
    expect(await duringElection(on, 2_000, sketch)).toMatchObject({ said: [], waitedMs: 0 });
  });

  test('a majority is enough', async () => {
    const plan = await planOf(drill([kill('k', '{ role: leader }')]), { leaders: ['n1', 'n1', undefined] });
    expect(plan.target?.members.map(({ leader }) => leader)).toEqual([true, false, false]);
  });
});

describe('the guard counts faults and votes over time', () => {
  const OFF = '{ recover: node.start, on: { step: a } }';
  const [a, b] = [kill('a', '{ name: n1 }'), kill('b', '{ name: n2 }')];
  const freeze = '{ id: a, inject: node.freeze, on: { name: n1 } }';
  const LOST = 'quorum-lost b';

  test.each<[string, readonly string[], readonly string[]]>([
    ['one after the other', [a, OFF, b], []],
    ['one while the other is on', [a, b], [LOST]],
    ['healed in between', [a, '{ heal: a }', b], []],
    ['a recover that lifts another fault', [freeze, OFF, b], [LOST]],
    ['a recover that lifts a freeze', [freeze, '{ recover: node.resume, on: { step: a } }', b], []],
    ['a recover of another node', [a, '{ recover: node.start, on: { name: n3 } }', b], [LOST]],
    [
      'a recover that may not run',
      [a, '{ id: w, manual: x }', '{ recover: node.start, on: { step: a }, when: { step: w, is: pass } }', b],
      [LOST],
    ],
    [
      'a fault that may not run',
      ['{ id: w, manual: x }', '{ id: a, inject: node.kill, on: { name: n1 }, when: { step: w, is: fail } }', b],
      [LOST],
    ],
    ['side by side', [`{ parallel: [${a}, ${b}] }`], [LOST]],
    ['lifted in the same group', [a, `{ parallel: [${OFF}, ${b}] }`], [LOST]],
    [
      'for, and a pause that surely outlasts it',
      ['{ id: a, inject: node.kill, on: { name: n1 }, for: 2s }', '{ wait: 3s }', b],
      [],
    ],
    [
      'for, and a pause that does not',
      ['{ id: a, inject: node.kill, on: { name: n1 }, for: 5s }', '{ wait: 3s }', b],
      [LOST],
    ],
    [
      'for, and pauses side by side that do not',
      ['{ id: a, inject: node.kill, on: { name: n1 }, for: 5s }', '{ parallel: [{ wait: 3s }, { wait: 3s }] }', b],
      [LOST],
    ],
    [
      'for, and a check that may be over at once',
      ['{ id: a, inject: node.kill, on: { name: n1 }, for: 2s }', '{ check: registry.writable, within: 9s }', b],
      [LOST],
    ],
    ['a full restore in between', [a, '{ restore: latest }', b], []],
    ['a restore of one service in between', [a, '{ restore: latest, service: x }', b], [LOST]],
    ['two at once', [kill('b', '{ name: [n1, n2] }')], [LOST]],
  ])('%s', async (_what, steps, refusals) => {
    const result = await planned(drill(steps, 'maxTargets: 3'));
    expect(result.ok ? [] : result.refusals.map(({ code, step }) => `${code} ${step}`)).toEqual(refusals);
    // Declared, it is allowed; and a pinned node that is killed twice counts once.
    expect((await planned(drill(steps, 'maxTargets: 3, allowQuorumLoss: true'))).ok).toBe(true);
  });

  test('data faults take no votes', async () => {
    expect((await planned(drill([a, '{ inject: registry.wipe }']))).ok).toBe(true);
  });

  test('more nodes than maxTargets at one time', async () => {
    expect(await codes(drill([a, b], 'maxTargets: 1, allowQuorumLoss: true'))).toEqual(['too-many-targets b']);
    expect((await planned(drill([a, OFF, b], 'maxTargets: 1'))).ok).toBe(true);
  });

  test('five voters lose two, not three', async () => {
    const three = [a, b, kill('c', '{ name: n3 }')];
    expect((await planned(drill(three.slice(0, 2), 'maxTargets: 5'), { nodes: 5 })).ok).toBe(true);
    expect(await codes(drill(three, 'maxTargets: 5'), { nodes: 5 })).toEqual(['quorum-lost c']);
  });

  test('who has no vote is not counted as one', async () => {
    const sketch = { nodes: 4, observers: ['n4'] };
    expect(await codes(drill([a, b], 'maxTargets: 5'), sketch)).toEqual([LOST]);
    const plan = await planOf(drill([kill('k', '{ name: n4 }')]), sketch);
    expect([plan.target?.voters, plan.target?.quorum, plan.steps[0]?.votersLeft]).toEqual([3, 2, 3]);
  });

  test('a second leader is another node: whoever leads then', async () => {
    const twice = [kill('a', '{ role: leader }'), kill('b', '{ role: leader }')];
    expect(await codes(drill(twice, 'maxTargets: 2'))).toEqual([LOST]);
    const plan = await planOf(drill(twice, 'maxTargets: 2, allowQuorumLoss: true'));
    expect(plan.steps.map(({ nodes, votersLeft }) => [...nodes, votersLeft])).toEqual([
      ['n1', 2],
      ['n2', 1],
    ]);
  });

  test('all refusals at once', async () => {
    const steps = [kill('a', '{ name: n9 }'), kill('b', '{ site: paris }'), kill('c', '{ name: [n1, n2] }')];
    expect(await codes(drill(steps), { states: { n2: 'frozen', n3: 'gone' } })).toEqual([
      'node-frozen null',
      'node-gone null',
      'node-unknown a',
      'no-target b',
      'too-many-targets c',
      'quorum-lost c',
    ]);
  });
});

describe('a full restore needs to know the data', () => {
  const steps = ['{ id: k, inject: registry.wipe }', '{ id: r, restore: latest }'];
  const { data: _data, ...withoutData } = { data: 'd', peerUrl: 'http://h:9' };

  test('of every node, and for etcd the peer URL', async () => {
    expect((await planned(drill(steps))).ok).toBe(true);
    expect(await codes(drill(steps), { product: 'etcd' })).toEqual(Array(3).fill('restore-impossible r'));
    expect((await planned(drill(steps), { product: 'etcd', spec: withoutData })).ok).toBe(true);
  });

  test('not for one service', async () => {
    const service = [steps[0] ?? '', '{ id: r, restore: latest, service: x }'];
    expect((await planned(drill(service), { product: 'etcd' })).ok).toBe(true);
  });
});

test('a target that is not there is refused', async () => {
  const result = await planDrill({ loaded: load(VALID), cluster: null, faults: catalogs.faults });
  expect(result).toMatchObject({ ok: false, refusals: [{ code: 'no-cluster' }] });
});

test('what a plan says of each step', async () => {
  const steps = [
    kill('a', '{ role: leader }'),
    '{ recover: node.start, on: { step: a }, expect: 5s }',
    '{ id: p, parallel: [{ wait: 2s }, { wait: 4s }] }',
    '{ backup: full, expect: 1s }',
    '{ inject: registry.wipe }',
    '{ restore: latest, expect: { stop: 1s, start: 2s } }',
    '{ run: [echo, hi] }',
  ];
  const plan = await planOf(drill(steps));
  const rows = plan.steps.map((step) => [step.id, step.undo?.en ?? null, step.irreversible !== null, step.estimateMs]);
  expect(rows).toEqual([
    ['a', 'start the node again', false, 0],
    ['recover-node.start', null, false, 5_000],
    ['p', null, false, 4_000],
    ['wait', null, false, 2_000],
    ['wait-2', null, false, 4_000],
    ['backup-full', null, false, 1_000],
    ['inject-registry.wipe', 'register the deleted instances again from the undo file', false, 0],
    ['restore-latest', expect.stringContaining('old data goes back'), true, 3_000],
    ['run', null, true, 0],
  ]);
  expect(plan.estimateMs).toBe(13_000);
  expect(plan.steps[0]?.summary).toEqual({
    en: 'turn on node.kill on n1 [role: leader]',
    zh: '注入 node.kill（n1） [role: leader]',
  });
  expect(plan.steps.every(({ summary }) => summary.zh !== '' && summary.en !== '')).toBe(true);
});

describe('warnings', () => {
  const warnings = async (text: string): Promise<readonly string[]> =>
    (await planOf(text)).warnings.map(({ en }) => en);
  const long = [
    '{ id: k, inject: node.kill, on: { role: leader } }',
    '{ wait: 20s }',
    '{ recover: node.start, on: { step: k } }',
  ];

  test('none for a sound drill', async () => {
    expect(await warnings(drill(long))).toEqual([]);
  });

  test('a full flow on production', async () => {
    const text = edited(
      'kind: fault-injection',
      'kind: full-flow\nenvironment: { name: live, production: true }',
      drill([...long, '{ restore: latest }']),
    );
    expect(await warnings(text)).toEqual([expect.stringContaining('“live” is production')]);
  });

  test('recovery that cannot be seen to be stable', async () => {
    expect(await warnings(drill([long[0] ?? '', '{ wait: 1s }']))).toEqual([expect.stringContaining('stable for 5s')]);
  });

  test('an RTO that the drill itself overruns', async () => {
    const text = drill(['{ id: k, inject: registry.wipe }', '{ wait: 20s }', '{ restore: latest }', '{ wait: 9s }']);
    expect(await warnings(text)).toEqual([expect.stringContaining('The RTO of 10s cannot be met')]);
  });

  test('an RTO finer than the requests, a loss of nothing, no objective', async () => {
    const wipe = drill(['{ id: k, inject: registry.wipe }', '{ restore: latest }', '{ wait: 9s }']);
    expect(await warnings(edited('rto: 10s', 'rto: 50ms', wipe))).toEqual([
      expect.stringContaining('requests 50ms apart'),
    ]);
    expect(await warnings(edited('rto: 10s', 'rto: 10s, rpo: { records: 0 }', wipe))).toEqual([
      expect.stringContaining('A loss of nothing'),
    ]);
    expect(await warnings(edited('objectives: { rto: 10s }\n', '', wipe))).toEqual([
      expect.stringContaining('No objective'),
    ]);
  });

  test('longer than the drill may take, and a rehearsal', async () => {
    expect(await warnings(drill([...long, '{ id: w, wait: 20s }'], 'maxDuration: 30s'))).toEqual([
      expect.stringContaining('stopped after 30s'),
    ]);
    const checks = edited('kind: fault-injection', 'kind: partial', drill(['{ check: registry.writable }']));
    expect(await warnings(checks)).toEqual([expect.stringContaining('rehearsal')]);
  });
});

describe('on a real cluster', () => {
  const stateRoot = mkdtempSync(join(tmpdir(), 'firedrill-plan-'));
  const lab = createLabs({ basePort: 21_310 }).find('antietcd-3');
  let cluster: Cluster;

  beforeAll(async () => {
    invariant(lab !== undefined, 'no antietcd lab');
    const { nodes, product } = await lab.up(stateRoot);
    const bound = nodes.map(({ pid: _pid, ...node }) => node);
    const [driver, registry] = [drivers.find('process'), registries.find('etcd')];
    invariant(driver !== undefined && registry !== undefined, 'no driver');
    const binding = {
      registry: 'etcd',
      product,
      version: '',
      lab: lab.name,
      driver: 'process',
      prefix: '/services/',
      clusterId: null,
      nodes: bound,
    } as const;
    cluster = { binding, driver, registry: registry.connect(binding) };
  });

  afterAll(async () => {
    cluster?.registry.close();
    await lab?.down(stateRoot);
    rmSync(stateRoot, { recursive: true, force: true });
  });

  test('it finds the leader, the processes, and refuses once a node is frozen', async () => {
    const before = await planDrill({ loaded: load(VALID), cluster, faults: catalogs.faults });
    invariant(before.ok, JSON.stringify(before));
    const members = before.plan.target?.members ?? [];
    expect(members.filter(({ leader }) => leader).map(({ node }) => node)).toEqual(before.plan.steps[0]?.nodes);
    expect(members.every(({ pid }) => pid !== null)).toBe(true);
    const [node] = cluster.binding.nodes;
    invariant(node !== undefined, 'no node');
    await cluster.driver.signal(node, 'SIGSTOP');
    try {
      const frozen = await planDrill({ loaded: load(VALID), cluster, faults: catalogs.faults });
      expect(frozen).toMatchObject({
        ok: false,
        refusals: expect.arrayContaining([expect.objectContaining({ code: 'node-frozen' })]),
      });
    } finally {
      await cluster.driver.signal(node, 'SIGCONT');
    }
  });
});
