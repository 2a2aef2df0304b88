/**
 * Canary clients of a run.
 *
 *   schedule ─┬─ owners  (leased: register, renew)       ─┐
 *             ├─ writer  (durable: register, deregister) ─┼─ attempts ─ endpoints ─ registry
 *             └─ reader  (discover)                      ─┘      └─ journal
 *                        all of them tell or ask the expectation: what must be there
 */
import type { Traffic, TrafficOptions } from '../core/services.js';
import { Attempts } from './attempts.js';
import { CanaryTraffic } from './canary-traffic.js';
import { switchableEndpoints } from './endpoints.js';

export { canaryUndoer } from './undo.js';

const MAX_IN_FLIGHT = 5_000;

export function createTraffic(options: TrafficOptions): Traffic {
  const { cluster, spec, clock, append, toRunMs } = options;
  const endpoints = switchableEndpoints(cluster.registry, spec.client);
  const limitMs = spec.requestLimitMs;
  const attempts = new Attempts({ endpoints, clock, limitMs, maxInFlight: MAX_IN_FLIGHT, append, toRunMs });
  const traffic = new CanaryTraffic(options, attempts, endpoints);
  return {
    start: () => traffic.start(),
    pauseWriters: (why) => traffic.pauseWriters(why),
    resumeWriters: (why) => traffic.resumeWriters(why),
    stopWriters: () => traffic.stopWriters(),
    rebase: (snapshot, scope) => traffic.rebase(snapshot, scope),
    leaveAlone: () => traffic.leaveAlone(),
    acceptLoss: (held, scope) => traffic.acceptLoss(held, scope),
    switchTo: (standby) => traffic.switchTo(standby),
    registerAgain: (limits) => traffic.registerAgain(limits),
    degrade: (to) => traffic.degrade(to),
    expected: () => traffic.expected(),
    counts: () => ({
      register: attempts.counts('register'),
      renew: attempts.counts('renew'),
      discover: attempts.counts('discover'),
    }),
    readLedger: () => traffic.readLedger(),
    stop: () => traffic.stop(),
  };
}
