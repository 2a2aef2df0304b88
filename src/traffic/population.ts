/** Names and values of the canary's entries. */
import { canaryService, canaryValue } from '../core/canary.js';
import { invariant } from '../core/errors.js';

/** One entry: a place in the registry that canaries write, version after version. */
export interface Slot {
  readonly service: string;
  readonly instance: string;
  readonly ip: string;
  readonly port: number;
}

export const keyOf = (slot: Slot): string => `${slot.service}/${slot.instance}`;
export const rawOf = (slot: Slot, version: number): string => canaryValue({ ip: slot.ip, port: slot.port, version });

export const canaryServices = (runId: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => canaryService(runId, index));

/** The n-th leased instance, spread evenly over the services. */
export const leasedSlot = (services: readonly string[], n: number): Slot => slot(services, n, { letter: 'i', net: 1 });
/** The n-th durable entry; a name is never used twice. */
export const durableSlot = (services: readonly string[], n: number): Slot => slot(services, n, { letter: 'd', net: 2 });

function slot(services: readonly string[], n: number, kind: { readonly letter: string; readonly net: number }): Slot {
  const service = services[n % services.length];
  invariant(service !== undefined, 'canary traffic has at least one service');
  return {
    service,
    instance: `${kind.letter}${String(n).padStart(5, '0')}`,
    ip: `10.${kind.net}.${Math.floor(n / 250) % 250}.${(n % 250) + 1}`,
    port: 8080,
  };
}
