/** Changes a key only where it is still what it is thought to be. */
import type { Answer } from '../../core/registry.js';
import type { Call } from './client.js';
import { integerAt, type JsonObject, objectsAt } from './json.js';
import { encode, keyValuesOf } from './keys.js';

/** Somebody else may change the key between our two requests; not for ever. */
const TRIES = 5;

interface Exchange {
  /** Encoded. */
  readonly key: string;
  readonly was: string | null;
  readonly value: string | null;
}

/** Compares revisions: antietcd takes a value to compare with as it is, without decoding it. */
export async function exchange(call: Call, change: Exchange): Promise<Answer<'done' | 'changed'>> {
  // What should not be there is not asked for first: in a restore of many that would be twice the requests.
  if (change.was === null && change.value !== null) {
    const put = await writeAt(call, change, 0);
    if (put.outcome !== 'ok' || put.value === 'done') return put;
  }
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const range = await call('/v3/kv/range', { key: change.key });
    if (range.outcome !== 'ok') return range;
    const [found] = objectsAt(range.value, 'kvs');
    const end = endAt(found, change);
    if (end !== null) return { outcome: 'ok', value: end };
    const written = await writeAt(call, change, found === undefined ? 0 : integerAt(found, 'mod_revision'));
    if (written.outcome !== 'ok' || written.value === 'done') return written;
  }
  return { outcome: 'unknown', reason: 'the key was changed by others all the time' };
}

/** 0 = there is no such key; antietcd still has the revision of its deletion, and no version of it. */
async function writeAt(call: Call, { key, value }: Exchange, revision: number): Promise<Answer<'done' | 'changed'>> {
  const write = value === null ? { request_delete_range: { key } } : { request_put: { key, value: encode(value) } };
  const is = revision === 0 ? { target: 'VERSION', version: 0 } : { target: 'MOD', mod_revision: revision };
  const answer = await call('/v3/kv/txn', { compare: [{ key, ...is }], success: [write] });
  if (answer.outcome !== 'ok') return answer;
  return { outcome: 'ok', value: answer.value.succeeded === true ? 'done' : 'changed' };
}

/** Null = it is what it was. */
function endAt(found: JsonObject | undefined, { was, value }: Exchange): 'done' | 'changed' | null {
  const [now] = found === undefined ? [] : keyValuesOf([found]);
  if (value === (now?.value ?? null) && now?.leased !== true) return 'done';
  return was === (now?.value ?? null) ? null : 'changed';
}
