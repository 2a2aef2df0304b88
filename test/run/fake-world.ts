/** A world in memory that writes down every call, for questions of order. What real parts do is tested on real ones. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogOf } from '../../src/core/catalog.js';
import type { Clock } from '../../src/core/clock.js';
import type { Drill, NodeSpec, PhaseName, ProbeSpec, Step, TrafficSpec } from '../../src/core/drill.js';
import type { Fault, Undoer, UndoRecord } from '../../src/core/fault.js';
import type { EventBody, EventOf, JournalEvent, JournalSink } from '../../src/core/journal.js';
import type { Plan } from '../../src/core/plan.js';
import type { Probe } from '../../src/core/probe.js';
import type { MemberStatus, NodeClient } from '../../src/core/registry.js';
import type { BackupService, People, Services, Traffic } from '../../src/core/services.js';
import type { Cluster, NodeState } from '../../src/core/target.js';
import { bi } from '../../src/core/text.js';
import { ageCipher } from '../../src/encryption/index.js';
import { builtInRecoveryPlan } from '../../src/plan/index.js';
import { type ExecuteOptions, executeDrill, type RunEnd, type StopReason, type UndoLog } from '../../src/run/index.js';
import { NO_TIERS } from './no-tiers.js';
import { virtualClock } from './virtual-clock.js';

const text = bi('said', '说了');
const NODES = ['n1', 'n2', 'n3'] as const;

export interface FakeFault {
  readonly name: string;
  readonly scope?: 'node' | 'data';
  readonly removesVoter?: boolean;
  readonly liftedBy?: readonly string[];
  readonly prepare?: 'ok' | 'throw';
  readonly arm?: 'ok' | 'throw';
  readonly inject?: 'ok' | 'throw' | 'stop';
  readonly confirm?: 'bites' | 'not' | 'unknown' | 'throw';
  readonly revert?: 'ok' | 'fail' | 'throw' | 'hang' | `after ${string}`;
  readonly residue?: 'clean' | 'left' | 'throw';
}

export class FakeWorld {
  readonly clock: Clock = virtualClock();
  readonly calls: string[] = [];
  readonly events: JournalEvent[] = [];
  readonly stopping = new AbortController();
  readonly states = new Map<string, NodeState>();
  readonly probeValues = new Map<string, boolean | null>();
  /** Attempts of each operation that failed before any outage. */
  bad = 0;
  /** Attempts to discover that failed, besides. */
  badReads = 0;
  /** No attempt succeeds in between. */
  outage: { readonly fromMs: number; readonly toMs: number } | null = null;
  /** Called before each event is journaled. */
  onEvent: (body: EventBody) => void = () => {};
  flushFails = false;
  leader: string | null = 'n1';
  #undo: UndoRecord[] = [];

  constructor() {
    for (const [index, node] of NODES.entries())
      this.states.set(node, { state: 'running', pid: 100 + index, startTicks: 1 });
  }

  of<T extends EventBody['type']>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  stop(cause: StopReason['cause'] = 'interrupt'): void {
    this.stopping.abort({ cause, detail: text } satisfies StopReason);
  }

  outstanding = (): readonly UndoRecord[] => this.#undo;

  undoLog(faults: readonly FakeFault[]): UndoLog {
    return {
      arm: async (record) => {
        if (faults.find(({ name }) => name === record.undoer)?.arm === 'throw') throw diskFull();
        this.calls.push(`arm ${record.undoer}`);
        this.#undo = [...this.#undo, record];
      },
      retire: async (undoId) => {
        this.#undo = this.#undo.filter(({ id }) => id !== undoId);
      },
      outstanding: () => this.#undo,
    };
  }

  journal(): JournalSink {
    return {
      append: (body) => {
        this.onEvent(body);
        const ms = this.clock.monotonicMs();
        const event = { ...body, seq: this.events.length + 1, at: '', ms, prev: '', hash: '' } as JournalEvent;
        this.events.push(event);
        return event;
      },
      flush: async () => {
        if (this.flushFails) throw diskFull();
      },
      toRunMs: (clockMs) => clockMs,
      close: async () => {},
    };
  }

  fault(spec: FakeFault): Fault {
    const did = (what: string): void => void this.calls.push(`${what} ${spec.name}`);
    const fail = (what: string): never => {
      throw new Error(`${spec.name}: ${what} failed`);
    };
    return {
      name: spec.name,
      title: text,
      description: text,
      scope: spec.scope ?? 'node',
      removesVoter: spec.removesVoter ?? true,
      params: [],
      liftedBy: spec.liftedBy ?? [],
      undoText: text,
      prepare: async () => {
        did('prepare');
        return spec.prepare === 'throw' ? fail('prepare') : {};
      },
      inject: async () => {
        did('inject');
        if (spec.inject === 'throw') fail('inject');
        if (spec.inject === 'stop') this.stop();
      },
      confirm: async () => {
        if (spec.confirm === 'throw') fail('confirm');
        const bitten = spec.confirm === 'not' ? false : spec.confirm === 'unknown' ? null : true;
        return { bitten, observedMs: this.clock.monotonicMs(), detail: text };
      },
      revert: async () => {
        did('revert');
        if (spec.revert === 'throw') fail('revert');
        if (spec.revert === 'hang') await new Promise(() => {});
        const needs = spec.revert?.startsWith('after ') ? spec.revert.slice('after '.length) : null;
        return spec.revert === 'fail' || (needs !== null && !this.calls.includes(`revert ${needs}`))
          ? { reverted: false, detail: text }
          : { reverted: true, nothingToDo: false, detail: text };
      },
      residue: async () => {
        did('residue');
        if (spec.residue === 'throw') fail('residue');
        return spec.residue === 'left' ? [text] : [];
      },
    };
  }

  undoer(name: string, how: FakeFault['revert'] = 'ok'): Undoer {
    const { revert, residue } = this.fault({ name, revert: how });
    return { name, revert, residue };
  }

  probe(name: string): Probe {
    return {
      name,
      title: text,
      description: text,
      params: [],
      needs: 'nothing',
      defaultTolerance: { op: 'is', value: true },
      sample: async () => {
        this.calls.push(`probe ${name}`);
        const value = this.probeValues.get(name);
        if (value === undefined) throw new Error(`${name} is not set`);
        return { value, detail: text };
      },
    };
  }

  traffic(): Traffic {
    const did = (what: string) => async (): Promise<void> => void this.calls.push(`traffic ${what}`);
    const count = (perSecond: number, started: number, more = 0) => {
      const now = this.clock.monotonicMs();
      const attempts = Math.floor(((now - started) / 1_000) * perSecond);
      const downMs = this.outage === null ? 0 : Math.max(0, Math.min(now, this.outage.toMs) - this.outage.fromMs);
      const bad = this.bad + more + Math.ceil((downMs / 1_000) * perSecond);
      return { attempts, ok: Math.max(0, attempts - bad), firstIssuedMs: started };
    };
    let started = 0;
    return {
      start: async () => {
        started = this.clock.monotonicMs();
        this.calls.push('traffic start');
      },
      pauseWriters: did('pause'),
      resumeWriters: () => void this.calls.push('traffic resume'),
      stopWriters: did('stop-writers'),
      rebase: () => void this.calls.push('traffic rebase'),
      leaveAlone: () => {},
      acceptLoss: () => {},
      switchTo: () => {},
      registerAgain: async () => ({ leased: { owned: 0, back: 0 }, durable: { owned: 0, back: 0 } }),
      degrade: did('degrade'),
      expected: () => ({ must: new Map(), tolerated: new Set() }),
      counts: () => ({
        register: count(20, started),
        renew: count(20, started),
        discover: count(20, started, this.badReads),
      }),
      readLedger: did('read-ledger'),
      stop: did('stop'),
    };
  }

  /** A restore that fails in `failsIn`, or not at all. */
  backup(
    failsIn: 'prepare' | 'execute' | 'commit' | null,
    first?: { readonly error: Error; readonly undo?: FakeFault['revert'] },
  ): BackupService {
    const errors = first === undefined ? [] : [first.error];
    const info = {
      path: '/a/x.tar.gz',
      fileName: 'x.tar.gz',
      sha256: 'h',
      bytes: 1,
      backupTimeUtc: '2026',
      revision: 1,
    };
    const counts = { product: 'p', services: 1, instances: 1, durable: 1 };
    const archive = { sound: true, info: { ...info, ...counts }, snapshot: {} } as unknown as Awaited<
      ReturnType<BackupService['verify']>
    >;
    const step = (name: 'prepare' | 'execute' | 'commit') => async () => {
      this.calls.push(`restore ${name}`);
      if (failsIn === name) throw new Error(`${name} failed`);
      const error = name === 'execute' ? errors.pop() : undefined;
      if (error !== undefined) throw error;
      return {};
    };
    return {
      full: async () => Promise.reject(new Error('no backup in this world')),
      incremental: async () => Promise.reject(new Error('no backup in this world')),
      verify: async () => archive,
      list: async () => [archive],
      restore: {
        admit: async () => {},
        prepare: step('prepare'),
        execute: async (_world, { onSubstep }) => {
          const detail = bi('in place', '已放入');
          onSubstep({ name: 'restore', outcome: 'pass', detail, facts: {}, startedMs: 1, endedMs: 2 });
          await step('execute')();
        },
        commit: step('commit') as never,
      },
      undoer: this.undoer('restore', first?.undo ?? 'ok'),
    };
  }

  cluster(): Cluster {
    const nodes: NodeSpec[] = NODES.map((name, index) => ({
      name,
      url: `http://127.0.0.1:${index + 1}`,
      find: { by: 'argument', text: name },
      start: ['true'],
      site: index === 0 ? 'beijing' : 'shanghai',
    }));
    const client = (node: string): NodeClient =>
      ({
        node,
        status: async () => {
          const state = this.states.get(node);
          if (state?.state !== 'running') return { outcome: 'unknown', reason: 'no answer' };
          const value: MemberStatus = {
            node,
            version: '1',
            leader: this.leader,
            term: 1,
            revision: 1,
            clusterId: null,
            voter: true,
          };
          return { outcome: 'ok', value };
        },
      }) as Partial<NodeClient> as NodeClient;
    return {
      binding: {
        registry: 'etcd',
        product: 'fake',
        version: '1',
        lab: null,
        driver: 'process',
        prefix: '/services/',
        clusterId: null,
        nodes,
      },
      driver: {
        name: 'process',
        inspect: async (node) => this.states.get(node.name) ?? { state: 'gone' },
        signal: async (node, signal) => {
          this.calls.push(`${signal} ${node.name}`);
          if (signal === 'SIGTERM') this.states.set(node.name, { state: 'gone' });
          return true;
        },
        start: async (node) => {
          this.calls.push(`start ${node.name}`);
          const state: NodeState = { state: 'running', pid: 900 + this.calls.length, startTicks: 2 };
          this.states.set(node.name, state);
          return state;
        },
      },
      registry: { kind: 'etcd', product: 'fake', nodes: NODES, client, backup: {} as never, close: () => {} },
    };
  }

  async run(options: {
    readonly phases: Partial<Record<PhaseName, readonly Step[]>>;
    readonly faults?: readonly FakeFault[];
    readonly drill?: Partial<Drill>;
    readonly gates?: Partial<Record<PhaseName, readonly ProbeSpec[]>>;
    readonly restoreFailsIn?: 'prepare' | 'execute' | 'commit' | null;
    /** The first restore only, and whether the old data can be put back then. */
    readonly firstRestoreFails?: { readonly error: Error; readonly undo?: FakeFault['revert'] };
    readonly people?: Partial<People>;
    readonly target?: boolean;
    readonly pids?: Readonly<Record<string, number>>;
  }): Promise<RunEnd> {
    const stateDir = mkdtempSync(join(tmpdir(), 'firedrill-run-'));
    const faults = options.faults ?? [];
    const fakes = faults.map((spec) => this.fault(spec));
    const backup = this.backup(options.restoreFailsIn ?? null, options.firstRestoreFails);
    const services: Services = {
      clock: this.clock,
      faults: catalogOf(fakes),
      probes: catalogOf(['good', 'other'].map((name) => this.probe(name))),
      undoers: catalogOf<Undoer>([...fakes, this.undoer('canary'), backup.undoer]),
      backup,
      keyed: (keys) => ({ backup, cipher: ageCipher(keys) }),
      tiers: NO_TIERS,
      startTraffic: () => this.traffic(),
      people: { scripted: true, ...options.people } as People,
    };
    const drill = makeDrill(options);
    const execute: ExecuteOptions = {
      runId: '20261122T101500Z-fake-7f3a',
      loaded: { drill, path: 'x.drill.yaml', source: '', sha256: '' },
      recoveryPlan: builtInRecoveryPlan(),
      plan: makePlan(options.pids ?? { n1: 100, n2: 101, n3: 102 }),
      cluster: options.target === false ? null : this.cluster(),
      services,
      journal: this.journal(),
      undoLog: this.undoLog(faults),
      stateDir,
      drillDir: '/nowhere',
      archiveDir: '/nowhere/archives',
      stop: this.stopping.signal,
    };
    try {
      return await executeDrill(execute);
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  }
}

const diskFull = (): Error => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

const traffic: TrafficSpec = {
  services: 1,
  instances: 1,
  writesPerSecond: 20,
  readsPerSecond: 20,
  requestLimitMs: 500,
  leaseMs: 3_000,
  client: 'failover',
  maxEntries: 10,
  settleMs: 1_000,
};

function makeDrill(options: Parameters<FakeWorld['run']>[0]): Drill {
  const phase = (name: PhaseName) => ({ gate: options.gates?.[name] ?? [], steps: options.phases[name] ?? [] });
  return {
    apiVersion: 'firedrill/v1',
    id: 'fake',
    title: 'fake',
    kind: 'fault-injection',
    level: 'P0',
    timeZone: 'UTC',
    environment: { name: 'lab', production: false },
    objectives: { rtoMs: null, rpoTimeMs: null, rpoRecords: null, stableForMs: 2_000, requiredRate: 0.99 },
    roles: { assigned: {}, unavailable: [] },
    traffic,
    steadyState: [],
    safety: { maxDurationMs: 600_000, maxTargets: 3, allowQuorumLoss: true },
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

function makePlan(pids: Readonly<Record<string, number>>): Plan {
  const members = NODES.map((node) => ({
    node,
    url: '',
    pid: pids[node] ?? null,
    startTicks: null,
    leader: node === 'n1',
    voter: true,
  }));
  return {
    schemaVersion: 1,
    drillSha256: '',
    target: { binding: {} as never, members, voters: 3, quorum: 2 },
    steps: [],
    warnings: [],
    estimateMs: 0,
  };
}

/** A step with the common fields filled in. */
export const step = <S extends Omit<Step, 'continueOnFailure'>>(fields: S): Step =>
  ({ continueOnFailure: false, ...fields }) as unknown as Step;

export const injectStep = (id: string, fault: string, more: Partial<Extract<Step, { verb: 'inject' }>> = {}): Step =>
  step({ id, verb: 'inject', fault, on: { by: { kind: 'name', names: ['n1'] } }, params: {}, ...more });

export const isTrue = { op: 'is', value: true } as const;
