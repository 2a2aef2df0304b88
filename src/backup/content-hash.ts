/**
 * The hash of a whole state, which an increment carries on from its parent's without reading what did not change: the sum,
 * modulo 2^256, of the SHA-256 of every fact. Order plays no part. The facts, as compact JSON in UTF-8:
 * `["entry",service,id,leased,raw]` and `["setting",name,value]`.
 */
import { hash } from 'node:crypto';
import type { Snapshot } from '../core/backup.js';
import type { Entry } from '../core/registry.js';

export interface Setting {
  readonly name: string;
  readonly value: string;
}

/** A state summed up: counts of instances, and the sums of all facts and of those that a restore must bring back. */
export interface StateSum {
  readonly instances: number;
  readonly durable: number;
  readonly contentHash: string;
  readonly durableHash: string;
}

export interface Sum {
  readonly entry: (entry: Entry, sign: 1 | -1) => void;
  readonly setting: (setting: Setting, sign: 1 | -1) => void;
  readonly total: () => StateSum;
}

const MODULUS = 1n << 256n;

/** Sums on from the state given; without one, from nothing. Holds no entries. */
export function sumFrom(state?: StateSum): Sum {
  let { instances, durable } = state ?? { instances: 0, durable: 0 };
  let all = numberOf(state?.contentHash);
  let lasting = numberOf(state?.durableHash);
  return {
    entry: ({ service, instance, value, leased }, sign) => {
      const change = BigInt(sign) * factHash(['entry', service, instance, leased, value]);
      instances += sign;
      all += change;
      if (leased) return;
      durable += sign;
      lasting += change;
    },
    setting: ({ name, value }, sign) => {
      const change = BigInt(sign) * factHash(['setting', name, value]);
      all += change;
      lasting += change;
    },
    total: () => ({ instances, durable, contentHash: hexOf(all), durableHash: hexOf(lasting) }),
  };
}

export function sumOf(entries: Iterable<Entry>, settings: Iterable<Setting>): StateSum {
  const sum = sumFrom();
  for (const entry of entries) sum.entry(entry, 1);
  for (const setting of settings) sum.setting(setting, 1);
  return sum.total();
}

export const sumOfSnapshot = (snapshot: Snapshot): StateSum => sumOf(entriesIn(snapshot), snapshot.settings);

export function* entriesIn({ services }: Pick<Snapshot, 'services'>): Generator<Entry> {
  for (const { name, instances } of services) {
    for (const { id, raw, leased } of instances) yield { service: name, instance: id, value: raw, leased };
  }
}

const factHash = (fact: readonly (string | boolean)[]): bigint => BigInt(`0x${hash('sha256', JSON.stringify(fact))}`);

const numberOf = (hex: string | undefined): bigint => (hex === undefined ? 0n : BigInt(`0x${hex}`));

const hexOf = (sum: bigint): string => (((sum % MODULUS) + MODULUS) % MODULUS).toString(16).padStart(64, '0');
