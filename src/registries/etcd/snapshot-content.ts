/** What etcd's snapshot holds: the bucket `key` has every revision of every key, as protocol buffers. */
import type { NativeBackup } from '../../core/registry.js';
import { visitBucket } from './bolt.js';
import { entriesOf, inOrder, type KeyValue, SETTINGS_PREFIX, settingsOf } from './keys.js';

/** Main and sub revision with a mark between them; a tombstone has one more byte, `t`. */
const REVISION_BYTES = 17;
/** Fields of `mvccpb.KeyValue`. */
const KEY = 1;
const VALUE = 5;
const LEASE = 6;

export function contentOfSnapshot(
  snapshot: Uint8Array,
  prefix: string,
): ReturnType<NonNullable<NativeBackup['contentOf']>> {
  const { keyValues, revision } = latestIn(snapshot, [prefix, SETTINGS_PREFIX]);
  return {
    revision,
    entries: entriesOf(inOrder(keyValues), prefix),
    settings: settingsOf(inOrder(keyValues.filter(({ key }) => key.startsWith(SETTINGS_PREFIX)))),
  };
}

/** Each key under a prefix as its newest revision has it, and the newest revision of all. */
function latestIn(snapshot: Uint8Array, prefixes: readonly string[]) {
  const wanted = prefixes.map((prefix) => Buffer.from(prefix));
  const latest = new Map<string, KeyValue>();
  let revision = 0;
  const found = visitBucket(snapshot, 'key', (at, bytes) => {
    revision = Math.max(revision, Number(at.readBigUInt64BE(0)));
    const fields = fieldsOf(bytes);
    const raw = fields.key;
    if (!wanted.some((prefix) => raw.subarray(0, prefix.length).equals(prefix))) return;
    const key = raw.toString();
    if (at.length > REVISION_BYTES) latest.delete(key);
    else latest.set(key, { key, value: fields.value.toString(), leased: fields.leased });
  });
  if (!found) throw new Error('it has no bucket `key`: it is not a database of etcd v3');
  return { keyValues: [...latest.values()], revision };
}

const NOTHING: Buffer = Buffer.alloc(0);

function fieldsOf(bytes: Buffer): { readonly key: Buffer; readonly value: Buffer; readonly leased: boolean } {
  let [key, value, leased, at]: [Buffer, Buffer, boolean, number] = [NOTHING, NOTHING, false, 0];
  while (at < bytes.length) {
    const tag = varint(bytes, at);
    at = tag.end;
    const [field, wire] = [tag.value >>> 3, tag.value & 7];
    const number = varint(bytes, at);
    at = number.end;
    if (wire === 0) {
      if (field === LEASE) leased = number.value !== 0;
      continue;
    }
    if (wire !== 2 || at + number.value > bytes.length) throw new Error('an entry of it cannot be read');
    const content = bytes.subarray(at, at + number.value);
    if (field === KEY) key = content;
    if (field === VALUE) value = content;
    at += number.value;
  }
  return { key, value, leased };
}

/** Numbers above 2^53 lose their last digits: of those only whether they are zero matters here. */
function varint(bytes: Buffer, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = from; at < bytes.length && at < from + 10; at += 1) {
    const byte = bytes.readUInt8(at);
    value += (byte & 0x7f) * 2 ** (7 * (at - from));
    if (byte < 0x80) return { value, end: at + 1 };
  }
  throw new Error('an entry of it breaks off');
}
