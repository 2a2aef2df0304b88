/**
 * A run as a journal and its measurements would tell it: full-flow, the leader killed, then all data wiped and restored.
 * `name` stands wherever a user's own text can get into a report.
 */
import type { EventBody, JournalEvent } from '../../src/core/journal.js';
import type { Measurements, OperationAvailability } from '../../src/core/measurement.js';
import { bi } from '../../src/core/text.js';
import { reviewed } from '../../src/issues/index.js';
import { type BuildInput, buildResult } from '../../src/report/index.js';
import { seqsOf, story } from './journal.js';
import { issuesOf, scoreOf } from './judgement.js';
import { measurementsOf } from './measurements.js';
import { lastOf, openIssuesOf, reviewOf } from './reviewed.js';
import { drill, plan, recoveryPlan, rubric } from './words.js';

const RUN_ID = '20261122T101500Z-etcd-leader-loss-7f3a';

export interface FixtureOptions {
  /** Put into titles, node names, reasons, notes. */
  readonly name?: string;
  /** Client attempts per second and operation. */
  readonly rate?: number;
}

function fixtureInput(options: FixtureOptions = {}): BuildInput {
  const events = eventsOf(options);
  const { name = 'bob' } = options;
  const review = reviewOf(name);
  return {
    events,
    measurements: measurementsOf(events, name),
    score: scoreOf(events),
    noScore: null,
    issues: reviewed(issuesOf(events, name), review),
    outcome: 'pass',
    exitCode: 0,
    review,
    passed: new Set(['etcd-leader-loss/confirm-level/step-late']),
  };
}

export function fixture(options: FixtureOptions = {}) {
  const input = fixtureInput(options);
  return { result: buildResult(input), events: input.events };
}

function eventsOf({ name = 'bob', rate = 15 }: FixtureOptions): readonly JournalEvent[] {
  const { at, events } = story();
  at(0, {
    type: 'run.opened',
    schemaVersion: 1,
    runId: RUN_ID,
    firedrill: '0.1.0',
    drill: name === 'bob' ? drill : { ...drill, title: name, environment: { name, production: false } },
    drillSha256: 'd'.repeat(64),
    drillPath: 'drills/etcd-leader-loss.drill.yaml',
    plan,
    recoveryPlan,
    rubric,
    startedBy: 'sre',
    argv: ['firedrill', 'run', 'drills/etcd-leader-loss.drill.yaml', '--as', name],
    host: { name: 'ops-1', os: 'Linux 6.1', node: 'v20.20.2', cpus: 2, bootId: 'b' },
    clockOriginMs: 0,
    scriptedAnswers: false,
    answeredBy: name,
    history: { previous, openIssues: openIssuesOf(name), last: lastOf(name) },
  });
  for (const [ms, body] of happenings(name)) at(ms, body);
  for (const [ms, body] of attempts(rate, name)) at(ms, body);
  return events();
}

const previous = {
  runId: '20260822T090000Z-etcd-leader-loss-11aa',
  startedAt: '2026-08-22T09:00:00.000Z',
  outcome: 'fail',
  percent: 71,
  rubric: 'default@1',
  rtoMs: 16_250,
  lostRecords: 3,
  topology: 'antietcd 1.3.1 × 3',
  criteria: { rto: 20, integrity: 15, 'plan-followed': 8, roles: 8, 'nothing-left-out': 7 },
} as const;

const PHASE_STARTS = [
  ['prepare', 20, 1_900],
  ['kickoff', 1_900, 7_600],
  ['execute', 7_600, 40_000],
  ['verify', 40_000, 52_000],
  ['review', 52_000, 58_000],
] as const;

function happenings(name: string): readonly (readonly [number, EventBody])[] {
  return [
    ...PHASE_STARTS.flatMap(([phase, from, to]): (readonly [number, EventBody])[] => [
      [from, { type: 'phase.started', phase }],
      [to, { type: 'phase.ended', phase, outcome: 'pass' }],
    ]),
    [
      210,
      {
        type: 'backup.written',
        step: 'backup-full',
        file: 'registry-backup-20261122-181500.tar.gz',
        sha256: 'a1'.repeat(32),
        bytes: 18_432,
        backupTimeUtc: '2026-11-22T10:15:00Z',
        revision: 240,
        services: 12,
        instances: 96,
        durable: 40,
        pointMs: 190,
      },
    ],
    [2_400, { type: 'manual.answered', step: 'declare', by: 'commander', answeredBy: 'alice', done: true, note: name }],
    [8_110, { type: 'undo.armed', undo: 'u1', undoer: 'node.kill', step: 'kill-leader', nodes: ['n2'] }],
    [
      8_112,
      {
        type: 'fault.injected',
        undo: 'u1',
        step: 'kill-leader',
        fault: 'node.kill',
        nodes: ['n2'],
        requestedMs: 8_112.2,
        returnedMs: 8_113,
      },
    ],
    [
      8_124,
      {
        type: 'fault.confirmed',
        undo: 'u1',
        step: 'kill-leader',
        fault: 'node.kill',
        nodes: ['n2'],
        scope: 'node',
        bitten: true,
        requestedMs: 8_112.2,
        observedMs: 8_123.5,
        detail: bi('process 4101 is gone', '进程 4101 已消失'),
      },
    ],
    [
      8_900,
      {
        type: 'problem.opened',
        problem: 'slow-alarm',
        title: name,
        priority: 'P2',
        by: 'alice',
        step: 'confirm-level',
      },
    ],
    [
      12_050,
      {
        type: 'step.started',
        step: 'restart',
        phase: 'execute',
        verb: 'recover',
        title: bi('Start the dead node', '启动宕机节点'),
        by: 'technical',
        withinMs: 30_000,
        expectMs: 3_000,
        milestone: null,
        severity: null,
      },
    ],
    [
      13_200,
      {
        type: 'problem.solved',
        problem: 'slow-alarm',
        solution: bi('asked on the phone', '改用电话确认'),
        by: 'alice',
        fallback: 'worked',
        decision: { by: 'alice', reason: bi('the alarm was silent', '告警未响') },
      },
    ],
    [
      14_100,
      {
        type: 'recover.action',
        step: 'restart',
        action: 'node.start',
        nodes: ['n2'],
        outcome: 'pass',
        detail: bi('n2 serves again', 'n2 恢复服务'),
        facts: {},
      },
    ],
    [
      14_110,
      {
        type: 'undo.reverted',
        undo: 'u1',
        undoer: 'node.kill',
        step: 'kill-leader',
        cause: 'recover-step',
        reverted: true,
        nothingToDo: true,
        detail: bi('the node runs', '节点在运行'),
      },
    ],
    [20_000, { type: 'undo.armed', undo: 'u2', undoer: 'registry.wipe', step: 'wipe', nodes: [] }],
    [
      20_310,
      {
        type: 'fault.confirmed',
        undo: 'u2',
        step: 'wipe',
        fault: 'registry.wipe',
        nodes: [],
        scope: 'data',
        bitten: true,
        requestedMs: 20_050,
        observedMs: 20_300.4,
        detail: bi('0 of 96 instances are left', '96 个实例剩 0 个'),
      },
    ],
    [
      22_000,
      {
        type: 'restore.chosen',
        step: 'restore',
        file: 'registry-backup-20261122-181500.tar.gz',
        sha256: 'a1'.repeat(32),
        backupTimeUtc: '2026-11-22T10:15:00Z',
        scope: 'all',
        service: null,
      },
    ],
    [
      31_000,
      {
        type: 'traffic.rebased',
        step: 'restore',
        file: 'registry-backup-20261122-181500.tar.gz',
        kept: 40,
        dropped: 2,
      },
    ],
    [
      31_500,
      {
        type: 'undo.reverted',
        undo: 'u2',
        undoer: 'registry.wipe',
        step: 'wipe',
        cause: 'recover-step',
        reverted: true,
        nothingToDo: true,
        detail: bi('the restore brought it back', '恢复已带回数据'),
      },
    ],
    [
      47_000,
      {
        type: 'ledger.read',
        node: 'n1',
        readable: true,
        reason: null,
        part: 1,
        parts: 1,
        entries: [[`svc/${name}`, 3]],
      },
    ],
    [47_050, { type: 'ledger.read', node: name, readable: false, reason: name, part: 1, parts: 1, entries: [] }],
    [57_000, { type: 'residue.checked', by: 'run', checked: 2, left: [] }],
    [58_000, { type: 'run.ended', ending: 'completed' }],
  ];
}

/** Writes fail while there is no leader; discovery is incomplete from the wipe to the end of the restore. */
function felt(op: 'register' | 'renew' | 'discover', ms: number): 'ok' | 'failed' | 'unknown' {
  if (op === 'discover') return ms > 20_300 && ms < 32_400 ? 'failed' : 'ok';
  if (ms > 24_000 && ms < 29_500) return 'failed';
  if (ms > 8_123 && ms < 9_300) return 'unknown';
  return ms >= 9_300 && ms < 9_600 && Math.floor(ms / 70) % 2 === 0 ? 'failed' : 'ok';
}

function attempts(rate: number, name: string): readonly (readonly [number, EventBody])[] {
  const list: [number, EventBody][] = [];
  for (const [offset, op] of (['register', 'renew', 'discover'] as const).entries()) {
    for (let due = 2_000 + offset * 7; due < 50_000; due += 1_000 / rate) {
      const outcome = felt(op, due);
      const ended = due + (outcome === 'unknown' ? 500 : 2.5 + (due % 3));
      list.push([
        ended,
        {
          type: 'attempt',
          op,
          entry: `firedrill-canary-1122101500-7f3a-0${Math.floor(due) % 4}/i${Math.floor(due) % 200}`,
          version: 1,
          durable: op === 'register',
          again: false,
          node: 'n1',
          dueMs: due,
          issuedMs: due + 0.3,
          endedMs: ended,
          outcome,
          reason: outcome === 'ok' ? null : `${outcome === 'failed' ? '503 no leader' : 'no answer in 500 ms'} ${name}`,
          expected: null,
          missing: null,
        },
      ]);
    }
  }
  return list;
}

export function availabilityOf(events: readonly JournalEvent[]): readonly OperationAvailability[] {
  const sliceMs = 250;
  return (['register', 'renew', 'discover'] as const).map((operation) => {
    const mine = events.filter((event) => event.type === 'attempt' && event.op === operation);
    const slices = new Map<number, { fromMs: number; ok: number; bad: number; maxMs: number | null }>();
    for (const event of mine) {
      if (event.type !== 'attempt') continue;
      const fromMs = Math.floor(event.issuedMs / sliceMs) * sliceMs;
      const slice = slices.get(fromMs) ?? { fromMs, ok: 0, bad: 0, maxMs: null };
      if (event.outcome === 'ok') slice.ok++;
      else slice.bad++;
      slices.set(fromMs, slice);
    }
    const amount = (outcome: string): number =>
      mine.filter((event) => event.type === 'attempt' && event.outcome === outcome).length;
    return {
      operation,
      attempts: mine.length,
      ok: amount('ok'),
      failed: amount('failed'),
      unknown: amount('unknown'),
      sliceMs,
      slices: [...slices.values()].sort((a, b) => a.fromMs - b.fromMs),
    };
  });
}

/** A run that ended before anything was broken: everything there is to show is why there is nothing. */
export function refusedInput(): BuildInput {
  const events = story();
  const [opened] = eventsOf({ rate: 0.01 });
  if (opened?.type === 'run.opened') {
    const { seq: _seq, at: _at, ms: _ms, prev: _prev, hash: _hash, ...body } = opened;
    events.at(0, { ...body, history: { previous: null, openIssues: [] } });
  }
  events.at(5, { type: 'run.ended', ending: 'refused' });
  const told = events.events();
  return {
    events: told,
    measurements: emptyMeasurements(told),
    score: null,
    noScore: bi('Not scored: the run is not valid.', '未评分：本次运行无效。'),
    issues: [],
    outcome: 'skipped',
    exitCode: 4,
    review: null,
    passed: new Set(),
  };
}

function emptyMeasurements(events: readonly JournalEvent[]): Measurements {
  const ended = seqsOf(events, (event) => event.type === 'run.ended');
  return {
    run: {
      endedEarly: true,
      ending: 'refused',
      stopCause: null,
      startedAt: '2026-11-22T10:15:00.000Z',
      endedAt: '2026-11-22T10:15:00.005Z',
      durationMs: 5,
    },
    validity: {
      valid: false,
      because: [
        {
          code: 'refused',
          text: bi('the steady state did not hold before the first fault', '首个故障之前稳态不成立'),
          evidence: ended,
        },
      ],
    },
    faults: [],
    recovery: [],
    objectives: [],
    ledger: null,
    loss: null,
    integrity: { count: 'unknown', hash: 'unknown', functional: 'unknown', evidence: [] },
    availability: [],
    phases: [],
    steps: [],
    checks: [],
    contents: [],
    milestones: [],
    problems: [],
    decisions: [],
    degradations: [],
    people: { scripted: false, manual: [], documents: [], situations: [], estimatedRecoveryMs: null },
    backups: [],
    restores: [],
    damagedArchives: [],
    fallbacks: [],
    residue: { checked: false, left: [], evidence: [] },
    safety: { planned: [], touched: [], open: [], failedReverts: [] },
    canary: { attempts: 0, lagP99Ms: null, lagMaxMs: null },
  };
}
