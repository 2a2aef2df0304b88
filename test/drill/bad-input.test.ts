import { describe, expect, test } from 'vitest';
import { InputError, WorldError } from '../../src/core/errors.js';
import { bi } from '../../src/core/text.js';
import { loadDrill, loadTarget } from '../../src/drill/index.js';
import { loadRecoveryPlan } from '../../src/plan/index.js';
import { catalogs, edited, load, problemsOf, told, VALID } from './support.js';

test('the drill that the others are made from is valid', () => {
  expect(load(VALID).drill.phases.execute.steps.map((step) => step.id)).toEqual([
    'inject-node.kill',
    'check-registry.writable',
    'recover-node.start',
  ]);
});

interface Row {
  readonly what: string;
  readonly from: string;
  readonly to: string;
  readonly told: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    what: 'unknown key',
    from: 'level: P1',
    to: 'level: P1\nlevle: P1',
    told: ['6:1 unknown key “levle” [did you mean “level”?]'],
  },
  {
    what: 'typo of a needed key: one problem, not two',
    from: 'kind: fault',
    to: 'knid: fault',
    told: ['4:1 unknown key “knid” [did you mean “kind”?]'],
  },
  {
    what: 'missing key',
    from: 'title: A drill\n',
    to: '',
    told: ['1:1 the key “title” is missing [name of the drill]'],
  },
  {
    what: 'a check in a gate says probe, not check',
    from: 'phases:\n',
    to: 'steadyState: [{ check: registry.writable }]\nphases:\n',
    told: ['10:17 unknown key “check” [“probe” is needed here; allowed: probe, within, tolerance, is, with]'],
  },
  {
    what: 'wrong type',
    from: 'title: A drill',
    to: 'title: 5',
    told: [
      '3:8 expected a text, or one per language { en: …, zh: … }, found the number “5” [put it in quotes if it is meant as text]',
    ],
  },
  {
    what: 'list where a map is needed',
    from: 'traffic: {}',
    to: 'traffic: []',
    told: [
      '8:1 expected traffic { services, instances, writes, reads, … }, found a list [allowed: services, coreServices, instances, writes, reads, requestLimit, lease, client, maxEntries, settle]',
    ],
  },
  {
    what: 'reads too rare for a recovery to be seen',
    from: 'traffic: {}',
    to: 'traffic: { reads: 0.5/s }',
    told: [
      '8:19 recovery could never be seen: 0.5/s of “reads” is fewer than 5 attempts in a stableFor of 5s [raise reads to 1/s, or stableFor]',
    ],
  },
  {
    what: 'a stableFor too short for the writes',
    from: 'objectives: { rto: 10s }',
    to: 'objectives: { rto: 10s, stableFor: 200ms, operation: register }',
    told: [
      '9:36 recovery could never be seen: 20/s of “writes” is fewer than 5 attempts in a stableFor of 200ms [raise writes to 25/s, or stableFor]',
    ],
  },
  {
    what: 'nothing where something is needed',
    from: 'target: { registry: etcd, lab: antietcd-3 }',
    to: 'target:',
    told: [
      '7:1 expected a target { registry, lab } or { registry, driver, nodes }, found nothing [allowed: credentials, tls, registry, lab, driver, nodes, commands, prefix, standby, layout]',
    ],
  },
  {
    what: 'text in one language only',
    from: 'title: A drill',
    to: 'title: { en: A drill }',
    told: ['3:1 a text per language has exactly “en” and “zh”'],
  },
  {
    what: 'duration without unit',
    from: 'rto: 10s',
    to: 'rto: 10',
    told: [
      '9:20 expected a duration like 500ms, 30s, 5m or 1h30m, found the number “10” [a duration needs a unit: 10s? 10ms?]',
    ],
  },
  {
    what: 'negative duration',
    from: 'rto: 10s',
    to: 'rto: -10s',
    told: [
      '9:20 expected a duration like 500ms, 30s, 5m or 1h30m, found the text “-10s” [a duration cannot be negative]',
    ],
  },
  {
    what: 'no duration at all',
    from: 'rto: 10s',
    to: 'rto: 0s',
    told: ['9:20 the duration “0s” is impossible here [allowed: 1ms to 366d]'],
  },
  {
    what: 'duration beyond all bounds',
    from: 'rto: 10s',
    to: `rto: ${'9'.repeat(40)}d`,
    told: [`9:20 the duration “${'9'.repeat(40)}d” is impossible here [allowed: 1ms to 366d]`],
  },
  {
    what: 'longer than the drill may take',
    from: 'within: 10s',
    to: 'within: 24h',
    told: [
      '15:15 “24h” is longer than the whole drill may take (safety.maxDuration 30m) [here “within” is how long the check polls; the age of a backup is with: { maxAge: 24h }]',
    ],
  },
  {
    what: 'a pause that is over before it is over',
    from: 'within: 10s',
    to: 'within: 10s\n    - { wait: 5s, within: 3s }',
    told: ['16:27 a pause cannot be over before it is over: “within” is shorter than “wait”'],
  },
  {
    what: 'duplicate id',
    from: '- check: registry.writable',
    to: '- id: x\n      wait: 1s\n    - id: x\n      check: registry.writable',
    told: ['16:11 two steps have the id “x” (first in line 14) [an id is unique in the whole drill]'],
  },
  {
    what: 'duplicate key',
    from: 'level: P1',
    to: 'level: P1\nlevel: P2',
    told: ['6:1 the key “level” is there twice (first in line 5)'],
  },
  {
    what: 'unknown fault',
    from: 'inject: node.kill',
    to: 'inject: node.kil\n      id: inject-node.kill',
    told: ['12:15 “node.kil” is no fault [did you mean “node.kill”?]'],
  },
  {
    what: 'unknown probe',
    from: 'check: registry.writable',
    to: 'check: registry.writeable',
    told: ['14:14 “registry.writeable” is no probe [did you mean “registry.writable”?]'],
  },
  {
    what: 'unknown lab',
    from: 'lab: antietcd-3',
    to: 'lab: zookeeper',
    told: ['7:32 “zookeeper” is no practice cluster [did you mean “zookeeper-3”?]'],
  },
  {
    what: 'unknown preset',
    from: 'rto: 10s',
    to: 'preset: registry-prod',
    told: ['9:23 the recovery plan has no preset “registry-prod” [did you mean “registry-test”?]'],
  },
  {
    what: 'unknown role of the plan',
    from: 'commander: alice',
    to: 'comander: alice',
    told: ['6:10 the recovery plan has no role “comander” [did you mean “commander”?]'],
  },
  {
    what: 'by a role that nobody holds',
    from: 'within: 10s',
    to: 'within: 10s\n      by: evaluator',
    told: [
      '16:11 the drill’s “roles” do not declare “evaluator” [add it under roles, with who holds it: evaluator: NAME]',
    ],
  },
  {
    what: 'by a role with a typo',
    from: 'within: 10s',
    to: 'within: 10s\n      by: tecnical',
    told: ['16:11 the drill’s “roles” do not declare “tecnical” [did you mean “technical”?]'],
  },
  {
    what: 'unavailable is nobody of the roles',
    from: '[bob, chen] }',
    to: '[bob, chen], unavailable: [cheng] }',
    told: ['6:66 nobody named “cheng” has a role [did you mean “chen”?]'],
  },
  {
    what: 'unknown milestone',
    from: 'within: 10s',
    to: 'within: 10s\n      milestone: T+5min',
    told: ['16:18 the recovery plan has no milestone “T+5min” [did you mean “T+5m”?]'],
  },
  {
    what: 'unknown step target',
    from: 'step: inject-node.kill',
    to: 'step: inject-node-kill',
    told: ['17:19 no step has the id “inject-node-kill” [did you mean “inject-node.kill”?]'],
  },
  {
    what: 'step target that comes later',
    from: 'on: { role: leader }',
    to: 'on: { step: recover-node.start }',
    told: ['13:19 the step “recover-node.start” comes later (line 16)'],
  },
  {
    what: 'step target that chooses no nodes',
    from: 'step: inject-node.kill',
    to: 'step: check-registry.writable',
    told: ['17:19 “check-registry.writable”: that step chooses no nodes'],
  },
  {
    what: 'heal of what is no fault',
    from: 'recover: node.start\n      on: { step: inject-node.kill }',
    to: 'heal: check-registry.writable',
    told: ['16:13 “check-registry.writable”: only an inject step can be healed'],
  },
  {
    what: 'objectives.step that is no fault',
    from: 'rto: 10s',
    to: 'rto: 10s, step: inject-node.kil',
    told: ['9:31 no inject step has the id “inject-node.kil” [did you mean “inject-node.kill”?]'],
  },
  {
    what: 'when: unknown step',
    from: 'within: 10s',
    to: 'within: 10s\n      when: { step: inject-node.kil, is: pass }',
    told: ['16:21 no step has the id “inject-node.kil” [did you mean “inject-node.kill”?]'],
  },
  {
    what: 'when: itself',
    from: 'within: 10s',
    to: 'within: 10s\n      when: { step: check-registry.writable, is: pass }',
    told: ['16:21 a step cannot refer to itself'],
  },
  {
    what: 'when: later',
    from: 'within: 10s',
    to: 'within: 10s\n      when: { step: recover-node.start, is: pass }',
    told: ['16:21 the step “recover-node.start” comes later (line 17)'],
  },
  {
    what: 'when: at the same time',
    from: '- check: registry.writable\n      within: 10s',
    to: '- parallel:\n        - { id: a, wait: 1s }\n        - { wait: 1s, when: { step: a, is: pass } }',
    told: ['16:37 the step “a” runs at the same time'],
  },
  {
    what: 'when: an outcome that can never be',
    from: 'within: 10s',
    to: 'within: 10s\n    - { id: w, wait: 1s }\n    - { wait: 1s, when: { step: w, is: fail } }',
    told: [
      '17:40 this can never be: the step “w” (wait) cannot end as “fail” with the drill going on [it can end as: pass]',
    ],
  },
  {
    what: 'when: after a fault that did not bite nothing goes on',
    from: 'within: 10s',
    to: 'within: 10s\n      when: { step: inject-node.kill, is: fail }',
    told: [
      '16:43 this can never be: the step “inject-node.kill” (inject) cannot end as “fail” with the drill going on [give that step “continueOnFailure: true”]',
    ],
  },
  {
    what: 'typo of a verb',
    from: '- check: registry.writable',
    to: '- chekc: registry.writable',
    told: ['14:7 “chekc” is no verb of a step [did you mean “check”?]'],
  },
  {
    what: 'two verbs',
    from: '- check: registry.writable',
    to: '- wait: 1s\n      check: registry.writable',
    told: ['15:7 a step has one verb, this one has two: “wait” and “check”'],
  },
  {
    what: 'no verb',
    from: '- check: registry.writable\n      within: 10s',
    to: '- within: 10s',
    told: [
      '14:7 this step has no verb [verbs: inject, heal, recover, backup, restore, decide, degrade, check, manual, document, situation, problem, parallel, run, wait]',
    ],
  },
  {
    what: 'key of another verb',
    from: '- check: registry.writable',
    to: '- check: registry.writable\n      service: x',
    told: [
      '15:7 unknown key “service” [allowed: id, title, by, expect, milestone, when, continueOnFailure, severity, check, within, tolerance, is, with]',
    ],
  },
  {
    what: 'setting of a fault',
    from: 'inject: node.kill\n      on: { role: leader }',
    to: 'id: inject-node.kill\n      inject: service.delete\n      with: { servcie: x }\n    - inject: node.kill\n      id: k\n      on: { role: any }',
    told: [
      '14:15 unknown key “servcie” [did you mean “service”?]',
      '21:19 “inject-node.kill”: that step chooses no nodes',
    ],
  },
  {
    what: 'missing setting of a fault',
    from: '- check: registry.writable\n      within: 10s',
    to: '- inject: service.delete',
    told: ['14:7 the key “service” is missing [the service whose instances are deleted]'],
  },
  {
    what: 'fault on nodes without nodes',
    from: '      on: { role: leader }\n',
    to: '',
    told: [
      '12:15 the fault “node.kill” needs nodes: the key “on” is missing [for example on: { role: leader }]',
      '16:19 “inject-node.kill”: that step chooses no nodes',
    ],
  },
  {
    what: 'fault on data with nodes',
    from: 'within: 10s',
    to: 'within: 10s\n    - { inject: registry.wipe, on: { role: any } }',
    told: ['16:32 the fault “registry.wipe” acts on the content of the registry and takes no “on”'],
  },
  {
    what: 'two ways of choosing',
    from: '{ role: leader }',
    to: '{ role: leader, name: n1 }',
    told: [
      '13:7 expected exactly one way of choosing nodes: { role }, { name }, { site }, { label }, { step } or { random }, found a map',
    ],
  },
  {
    what: 'tolerance that can never be met',
    from: 'within: 10s',
    to: 'within: 10s\n      tolerance: { atLeast: 99% }',
    told: ['16:7 this tolerance can never be met: “registry.writable” gives true or false'],
  },
  {
    what: 'time zone',
    from: 'level: P1',
    to: 'level: P1\ntimeZone: Asia/Peking',
    told: ['6:11 “Asia/Peking” is no time zone [a name of the IANA list, such as Asia/Shanghai or UTC]'],
  },
  {
    what: 'offset instead of a time zone',
    from: 'level: P1',
    to: 'level: P1\ntimeZone: "+08:00"',
    told: ['6:11 “+08:00” is no time zone [a name of the IANA list, such as Asia/Shanghai or UTC]'],
  },
  {
    what: 'lab and own nodes at once',
    from: 'lab: antietcd-3 }',
    to: 'lab: antietcd-3, driver: process, nodes: [{ name: n1, url: "http://127.0.0.1:1", pidFile: a, start: [etcd] }] }',
    told: [
      '4:7 a drill on your own nodes needs an “environment” with a name [for example environment: { name: staging, production: false }]',
      '7:1 a target is either a practice cluster (“lab”) or your own nodes (“driver” and “nodes”)',
    ],
  },
  {
    what: 'own nodes: how to find, twice, environment',
    from: 'lab: antietcd-3 }',
    to: `driver: process, nodes: [
  { name: n1, url: "http://h:1", start: [etcd] },
  { name: n1, url: "http://h:2", start: [etcd], pidFile: a, argument: bbbb } ] }`,
    told: [
      '4:7 a drill on your own nodes needs an “environment” with a name [for example environment: { name: staging, production: false }]',
      '8:3 a node is found by “pidFile” or “argument”, or in a container by “container”, “containerLabel” or “compose”: exactly one',
      '9:3 a node is found by “pidFile” or “argument”, or in a container by “container”, “containerLabel” or “compose”: exactly one',
      '9:11 two nodes have the name “n1”',
    ],
  },
  {
    what: 'path that leads out',
    from: 'within: 10s',
    to: 'within: 10s\n    - { backup: full, to: ../elsewhere }',
    told: ['16:27 the path “../elsewhere” leads out of its folder'],
  },
  {
    what: 'a fallback of two places, one after the owners, and a folder that no run has',
    from: 'within: 10s',
    to: `within: 10s
    - { restore: latest, fallback: [{ in: a, tier: b }] }
    - { restore: latest, fallback: [re-register, { in: a }] }
    - { restore: '{secret}/a' }`,
    told: [
      '16:37 exactly one of “in”, “tier” and “recover”',
      '16:52 the recovery plan has no tier “b” [known: local, nas, object, archive]',
      '17:7 after re-register nothing is tried: it comes last',
      '18:18 a run has no folder “{secret}” [known here: {archives}, {private}]',
    ],
  },
  {
    what: 'solved is not open',
    from: 'within: 10s',
    to: 'within: 10s\n    - { problem: { id: p, title: P, priority: P1, fallback: worked } }',
    told: ['16:9 fallback: only of a solved problem [write “state: solved”, or leave them out]'],
  },
  {
    what: 'what comes in a later version is unknown now',
    from: 'traffic: {}',
    to: 'traffic: {}\nnotify: []',
    told: [
      '9:1 unknown key “notify” [allowed: apiVersion, id, title, kind, level, recoveryPlan, timeZone, environment, why, objectives, roles, target, traffic, steadyState, safety, phases, scoring]',
    ],
  },
];

test.each(ROWS)('$what', ({ from, to, told: expected }) => {
  expect(told(problemsOf(edited(from, to)))).toEqual(expected);
});

describe('what each kind needs', () => {
  const kind = (name: string): string => edited('kind: fault-injection', `kind: ${name}`);

  test('a tabletop touches nothing', () => {
    const problems = told(problemsOf(kind('tabletop')));
    expect(problems).toEqual([
      '4:7 a tabletop needs at least one “situation”',
      '7:1 a tabletop has no “target”: nothing is touched',
      '8:1 a tabletop has no “traffic”: nothing is touched',
      '12:7 a tabletop cannot have “inject”: nothing is touched',
      '14:7 a tabletop cannot have “check: registry.writable”: nothing is touched',
      '16:7 a tabletop cannot have “recover”: nothing is touched',
    ]);
  });

  test('a full flow restores the whole registry', () => {
    expect(told(problemsOf(kind('full-flow')))).toEqual([
      '4:7 a full-flow drill needs a “restore” of the whole registry [“- restore: latest”, without “service”]',
    ]);
  });

  test('a fault injection has a target, traffic and a fault', () => {
    const bare = `apiVersion: firedrill/v1\nid: a\ntitle: A\nkind: fault-injection\nlevel: P1\nphases: {}\n`;
    expect(told(problemsOf(bare))).toEqual([
      '4:7 a fault-injection drill needs a “target” [for example target: { registry: etcd, lab: antietcd-3 }]',
      '4:7 a fault-injection drill needs an “inject” step',
      '4:7 a fault-injection drill needs “traffic” [“traffic: {}” takes the defaults]',
    ]);
  });

  test('a partial drill may be a rehearsal of checks only', () => {
    const checks = VALID.replace('kind: fault-injection', 'kind: partial')
      .replace(/ {4}- inject[\s\S]*?leader \}\n/, '')
      .replace(/ {4}- recover[\s\S]*$/, '');
    expect(load(checks).drill.phases.execute.steps).toHaveLength(1);
    expect(told(problemsOf(checks.replace(/ {4}- check[\s\S]*$/, '    - wait: 1s\n')))).toEqual([
      '4:7 a partial drill needs an “inject”, “restore”, “recover” or “check” step',
    ]);
  });
});

test('everything wrong with a file is told at once, in order of place, in both languages', () => {
  const text = edited(
    'level: P1',
    'level: P9\nlevle: 1',
    edited('rto: 10s', 'rto: 1x', edited('node.kill\n', 'node.kil\n')),
  );
  const problems = problemsOf(edited('within: 10s', 'withn: 10s\n      when: { step: nowhere, is: pass }', text));
  expect(problems.map(({ line }) => line)).toEqual([5, 6, 10, 13, 16, 17, 19]);
  for (const { message, hint } of problems) {
    expect(message.zh).toMatch(/\p{Script=Han}/u);
    if (hint !== undefined) expect(hint.zh).toMatch(/\p{Script=Han}/u);
  }
});

describe('the recovery plan of a drill', () => {
  const withPlan = (recoveryPlan: () => never) => (): unknown =>
    loadDrill({
      path: 'x.drill.yaml',
      text: edited('level: P1', 'level: P1\nrecoveryPlan: p.yaml\nlevle: 1'),
      ...catalogs,
      recoveryPlan,
    });

  test('its problems come with those of the drill', () => {
    const bad = withPlan(() => loadRecoveryPlan({ path: 'p.yaml', text: 'apiVersion: 1\n' }) as never);
    const problems = thrownBy(bad);
    expect(new Set(problems.map(({ file }) => file))).toEqual(new Set(['p.yaml', 'x.drill.yaml']));
  });

  test('one that cannot be read is a problem of the key that names it', () => {
    const gone = withPlan(() => {
      throw new WorldError({
        code: 'file-unreadable',
        message: bi('Cannot read p.yaml: ENOENT.', '无法读取 p.yaml：ENOENT。'),
      });
    });
    expect(told(thrownBy(gone))).toEqual([
      '6:15 Cannot read p.yaml: ENOENT.',
      '7:1 unknown key “levle” [did you mean “level”?]',
    ]);
  });
});

test('a file with only a target', () => {
  const read = (text: string): unknown => loadTarget({ path: 't.yaml', bytes: Buffer.from(text), labs: catalogs.labs });
  expect(read(VALID)).toEqual({ registry: 'etcd', prefix: '/services/', source: { from: 'lab', lab: 'antietcd-3' } });
  expect(read('target: { registry: etcd, lab: etcd-3, prefix: /a/b/ }')).toHaveProperty('prefix', '/a/b/');
  expect(told(thrownBy(() => read('target: { registry: etc, lab: etcd-3 }')))).toEqual([
    '1:21 “etc” is no kind of registry [known: etcd, zookeeper]',
  ]);
  expect(told(thrownBy(() => read('lab: etcd-3')))).toEqual(['1:1 the key “target” is missing [the registry]']);
});

function thrownBy(act: () => unknown): InputError['problems'] {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  throw new Error('nothing was thrown');
}
