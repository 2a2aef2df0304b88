/** Puts the canary clients together: what starts, pauses, and ends when. */
import { setMaxListeners } from 'node:events';

import type { Snapshot } from '../core/backup.js';
import { WorldError } from '../core/errors.js';
import type { BodyOf } from '../core/journal.js';
import { askInTurn } from '../core/members.js';
import type { ExpectedEntries } from '../core/probe.js';
import type { Entry } from '../core/registry.js';
import type { OwnersBack, TrafficOptions } from '../core/services.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import type { Attempts } from './attempts.js';
import { DegradedClients, type Level } from './degraded-clients.js';
import type { SwitchableEndpoints } from './endpoints.js';
import { Expectation } from './expectation.js';
import { readNodes } from './ledger-reading.js';
import { Owners } from './owners.js';
import { canaryServices } from './population.js';
import { createReader } from './reader.js';
import { createSchedule, type Schedule } from './schedule.js';
import { Witness } from './witness.js';
import { Writer } from './writer.js';

const WATCH_LIMIT_MS = 5_000;

type WriterState = BodyOf<'traffic.writers'>['state'] | 'waiting';

export class CanaryTraffic {
  readonly #options: TrafficOptions;
  readonly #endpoints: SwitchableEndpoints;
  #cluster: Cluster;
  readonly #attempts: Attempts;
  readonly #services: readonly string[];
  readonly #expectation = new Expectation();
  readonly #witness = new Witness();
  readonly #watched: readonly string[];
  readonly #ending = new AbortController();
  readonly #schedule: Schedule;
  readonly #owners: Owners;
  readonly #writer: Writer;
  readonly #read: (n: number, dueMs: number) => Promise<void>;
  /** Restored services whose leased instances have not all been seen since; value = when they were restored. */
  readonly #restored = new Map<string, number>();
  readonly #applications: DegradedClients;
  /** Who keeps the writers from writing. */
  readonly #holds = new Set<'step' | 'level'>();
  #writers: WriterState = 'waiting';
  #level: Level | null = null;
  #endApplications: () => void = () => {};
  #endWrites: () => void = () => {};
  #started = false;

  constructor(options: TrafficOptions, attempts: Attempts, endpoints: SwitchableEndpoints) {
    const { spec, clock, runId } = options;
    // As many owners may wait at one time as there are instances.
    setMaxListeners(0, this.#ending.signal);
    this.#options = options;
    this.#cluster = options.cluster;
    this.#endpoints = endpoints;
    this.#attempts = attempts;
    this.#services = canaryServices(runId, spec.services);
    this.#watched = options.watched ?? [];
    this.#schedule = createSchedule(clock);
    const common = { attempts, expectation: this.#expectation, services: this.#services, clock };
    const { instances, leaseMs, requestLimitMs: limitMs } = spec;
    const { signal } = this.#ending;
    const held = (service: string): boolean => this.#holdsBack(service);
    this.#owners = new Owners({ ...common, instances, leaseMs, limitMs, signal, held });
    const clusterNow = (): Cluster => this.#cluster;
    this.#applications = new DegradedClients({
      ...common,
      // Where the clients are by then.
      get registry() {
        return clusterNow().registry;
      },
      core: spec.coreServices ?? 1,
      limitMs,
      append: options.append,
      toRunMs: options.toRunMs,
      signal,
    });
    this.#writer = new Writer({ ...common, maxEntries: spec.maxEntries - instances });
    const onJudged = this.#onJudged.bind(this);
    // At a level the reader is the drill's own: what it is answered reaches no application.
    const onList = (service: string, instances: ReadonlySet<string>): void => {
      if (this.#level === null) this.#applications.remember(service, instances);
    };
    const read = { ...common, services: [...this.#services, ...this.#watched], witness: this.#witness, onList };
    this.#read = createReader({ ...read, turns: () => endpoints.turns, onJudged });
  }

  async start(): Promise<void> {
    const { spec, append } = this.#options;
    this.#started = true;
    append({ type: 'traffic.started', spec, services: this.#services });
    // Renewals begin at once: the first lease must not lapse while the last instance registers.
    this.#stream(this.#owners.renewalsPerSecond, (n, dueMs) => this.#owners.renew(n, dueMs));
    await this.#watch();
    await this.#owners.registerAll();
    this.#applications.writeDown();
    this.#attempts.assertSound();
    if (this.#ending.signal.aborted) return;
    this.#stream(spec.readsPerSecond, this.#read);
    if (this.#writers === 'waiting') this.#startWrites();
  }

  async #watch(): Promise<void> {
    const { clock } = this.#options;
    for (const service of this.#watched) {
      const options = { clock, limitMs: WATCH_LIMIT_MS, signal: this.#ending.signal };
      const answer = await askInTurn(
        this.#cluster.registry,
        (client, limits) => client.discover(service, limits),
        options,
      );
      if (answer.outcome === 'ok') this.#witness.expect(service, answer.value);
      else throw notListed(service, answer.reason);
    }
  }

  async pauseWriters(why: Bilingual): Promise<void> {
    await this.#hold('step', why);
  }

  resumeWriters(why: Bilingual): void {
    this.#release('step', why);
  }

  /** The reader goes on as before: it is the drill's own, and the registry's recovery is measured by it. */
  async degrade(to: Level | null): Promise<void> {
    this.#endApplications();
    this.#endApplications = () => {};
    await this.#applications.idle();
    this.#level = to;
    if (to?.clients === 'read-only') await this.#hold('level', READ_ONLY);
    else this.#release('level', READ_ONLY_OVER);
    if (to === null) return;
    const { readsPerSecond, writesPerSecond } = this.#options.spec;
    const ends = [this.#stream(readsPerSecond, async (n, dueMs) => this.#applications.lookUp(to, n, dueMs))];
    if (to.clients === 'read-only')
      ends.push(this.#stream(writesPerSecond, async (n, dueMs) => this.#refuse(to, n, dueMs)));
    this.#endApplications = () => {
      for (const end of ends) end();
    };
  }

  #refuse(level: Level, n: number, dueMs: number): void {
    const service = this.#services[n % this.#services.length];
    if (service !== undefined) this.#applications.holdBack(level, service, dueMs);
  }

  #holdsBack(service: string): boolean {
    if (this.#level?.clients === 'read-only') return true;
    return this.#level?.clients === 'core-only' && !this.#applications.isCore(service);
  }

  async #hold(who: 'step' | 'level', why: Bilingual): Promise<void> {
    this.#holds.add(who);
    if (this.#writers !== 'stopped') this.#holdWriters('paused', why);
    await this.#attempts.idle('durable');
  }

  #release(who: 'step' | 'level', why: Bilingual): void {
    this.#holds.delete(who);
    if (this.#writers !== 'paused' || this.#holds.size > 0) return;
    this.#startWrites();
    this.#options.append({ type: 'traffic.writers', state: 'resumed', why });
  }

  async stopWriters(): Promise<void> {
    this.#holdWriters('stopped', bi('the nodes are about to be read', '即将读取各节点'));
    await this.#attempts.idle('durable');
  }

  rebase(
    snapshot: Snapshot,
    scope: { readonly step: string; readonly file: string; readonly service: string | null },
  ): void {
    const atMs = this.#options.clock.monotonicMs();
    const services = this.#services.filter((name) => scope.service === null || name === scope.service);
    const archived = new Map(snapshot.services.map(({ name, instances }) => [name, instances]));
    for (const service of this.#watched.filter((name) => scope.service === null || name === scope.service)) {
      const entries = archived.get(service) ?? [];
      this.#witness.expect(
        service,
        entries.map(({ id, leased }) => ({ instance: id, leased })),
      );
    }
    let kept = 0;
    let dropped = 0;
    for (const service of services) {
      const instances = (archived.get(service) ?? []).map(({ id, raw }) => ({ instance: id, raw }));
      const change = this.#expectation.rebase(service, instances, atMs);
      kept += change.kept;
      dropped += change.dropped;
      this.#restored.set(service, atMs);
    }
    const named = services.flatMap((name) => (archived.get(name) ?? []).map(({ id }) => `${name}/${id}`));
    // The nodes were emptied for a whole restore; one service is put back over what is there, which may be more.
    this.#writer.retire(new Set(services), scope.service === null ? new Set(named) : null);
    this.#options.append({ type: 'traffic.rebased', step: scope.step, file: scope.file, kept, dropped });
  }

  /** Bounded by its own deadline; what is acknowledged later still counts where it is seen. */
  async registerAgain(limits: { readonly withinMs: number; readonly signal: AbortSignal }): Promise<OwnersBack> {
    const over = new AbortController();
    setMaxListeners(0, over.signal);
    void this.#options.clock.sleep(limits.withinMs, over.signal).then(() => over.abort());
    const until = AbortSignal.any([over.signal, limits.signal, this.#ending.signal]);
    setMaxListeners(0, until);
    try {
      const [leased, durable] = await Promise.all([
        this.#owners.registerAllAgain(until),
        this.#writer.registerAllAgain(until),
      ]);
      this.#attempts.assertSound();
      return { leased, durable };
    } finally {
      over.abort();
    }
  }

  switchTo(cluster: Cluster): void {
    this.#cluster = cluster;
    this.#endpoints.switchTo(cluster.registry);
  }

  leaveAlone(): void {
    this.#writer.leaveAlone();
  }

  acceptLoss(
    held: readonly Entry[],
    scope: { readonly step: string; readonly node: string; readonly beforeMs: number },
  ): void {
    const { kept, dropped } = this.#expectation.accept(held, scope.beforeMs);
    this.#options.append({ type: 'traffic.rebased', step: scope.step, file: scope.node, kept, dropped });
  }

  expected(): ExpectedEntries {
    return this.#expectation.expected();
  }

  async readLedger(): Promise<void> {
    const { runId, append, clock, toRunMs } = this.#options;
    await readNodes({ registry: this.#cluster.registry, runId, append, runMs: () => toRunMs(clock.monotonicMs()) });
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#schedule.stop();
    await this.#applications.idle();
    await this.#attempts.idle('all');
    if (this.#started) this.#options.append({ type: 'traffic.stopped' });
    this.#started = false;
  }

  #holdWriters(state: 'paused' | 'stopped', why: Bilingual): void {
    if (this.#writers === state) return;
    this.#endWrites();
    this.#writers = state;
    this.#options.append({ type: 'traffic.writers', state, why });
  }

  #startWrites(): void {
    this.#writers = 'resumed';
    this.#endWrites = this.#stream(this.#options.spec.writesPerSecond, (n, dueMs) => this.#write(n, dueMs));
  }

  /** Of the registrations that are due, those for services that the level pauses are held back. */
  async #write(n: number, dueMs: number): Promise<void> {
    if (this.#level?.clients !== 'core-only') return this.#writer.write(dueMs);
    const service = this.#services[n % this.#services.length];
    if (service !== undefined && !this.#applications.isCore(service)) {
      this.#applications.holdBack(this.#level, service, dueMs);
      return;
    }
    await this.#writer.write(
      dueMs,
      this.#services.filter((name) => this.#applications.isCore(name)),
    );
  }

  /** Attempts never reject; what breaks inside them is thrown by the next call from outside. */
  #stream(perSecond: number, perform: (n: number, dueMs: number) => Promise<void>): () => void {
    const startMs = this.#options.clock.monotonicMs();
    return this.#schedule.add({ startMs, perSecond, fire: (n, dueMs) => void perform(n, dueMs) });
  }

  /** After a restore an owner that looks for itself and is not found registers again. */
  #onJudged(service: string, missing: readonly string[], issuedMs: number): void {
    const restoredMs = this.#restored.get(service);
    if (restoredMs === undefined || issuedMs < restoredMs) return;
    if (missing.length === 0) this.#restored.delete(service);
    for (const instance of missing) void this.#owners.missing(`${service}/${instance}`);
  }
}

const READ_ONLY = bi('degradation level read-only: new registrations pause', '降级为只读：暂停新的注册');
const READ_ONLY_OVER = bi('degradation level read-only is over', '只读降级结束');

const notListed = (service: string, reason: string): WorldError =>
  new WorldError({
    code: 'registry-unreachable',
    message: bi(`the instances of ${service} could not be listed: ${reason}`, `无法列出 ${service} 的实例：${reason}`),
  });
