/** Owners of leased instances: register, renew in time, and register again when the lease is gone. */
import type { Clock } from '../core/clock.js';
import { WorldError } from '../core/errors.js';
import { inParallel } from '../core/parallel.js';
import type { Answer } from '../core/registry.js';
import { bi } from '../core/text.js';
import type { Attempts, Call } from './attempts.js';
import type { Expectation } from './expectation.js';
import { keyOf, leasedSlot, rawOf, type Slot } from './population.js';

interface Owner {
  readonly slot: Slot;
  version: number;
  leaseId: string | null;
  /** Under way now; true once it is registered. */
  registering: Promise<boolean> | null;
  everRegistered: boolean;
}

export interface OwnersOptions {
  readonly attempts: Attempts;
  readonly expectation: Expectation;
  readonly services: readonly string[];
  readonly clock: Clock;
  readonly instances: number;
  readonly leaseMs: number;
  readonly limitMs: number;
  /** A degradation level keeps the owners of this service from registering again; renewals go on. */
  readonly held: (service: string) => boolean;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
}

const START_WITHIN_MS = 10_000;
const CONCURRENCY = 16;
const START_AGAIN_AFTER_MS = 200;
const REGISTER_AGAIN_AFTER_MS = 1_000;

export class Owners {
  readonly #options: OwnersOptions;
  readonly #owners: readonly Owner[];
  readonly #byKey: ReadonlyMap<string, Owner>;

  constructor(options: OwnersOptions) {
    this.#options = options;
    this.#owners = Array.from({ length: options.instances }, (_, n) => ({
      slot: leasedSlot(options.services, n),
      version: 0,
      leaseId: null,
      registering: null,
      everRegistered: false,
    }));
    this.#byKey = new Map(this.#owners.map((owner) => [keyOf(owner.slot), owner]));
  }

  /** Renewals a second that let every owner renew each third of its lease, evenly staggered. */
  get renewalsPerSecond(): number {
    return (this.#owners.length * 3_000) / this.#options.leaseMs;
  }

  /** Registers every instance; rejects with a WorldError at the first that does not get in within ten seconds. */
  async registerAll(): Promise<void> {
    const waiting = [...this.#owners];
    let gaveUp = false;
    const worker = async (): Promise<void> => {
      for (let owner = waiting.shift(); owner !== undefined && !gaveUp; owner = waiting.shift()) {
        await this.#registerFirst(owner, () => gaveUp);
      }
    };
    const workers = Array.from({ length: CONCURRENCY }, async () => {
      try {
        await worker();
      } catch (error) {
        gaveUp = true;
        throw error;
      }
    });
    await Promise.all(workers);
  }

  /** The n-th renewal falls due. An owner that is registering has nothing to renew yet. */
  async renew(n: number, dueMs: number): Promise<void> {
    const owner = this.#owners[n % this.#owners.length];
    if (owner === undefined || owner.leaseId === null) return;
    const { leaseId } = owner;
    const answer = await this.#options.attempts.run(
      { op: 'renew', entry: keyOf(owner.slot), version: null, durable: false, again: false, dueMs },
      ({ client, options }) => client.renew(leaseId, options),
    );
    if (answer.outcome === 'ok' || answer.leaseGone !== true || owner.leaseId !== leaseId) return;
    owner.leaseId = null;
    await this.#registerAgain(owner);
  }

  /** A restore left this instance out: its owner registers again, though its lease may still be good. */
  async missing(key: string): Promise<void> {
    const owner = this.#byKey.get(key);
    if (owner?.everRegistered) await this.#registerAgain(owner);
  }

  /** Whatever their leases say, as after a restart of all services. Returns how many were acknowledged until the signal. */
  async registerAllAgain(until: AbortSignal): Promise<{ readonly owned: number; readonly back: number }> {
    const owned = this.#owners.filter((owner) => owner.everRegistered);
    const back = await inParallel(owned, CONCURRENCY, (owner) => this.#registerAgain(owner, until));
    return { owned: owned.length, back: back.filter(Boolean).length };
  }

  async #registerFirst(owner: Owner, gaveUp: () => boolean): Promise<void> {
    const { clock, signal } = this.#options;
    const startedMs = clock.monotonicMs();
    for (;;) {
      const answer = await this.#register(owner, false);
      if (answer.outcome === 'ok' || gaveUp()) return;
      const waitedMs = clock.monotonicMs() - startedMs;
      if (waitedMs > START_WITHIN_MS || signal.aborted) throw cannotRegister(owner.slot, answer.reason, waitedMs);
      await clock.sleep(START_AGAIN_AFTER_MS, signal);
    }
  }

  /** Until it is acknowledged or the signal aborts; one that is under way already is waited for. */
  #registerAgain(owner: Owner, until?: AbortSignal): Promise<boolean> {
    owner.registering ??= this.#tryAgain(owner, until).finally(() => {
      owner.registering = null;
    });
    return owner.registering;
  }

  async #tryAgain(owner: Owner, until?: AbortSignal): Promise<boolean> {
    const { clock, signal, held } = this.#options;
    const ended = until === undefined ? signal : AbortSignal.any([signal, until]);
    while (!ended.aborted) {
      if (!held(owner.slot.service) && (await this.#register(owner, true)).outcome === 'ok') return true;
      await clock.sleep(REGISTER_AGAIN_AFTER_MS, ended);
    }
    return false;
  }

  /** Grant and register are one attempt: without a lease nothing was registered. */
  async #register(owner: Owner, again: boolean): Promise<Answer<{ readonly leaseId: string }>> {
    const { attempts, expectation, clock } = this.#options;
    const version = ++owner.version;
    const write = { slot: owner.slot, durable: false, left: version };
    expectation.issued(write);
    const entry = keyOf(owner.slot);
    const answer = await attempts.run(
      { op: 'register', entry, version, durable: false, again, dueMs: clock.monotonicMs() },
      (call) => this.#grantAndRegister(call, owner.slot, version),
    );
    expectation.settled(write, answer.outcome, clock.monotonicMs());
    if (answer.outcome === 'ok') {
      owner.leaseId = answer.value.leaseId;
      owner.everRegistered = true;
    }
    return answer;
  }

  async #grantAndRegister(call: Call, slot: Slot, version: number): Promise<Answer<{ readonly leaseId: string }>> {
    const { leaseMs, limitMs, clock } = this.#options;
    const lease = await call.client.grantLease(leaseMs, call.options);
    if (lease.outcome !== 'ok') return { outcome: 'failed', reason: `no lease: ${lease.reason}` };
    const leftMs = call.issuedMs + limitMs - clock.monotonicMs();
    if (leftMs <= 0) return { outcome: 'failed', reason: 'no lease: granted too late' };
    const { leaseId } = lease.value;
    const { service, instance } = slot;
    const entry = { service, instance, value: rawOf(slot, version), leaseId };
    const answer = await call.client.register(entry, { ...call.options, limitMs: leftMs });
    return answer.outcome === 'ok' ? { outcome: 'ok', value: { leaseId } } : answer;
  }
}

function cannotRegister(slot: Slot, reason: string, waitedMs: number): WorldError {
  const key = keyOf(slot);
  const seconds = (waitedMs / 1000).toFixed(1);
  return new WorldError({
    code: 'canary-not-registered',
    message: bi(
      `registering the canary instance ${key} failed for ${seconds} s; last answer: ${reason}`,
      `注册金丝雀实例 ${key} 连续失败 ${seconds} 秒；最后的应答：${reason}`,
    ),
    hint: bi(
      'check that the registry takes writes (`firedrill doctor`), or raise `traffic.requestLimit`',
      '请确认注册中心可写（`firedrill doctor`），或调大 `traffic.requestLimit`',
    ),
  });
}
