/** The events of a run that traffic does not write: its opening, and a fault whose effect is known from outside. */
import type { Drill, TrafficSpec } from '../../src/core/drill.js';
import type { BodyOf } from '../../src/core/journal.js';
import type { RecoveryPlan } from '../../src/core/recovery-plan.js';
import { bi } from '../../src/core/text.js';
import type { MemoryJournal } from './canary-run.js';

const NOTHING = bi('', '');
const NO_STEPS = { gate: [], steps: [] };

const drillOf = (traffic: TrafficSpec, stableForMs: number): Drill => ({
  apiVersion: 'firedrill/v1',
  id: 'truth',
  title: 'truth',
  kind: 'fault-injection',
  level: 'P1',
  timeZone: 'UTC',
  environment: { name: 'test', production: false },
  objectives: { rtoMs: 60_000, rpoTimeMs: 0, rpoRecords: 0, stableForMs, requiredRate: 0.99 },
  roles: { assigned: {}, unavailable: [] },
  traffic,
  steadyState: [],
  safety: { maxDurationMs: 600_000, maxTargets: 1, allowQuorumLoss: true },
  phases: { prepare: NO_STEPS, kickoff: NO_STEPS, execute: NO_STEPS, verify: NO_STEPS, review: NO_STEPS },
  scoring: { rubric: 'default', pass: 80 },
});

const level = {
  title: NOTHING,
  scope: NOTHING,
  responseMs: null,
  response: NOTHING,
  recoveryTargetMs: 0,
  owner: NOTHING,
  deadline: { kind: 'none' },
  example: NOTHING,
} as const;

const recoveryPlan: RecoveryPlan = {
  apiVersion: 'firedrill/v1',
  version: '1',
  title: NOTHING,
  levels: { P0: level, P1: level, P2: level, P3: level },
  roles: {},
  contacts: [],
  milestones: [],
  presets: {},
};

export function openRun(journal: MemoryJournal, traffic: TrafficSpec, stableForMs: number): void {
  const opened: BodyOf<'run.opened'> = {
    type: 'run.opened',
    schemaVersion: 1,
    runId: '20261122T101500Z-truth-0000',
    firedrill: '0',
    drill: drillOf(traffic, stableForMs),
    drillSha256: '',
    drillPath: 'truth.drill.yaml',
    plan: { schemaVersion: 1, drillSha256: '', target: null, steps: [], warnings: [], estimateMs: 0 },
    recoveryPlan,
    rubric: { id: 'default', version: 1, passMark: 80, minAssessable: 60, dimensions: [] },
    startedBy: 'test',
    argv: [],
    host: { name: 'test', os: 'linux', node: process.version, cpus: 1, bootId: '' },
    clockOriginMs: 0,
    scriptedAnswers: true,
    answeredBy: null,
    history: { previous: null, openIssues: [] },
  };
  journal.append(opened);
}

/** A fault that was requested and seen to bite at these times of the clock. */
export function confirmFault(
  journal: MemoryJournal,
  fault: { readonly requestedMs: number; readonly observedMs: number },
): void {
  const requestedMs = journal.toRunMs(fault.requestedMs);
  const observedMs = journal.toRunMs(fault.observedMs);
  const what = { undo: 'u1', step: 'outage', fault: 'scripted', nodes: ['n1'] } as const;
  journal.append({ type: 'undo.armed', undo: 'u1', undoer: 'scripted', step: 'outage', nodes: ['n1'] });
  journal.append({ type: 'fault.injected', ...what, requestedMs, returnedMs: observedMs });
  const seen = { scope: 'node', bitten: true, requestedMs, observedMs, detail: NOTHING } as const;
  journal.append({ type: 'fault.confirmed', ...what, ...seen });
}
