/** One drill on a real practice cluster, with every real part wired as the command line does it. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backupService, backupServiceWith } from '../../src/backup/index.js';
import { scriptedPeople } from '../../src/cli/people/answers.js';
import { catalogOf } from '../../src/core/catalog.js';
import { systemClock } from '../../src/core/clock.js';
import type { Drill, PhaseName, Step } from '../../src/core/drill.js';
import { invariant } from '../../src/core/errors.js';
import type { Undoer, UndoRecord } from '../../src/core/fault.js';
import type { BodyOf, EventBody, EventOf, JournalEvent } from '../../src/core/journal.js';
import { agreedLeader, readMembers } from '../../src/core/members.js';
import type { Plan } from '../../src/core/plan.js';
import type { RecoveryPlan } from '../../src/core/recovery-plan.js';
import type { Services } from '../../src/core/services.js';
import type { Cluster } from '../../src/core/target.js';
import { degradationUndoer } from '../../src/degradation/index.js';
import { ageCipher } from '../../src/encryption/index.js';
import { faults } from '../../src/faults/index.js';
import { openJournal } from '../../src/journal/index.js';
import { builtInRecoveryPlan } from '../../src/plan/index.js';
import { probes } from '../../src/probes/index.js';
import { executeDrill, type RunEnd, type UndoLog } from '../../src/run/index.js';
import { canaryUndoer, createTraffic } from '../../src/traffic/index.js';
import { NO_TIERS } from './no-tiers.js';

export interface RealRun {
  readonly end: RunEnd;
  readonly events: readonly JournalEvent[];
  readonly of: <T extends EventBody['type']>(type: T) => EventOf<T>[];
}

export async function runReal(
  cluster: Cluster,
  options: {
    readonly phases: Partial<Record<PhaseName, readonly Step[]>>;
    readonly drill?: Partial<Drill>;
    readonly onEvent?: (event: JournalEvent) => void;
    readonly stop?: AbortSignal;
    readonly recoveryPlan?: RecoveryPlan;
    readonly services?: Partial<Services>;
  },
): Promise<RealRun> {
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-real-'));
  const events: JournalEvent[] = [];
  const journal = openJournal({
    path: join(dir, 'journal.jsonl'),
    clock: systemClock,
    onEvent: (event) => {
      events.push(event);
      options.onEvent?.(event);
    },
  });
  const drill = makeDrill(options);
  const plan = await planOf(cluster);
  const recoveryPlan = options.recoveryPlan ?? builtInRecoveryPlan();
  const opened = { type: 'run.opened', clockOriginMs: systemClock.monotonicMs(), drill, plan, recoveryPlan };
  journal.append(opened as unknown as BodyOf<'run.opened'>);
  try {
    const end = await executeDrill({
      runId: `20261122T101500Z-real-${process.pid.toString(16).padStart(4, '0').slice(-4)}`,
      loaded: { drill, path: 'real.drill.yaml', source: '', sha256: '' },
      recoveryPlan,
      plan,
      cluster,
      services: { ...realServices(), ...options.services },
      journal,
      undoLog: memoryUndoLog(),
      stateDir: dir,
      drillDir: dir,
      archiveDir: join(dir, 'archives'),
      stop: options.stop ?? new AbortController().signal,
    });
    const of = <T extends EventBody['type']>(type: T) => events.filter((e): e is EventOf<T> => e.type === type);
    return { end, events, of };
  } finally {
    await journal.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

const realServices = (): Services => ({
  clock: systemClock,
  faults,
  probes,
  undoers: catalogOf<Undoer>([...faults.all, backupService.undoer, canaryUndoer, degradationUndoer]),
  backup: backupService,
  keyed: (keys) => ({ backup: backupServiceWith({ cipher: ageCipher(keys) }), cipher: ageCipher(keys) }),
  tiers: NO_TIERS,
  startTraffic: createTraffic,
  people: scriptedPeople({ path: 'answers.yaml', text: '{}' }),
});

function memoryUndoLog(): UndoLog {
  let records: UndoRecord[] = [];
  return {
    arm: async (record) => {
      records = [...records, record];
    },
    retire: async (undoId) => {
      records = records.filter(({ id }) => id !== undoId);
    },
    outstanding: () => records,
  };
}

async function planOf(cluster: Cluster): Promise<Plan> {
  const views = await readMembers(cluster.registry, { limitMs: 2_000 });
  const leader = agreedLeader(views);
  const members = [];
  for (const node of cluster.binding.nodes) {
    const state = await cluster.driver.inspect(node);
    invariant(state.state === 'running', `${node.name} runs before the drill`);
    const { pid, startTicks } = state;
    members.push({ node: node.name, url: node.url, pid, startTicks, leader: node.name === leader, voter: true });
  }
  const target = { binding: cluster.binding, members, voters: members.length, quorum: 2 };
  return { schemaVersion: 1, drillSha256: '', target, steps: [], warnings: [], estimateMs: 0 };
}

function makeDrill(options: Parameters<typeof runReal>[1]): Drill {
  const phase = (name: PhaseName) => ({ gate: [], steps: options.phases[name] ?? [] });
  return {
    apiVersion: 'firedrill/v1',
    id: 'real',
    title: 'real',
    kind: 'fault-injection',
    level: 'P0',
    timeZone: 'Asia/Shanghai',
    environment: { name: 'lab', production: false },
    objectives: { rtoMs: 15_000, rpoTimeMs: null, rpoRecords: 0, stableForMs: 1_000, requiredRate: 0.99 },
    roles: { assigned: {}, unavailable: [] },
    traffic: {
      services: 2,
      instances: 6,
      writesPerSecond: 20,
      readsPerSecond: 20,
      requestLimitMs: 500,
      leaseMs: 3_000,
      client: 'failover',
      maxEntries: 200,
      settleMs: 1_000,
    },
    steadyState: [{ probe: 'registry.writable', params: {}, withinMs: 5_000, tolerance: { op: 'is', value: true } }],
    safety: { maxDurationMs: 120_000, maxTargets: 1, allowQuorumLoss: false },
    phases: {
      prepare: phase('prepare'),
      kickoff: phase('kickoff'),
      execute: phase('execute'),
      verify: phase('verify'),
      review: phase('review'),
    },
    scoring: { rubric: 'default', pass: 80 },
    ...options.drill,
  };
}
