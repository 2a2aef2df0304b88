/** A folder of keys page by page, all of them as they were at one moment: the revision of the first page. */
import type { Answer } from '../../core/registry.js';
import type { Call } from './client.js';
import { integerAt, isObject, type JsonObject, objectAt, objectsAt, textAt } from './json.js';

/** etcd walks the whole index for each page: at 100,000 keys, smaller and larger pages both take longer in all. */
const PAGE = 10_000;
/** A compaction may take the moment away while its pages are read; then all is read again. */
const ATTEMPTS = 3;
const COMPACTED = /required revision has been compacted/;

/** The range's `kvs` in the order of their keys. antietcd knows no pages and answers with everything at once. */
export async function readPages(call: Call, range: object): Promise<Answer<readonly JsonObject[]>> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await readOnce(call, range);
    if (answer.outcome === 'ok' || attempt === ATTEMPTS || !COMPACTED.test(answer.reason)) return answer;
  }
}

async function readOnce(call: Call, range: object): Promise<Answer<readonly JsonObject[]>> {
  const found: JsonObject[] = [];
  let next: object = {};
  for (;;) {
    const answer = await call('/v3/kv/range', { ...range, limit: PAGE, ...next });
    if (answer.outcome !== 'ok') return answer;
    // An empty range has no `kvs`; but an answer without a header is no range, and must not pass for an empty one.
    if (!isObject(answer.value.header)) return { outcome: 'unknown', reason: 'the answer is not that of a range' };
    const kvs = objectsAt(answer.value, 'kvs');
    for (const kv of kvs) found.push(kv);
    const last = kvs.at(-1);
    if (answer.value.more !== true || last === undefined) return { outcome: 'ok', value: found };
    next = { key: keyAfter(last), revision: revisionOf(next, answer.value) };
  }
}

/** The smallest key above this one. */
const keyAfter = (kv: JsonObject): string =>
  Buffer.concat([Buffer.from(textAt(kv, 'key') ?? '', 'base64'), Buffer.of(0)]).toString('base64');

const revisionOf = (asked: object, page: JsonObject): unknown =>
  'revision' in asked ? asked.revision : integerAt(objectAt(page, 'header'), 'revision');
