import type { Drill, ObjectiveSpec, PhaseName, PhaseSpec, Roles, TrafficSpec } from '../core/drill.js';
import type { RecoveryPlan } from '../core/recovery-plan.js';
import type { DrillFile } from './file-shape.js';

/** Of writes and of reads, a second. */
export const DEFAULT_RATE = 20;
export const DEFAULT_STABLE_FOR_MS = 5_000;

const EMPTY_PHASE: PhaseSpec = { gate: [], steps: [] };

/** The file with every default filled in and the preset of the recovery plan applied. */
export function buildDrill(file: DrillFile, plan: RecoveryPlan): Drill {
  const { apiVersion, id, title, kind, level, recoveryPlan, why, target, traffic } = file;
  const phase = (name: PhaseName): PhaseSpec => file.phases[name] ?? EMPTY_PHASE;
  return {
    apiVersion,
    id,
    title,
    kind,
    level,
    ...(recoveryPlan === undefined ? {} : { recoveryPlan }),
    timeZone: file.timeZone ?? 'UTC',
    environment: { name: file.environment?.name ?? homeOf(file), production: file.environment?.production ?? false },
    ...(why === undefined ? {} : { why }),
    objectives: objectivesOf(file.objectives ?? {}, plan),
    roles: rolesOf(file.roles ?? {}),
    ...(target === undefined ? {} : { target }),
    ...(traffic === undefined ? {} : { traffic: trafficOf(traffic) }),
    steadyState: file.steadyState ?? [],
    safety: safetyOf(file.safety ?? {}),
    phases: {
      prepare: phase('prepare'),
      kickoff: phase('kickoff'),
      execute: phase('execute'),
      verify: phase('verify'),
      review: phase('review'),
    },
    scoring: { rubric: 'default', pass: file.scoring?.pass ?? 80 },
  };
}

/** Only the user's own nodes need a name of their environment: it is asked for before they are broken. */
const homeOf = (file: DrillFile): string => (file.target === undefined ? 'tabletop' : 'lab');

function objectivesOf(given: NonNullable<DrillFile['objectives']>, plan: RecoveryPlan): ObjectiveSpec {
  const { preset: name, rto, rpo, operation, step, stableFor = DEFAULT_STABLE_FOR_MS, requiredRate = 0.99 } = given;
  const preset = name === undefined ? undefined : plan.presets[name];
  return {
    ...(name === undefined ? {} : { preset: name }),
    rtoMs: rto ?? preset?.rtoMs ?? null,
    rpoTimeMs: rpo?.time ?? preset?.rpoMs ?? null,
    rpoRecords: rpo?.records ?? null,
    ...(operation === undefined ? {} : { operation }),
    ...(step === undefined ? {} : { step }),
    stableForMs: stableFor,
    requiredRate,
  };
}

function rolesOf({ unavailable = [], ...assigned }: NonNullable<DrillFile['roles']>): Roles {
  return { assigned, unavailable };
}

const trafficOf = (given: NonNullable<DrillFile['traffic']>): TrafficSpec => ({
  services: given.services ?? 5,
  ...(given.coreServices === undefined ? {} : { coreServices: given.coreServices }),
  instances: given.instances ?? 20,
  writesPerSecond: given.writes ?? DEFAULT_RATE,
  readsPerSecond: given.reads ?? DEFAULT_RATE,
  requestLimitMs: given.requestLimit ?? 500,
  leaseMs: given.lease ?? 15_000,
  client: given.client ?? 'failover',
  maxEntries: given.maxEntries ?? 10_000,
  settleMs: given.settle ?? 5_000,
});

export const DEFAULT_MAX_DURATION_MS = 30 * 60_000;

const safetyOf = (given: NonNullable<DrillFile['safety']>): Drill['safety'] => ({
  maxDurationMs: given.maxDuration ?? DEFAULT_MAX_DURATION_MS,
  maxTargets: given.maxTargets ?? 1,
  allowQuorumLoss: given.allowQuorumLoss ?? false,
});
