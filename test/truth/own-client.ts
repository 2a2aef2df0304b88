/** A client of its own: writes to a registry over plain HTTP as long as it may, and remembers what it was acknowledged. */
import { setTimeout as pause } from 'node:timers/promises';
import { post } from './plain-node.js';
import { encode } from './read-lies.js';

export interface OwnWrite {
  readonly key: string;
  readonly value: string;
  readonly issuedMs: number;
  readonly acknowledged: boolean;
}

export interface OwnClient {
  /** In order of issue, for each key. */
  readonly stop: () => Promise<readonly OwnWrite[]>;
}

const LANES = 8;
const EVERY_MS = 4;

/** Each key belongs to one lane, which waits for an answer before it writes again. */
export function startOwnClient(urls: readonly string[], keys: readonly string[]): OwnClient {
  const writes: OwnWrite[] = [];
  let ended = false;
  let count = 0;
  const write = async (key: string): Promise<void> => {
    const n = count++;
    const value = `own ${n}`;
    const issuedMs = performance.now();
    const url = urls[n % urls.length] ?? '';
    const acknowledged = await post(`${url}/v3/kv/put`, { key: encode(key), value: encode(value) }).then(
      () => true,
      // Refused or without an answer: it may have been done or not.
      () => false,
    );
    writes.push({ key, value, issuedMs, acknowledged });
  };
  const lane = async (own: readonly string[]): Promise<void> => {
    for (let n = 0; !ended; n += 1) {
      await write(own[n % own.length] ?? '');
      await pause(EVERY_MS);
    }
  };
  const lanes = Array.from({ length: LANES }, (_, at) => lane(keys.filter((_key, n) => n % LANES === at)));
  return {
    stop: async () => {
      ended = true;
      await Promise.all(lanes);
      return writes;
    },
  };
}
