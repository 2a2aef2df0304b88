/** Hand-written journals: bodies with their times in, stamped and chained events out. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Drill, PhaseSpec, RestoreSubstep, Step, TrafficSpec } from '../../src/core/drill.js';
import type { BodyOf, EventBody, JournalEvent, TrafficOperation } from '../../src/core/journal.js';
import type { RecoveryPlan } from '../../src/core/recovery-plan.js';
import { bi } from '../../src/core/text.js';
import { parseRubric } from '../../src/score/index.js';

/** 2026-11-22 10:15 UTC = 18:15 in Shanghai. */
const STARTED = Date.parse('2026-11-22T10:15:00.000Z');
export type Timed = readonly [ms: number | null, body: EventBody];

/** In the order given; `seq` counts from 1. */
export function journalOf(bodies: readonly Timed[]): readonly JournalEvent[] {
  let prev = '';
  return bodies.map(([ms, body], i) => {
    const at = new Date(STARTED + (ms ?? 0)).toISOString();
    const line = { seq: i + 1, at, ms, prev, ...body };
    const hash = createHash('sha256').update(JSON.stringify(line)).digest('hex');
    prev = hash;
    return { ...line, hash };
  });
}

export const byTime = (bodies: readonly Timed[]): readonly Timed[] =>
  [...bodies].sort(([a], [b]) => (a ?? 0) - (b ?? 0));

const rubric = parseRubric(readFileSync(new URL('../../templates/rubrics/default.yaml', import.meta.url), 'utf8'));

const MIN = 60_000;
const level = (responseMs: number | null, recoveryTargetMs: number, owner: string): RecoveryPlan['levels']['P0'] => ({
  title: owner,
  scope: owner,
  responseMs,
  response: '',
  recoveryTargetMs,
  owner,
  deadline: { kind: 'none' },
  example: '',
});

export const recoveryPlan: RecoveryPlan = {
  apiVersion: 'firedrill/v1',
  version: '1',
  title: 'plan',
  levels: {
    P0: { ...level(15 * MIN, 30 * MIN, 'CTO'), deadline: { kind: 'span', ms: 24 * 60 * MIN } },
    P1: { ...level(30 * MIN, 120 * MIN, 'director'), deadline: { kind: 'span', ms: 7 * 24 * 60 * MIN } },
    P2: { ...level(120 * MIN, 1440 * MIN, 'supervisor'), deadline: { kind: 'month' } },
    P3: { ...level(null, 2880 * MIN, 'engineer'), owner: { en: 'engineer on duty', zh: '值班工程师' } },
  },
  roles: {},
  contacts: [],
  milestones: [
    { id: 'T+5m', atMs: 5 * MIN, title: 'level confirmed' },
    { id: 'T+24h', atMs: 1440 * MIN, title: 'review' },
  ],
  presets: {},
};

const traffic: TrafficSpec = {
  services: 2,
  instances: 4,
  writesPerSecond: 10,
  readsPerSecond: 10,
  requestLimitMs: 500,
  leaseMs: 9_000,
  client: 'failover',
  maxEntries: 1_000,
  settleMs: 1_000,
};

export const phase = (...steps: readonly Step[]): PhaseSpec => ({ gate: [], steps });
export const phases = (some: Partial<Drill['phases']>): Drill['phases'] => ({
  prepare: phase(),
  kickoff: phase(),
  execute: phase(),
  verify: phase(),
  review: phase(),
  ...some,
});

const killStep: Step = {
  id: 'kill',
  verb: 'inject',
  fault: 'node.kill',
  on: { by: { kind: 'role', role: 'leader' } },
  params: {},
  continueOnFailure: false,
};

export const drillOf = (some: Partial<Drill> = {}): Drill => ({
  apiVersion: 'firedrill/v1',
  id: 'etcd-leader-loss',
  title: 'Loss of the leader',
  kind: 'fault-injection',
  level: 'P0',
  timeZone: 'Asia/Shanghai',
  environment: { name: 'lab', production: false },
  objectives: { rtoMs: 2_000, rpoTimeMs: 60_000, rpoRecords: 0, stableForMs: 1_000, requiredRate: 0.99 },
  roles: { assigned: { commander: ['alice'], technical: ['bob', 'chen'] }, unavailable: ['chen'] },
  traffic,
  steadyState: [],
  safety: { maxDurationMs: 600_000, maxTargets: 1, allowQuorumLoss: false },
  phases: phases({ execute: phase(killStep) }),
  scoring: { rubric: 'default', pass: 80 },
  ...some,
});

export const opened = (drill: Drill = drillOf(), some: Partial<BodyOf<'run.opened'>> = {}): Timed => [
  0,
  {
    type: 'run.opened',
    schemaVersion: 1,
    runId: '20261122T101500Z-etcd-leader-loss-7f3a',
    firedrill: '0.1.0',
    drill,
    drillSha256: 'd',
    drillPath: 'drills/x.drill.yaml',
    plan: { schemaVersion: 1, drillSha256: 'd', target: null, steps: [], warnings: [], estimateMs: 0 },
    recoveryPlan,
    rubric,
    startedBy: 'alice',
    argv: [],
    host: { name: 'h', os: 'linux', node: 'v20', cpus: 2, bootId: 'b' },
    clockOriginMs: 0,
    scriptedAnswers: false,
    answeredBy: null,
    history: { previous: null, openIssues: [] },
    ...some,
  },
];

export const text = bi('x', 'x');
export const ended = (ms: number, ending: BodyOf<'run.ended'>['ending'] = 'completed'): Timed => [
  ms,
  { type: 'run.ended', ending },
];
export const trafficStarted = (ms: number, spec: TrafficSpec = traffic): Timed => [
  ms,
  { type: 'traffic.started', spec, services: [] },
];

interface Beat {
  readonly op: TrafficOperation;
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly everyMs?: number;
  readonly tookMs?: number;
  readonly outcome?: 'ok' | 'failed' | 'unknown';
}

/** One attempt every `everyMs` (default 100), each `tookMs` (default 5) long; versions count within the call. */
export const beats = ({ op, fromMs, toMs, everyMs = 100, tookMs = 5, outcome = 'ok' }: Beat): readonly Timed[] =>
  Array.from({ length: Math.ceil((toMs - fromMs) / everyMs) }, (_, i) =>
    attempt({ op, entry: `s/beat-${fromMs}-${i}`, issuedMs: fromMs + i * everyMs, tookMs, outcome }),
  );

interface AttemptLike {
  readonly node?: string;
  readonly op: TrafficOperation;
  readonly entry: string;
  readonly issuedMs: number;
  readonly tookMs?: number;
  readonly outcome?: 'ok' | 'failed' | 'unknown';
  readonly version?: number | null;
  readonly durable?: boolean;
  readonly again?: boolean;
  readonly reason?: string | null;
  readonly leaseGone?: boolean;
}

export function attempt(a: AttemptLike): Timed {
  const endedMs = a.issuedMs + (a.tookMs ?? 5);
  const body: BodyOf<'attempt'> = {
    type: 'attempt',
    op: a.op,
    entry: a.entry,
    version: a.version !== undefined ? a.version : a.op === 'register' ? 1 : null,
    durable: a.durable ?? true,
    again: a.again ?? false,
    node: a.node ?? 'n1',
    dueMs: a.issuedMs,
    issuedMs: a.issuedMs,
    endedMs,
    outcome: a.outcome ?? 'ok',
    reason: a.reason ?? null,
    expected: null,
    missing: null,
    ...(a.leaseGone !== undefined && { leaseGone: a.leaseGone }),
  };
  return [endedMs, body];
}

interface FaultLike {
  readonly step?: string;
  readonly undo?: string;
  readonly fault?: string;
  readonly scope?: 'node' | 'data';
  readonly requestedMs: number;
  readonly observedMs: number;
  readonly bitten?: boolean | null;
}

/** armed, injected, confirmed. */
export function fault(f: FaultLike): readonly Timed[] {
  const { step = 'kill', undo = 'u1', fault: name = 'node.kill', scope = 'node', requestedMs, observedMs } = f;
  const nodes = scope === 'node' ? ['n1'] : [];
  const what = { undo, step, fault: name, nodes, requestedMs };
  return [
    [requestedMs, { type: 'undo.armed', undo, undoer: name, step, nodes }],
    [requestedMs, { type: 'fault.injected', ...what, returnedMs: requestedMs }],
    [
      observedMs,
      {
        type: 'fault.confirmed',
        ...what,
        scope,
        bitten: f.bitten ?? (f.bitten === null ? null : true),
        observedMs,
        detail: text,
      },
    ],
  ];
}

export const reverted = (ms: number, some: Partial<BodyOf<'undo.reverted'>> = {}): Timed => [
  ms,
  {
    type: 'undo.reverted',
    undo: 'u1',
    undoer: 'node.kill',
    step: 'kill',
    cause: 'recover-step',
    reverted: true,
    nothingToDo: false,
    detail: text,
    ...some,
  },
];

/** What each node holds, in one part a node; null = not readable. Without a start it is an old journal. */
export const ledgerRead = (
  ms: number,
  nodes: Readonly<Record<string, Readonly<Record<string, number | null>> | null>>,
  readStartedMs?: number,
): readonly Timed[] =>
  Object.entries(nodes).map(([node, holds]) => [
    ms,
    {
      type: 'ledger.read',
      node,
      readable: holds !== null,
      reason: holds === null ? 'gone' : null,
      part: 1,
      parts: 1,
      entries: Object.entries(holds ?? {}),
      ...(readStartedMs !== undefined && { readStartedMs }),
    },
  ]);

export const check = (
  ms: number,
  probe: string,
  outcome: BodyOf<'check.sampled'>['outcome'] = 'pass',
  some: Partial<BodyOf<'check.sampled'>> = {},
): Timed => [
  ms,
  {
    type: 'check.sampled',
    place: 'step',
    step: probe,
    probe,
    params: {},
    tolerance: { op: 'is', value: true },
    value: outcome === 'pass',
    outcome,
    detail: text,
    facts: {},
    waitedMs: 0,
    ...some,
  },
];

export const integrityChecks = (ms: number): readonly Timed[] =>
  ['integrity.count', 'integrity.hash', 'integrity.functional'].map((probe) => check(ms, probe));

const HASH = 'a'.repeat(64);
const FACTS: Partial<Record<RestoreSubstep, BodyOf<'restore.substep'>['facts']>> = {
  stop: { pids: { n1: 11 } },
  restore: { files: { n1: HASH } },
  start: { pids: { n1: 12 } },
};

/** The seven substeps, each `stepMs` long. */
export const sixStepRestore = (
  ms: number,
  { step = 'restore', stepMs = 100, outcome = 'pass' as const, without = [] as readonly RestoreSubstep[] } = {},
): readonly Timed[] => {
  const names: readonly RestoreSubstep[] = [
    'check-archive',
    'stop',
    'clear',
    'restore',
    'verify',
    'start',
    'registrations',
  ];
  return [
    [ms, { type: 'undo.armed', undo: `u-${step}`, undoer: 'restore', step, nodes: ['n1', 'n2', 'n3'] }],
    [
      ms,
      {
        type: 'restore.chosen',
        step,
        file: 'b.tar.gz',
        sha256: HASH,
        backupTimeUtc: '2026-11-22T10:15:02.000Z',
        scope: 'all',
        service: null,
      },
    ],
    ...names
      .filter((name) => !without.includes(name))
      .map(
        (name, i): Timed => [
          ms + (i + 1) * stepMs,
          {
            type: 'restore.substep',
            step,
            name,
            startedMs: ms + i * stepMs,
            endedMs: ms + (i + 1) * stepMs,
            expectMs: null,
            outcome,
            detail: text,
            facts: FACTS[name] ?? {},
          },
        ],
      ),
  ];
};

export const stepRun = (
  id: string,
  times: { readonly fromMs: number; readonly toMs: number },
  some: Partial<BodyOf<'step.ended'>> & Partial<Pick<BodyOf<'step.started'>, 'verb' | 'phase'>> = {},
): readonly Timed[] => {
  const { verb = 'check', phase: inPhase = 'execute', ...end } = some;
  const start = { title: null, by: null, withinMs: null, expectMs: null, milestone: null, severity: null };
  return [
    [times.fromMs, { type: 'step.started', step: id, phase: inPhase, verb, ...start }],
    [
      times.toMs,
      {
        type: 'step.ended',
        step: id,
        outcome: 'pass',
        reason: null,
        tookMs: times.toMs - times.fromMs,
        answeredBy: null,
        ...end,
      },
    ],
  ];
};

/** Six seconds of good register and discover traffic: a baseline by semantics.md. */
export const baseline = (untilMs = 6_000): readonly Timed[] => [
  trafficStarted(0),
  ...beats({ op: 'register', fromMs: 0, toMs: untilMs }),
  ...beats({ op: 'discover', fromMs: 50, toMs: untilMs }),
];
