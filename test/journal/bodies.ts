/** Events as a run writes them: small, but whole. */
import type { BodyOf, EventBody } from '../../src/core/journal.js';
import { bi } from '../../src/core/text.js';

const NO_STEPS = { gate: [], steps: [] };
const LEVEL = {
  title: 'level',
  scope: 'all',
  responseMs: null,
  response: 'at once',
  recoveryTargetMs: 1_800_000,
  owner: 'CTO',
  deadline: { kind: 'none' },
  example: 'power loss',
} as const;

export function opened(
  changes: Partial<BodyOf<'run.opened'>> & { readonly bootId?: string } = {},
): BodyOf<'run.opened'> {
  const { bootId = 'boot-1', ...rest } = changes;
  return {
    type: 'run.opened',
    schemaVersion: 1,
    runId: '20261122T101500Z-journal-7f3a',
    firedrill: '0.1.0',
    drill: {
      apiVersion: 'firedrill/v1',
      id: 'journal',
      title: bi('Journal', '日志'),
      kind: 'tabletop',
      level: 'P0',
      timeZone: 'Asia/Shanghai',
      environment: { name: 'test', production: false },
      objectives: { rtoMs: null, rpoTimeMs: null, rpoRecords: null, stableForMs: 5000, requiredRate: 0.99 },
      roles: { assigned: {}, unavailable: [] },
      steadyState: [],
      safety: { maxDurationMs: 60_000, maxTargets: 1, allowQuorumLoss: false },
      phases: { prepare: NO_STEPS, kickoff: NO_STEPS, execute: NO_STEPS, verify: NO_STEPS, review: NO_STEPS },
      scoring: { rubric: 'default', pass: 80 },
    },
    drillSha256: 'a'.repeat(64),
    drillPath: 'drills/journal.drill.yaml',
    plan: { schemaVersion: 1, drillSha256: 'a'.repeat(64), target: null, steps: [], warnings: [], estimateMs: 0 },
    recoveryPlan: {
      apiVersion: 'firedrill/v1',
      version: '1',
      title: 'plan',
      levels: { P0: LEVEL, P1: LEVEL, P2: LEVEL, P3: LEVEL },
      roles: {},
      contacts: [],
      milestones: [],
      presets: {},
    },
    rubric: { id: 'default', version: 1, passMark: 80, minAssessable: 60, dimensions: [] },
    startedBy: 'alice',
    argv: ['run', 'journal.drill.yaml'],
    host: { name: 'host', os: 'linux', node: 'v20', cpus: 2, bootId },
    clockOriginMs: 1000,
    scriptedAnswers: false,
    answeredBy: null,
    history: { previous: null, openIssues: [] },
    ...rest,
  };
}

export const attempt = (n: number, reason: string | null = null): BodyOf<'attempt'> => ({
  type: 'attempt',
  op: 'register',
  entry: `firedrill-canary-1122101500-7f3a-00/i${n}`,
  version: n,
  durable: true,
  again: false,
  node: 'n1',
  dueMs: n * 10,
  issuedMs: n * 10 + 0.2,
  endedMs: n * 10 + 1.3,
  outcome: reason === null ? 'ok' : 'unknown',
  reason,
  expected: null,
  missing: null,
});

export const ended: EventBody = { type: 'run.ended', ending: 'completed' };
