/**
 * What changed between two revisions, out of etcd's own history. A watch of one folder would not tell when it has told
 * everything; one of all keys does: every revision has at least one event, so the event of the last revision is the end.
 */
import type { Answer } from '../../core/registry.js';
import type { Differences, EntryDifference, History, HistoryAbility } from '../../core/registry-abilities.js';
import { errorText, parseObject, refusalText, within } from './answer.js';
import type { Gateway } from './gateway.js';
import { integerAt, isObject, type JsonObject, objectAt, objectsAt } from './json.js';
import { entriesOf, type KeyValue, keyValuesOf, SETTINGS_PREFIX } from './keys.js';
import { linesOf } from './lines.js';

/** From the zero byte on, without an end. */
const ALL_KEYS = { key: 'AA==', range_end: 'AA==' };

export const etcdHistory = (gatewayOf: (node: string) => Gateway, prefix: string): HistoryAbility => ({
  between: (node, { from, to }, options) =>
    within(options, async (signal) => {
      if (from === to) return { outcome: 'ok', value: { kept: true, entries: [], settings: [] } };
      // Ended when the last event has come: the stream itself never ends.
      const over = new AbortController();
      const watch = { create_request: { ...ALL_KEYS, start_revision: from + 1, prev_kv: true } };
      try {
        const stream = await gatewayOf(node).stream('/v3/watch', watch, AbortSignal.any([signal, over.signal]));
        if (stream.kind !== 'streaming') {
          return { outcome: 'unknown', reason: stream.kind === 'answered' ? refusalText(stream) : stream.reason };
        }
        return await collect(stream.parts, to, prefix);
      } finally {
        over.abort();
      }
    }),
});

interface Difference {
  readonly before: KeyValue | null;
  readonly after: KeyValue | null;
}

async function collect(parts: AsyncIterable<Buffer>, to: number, prefix: string): Promise<Answer<History>> {
  const found = new Map<string, Difference>();
  try {
    for await (const line of linesOf(parts)) {
      const ended = readLine(found, line, { to, prefix });
      if (ended !== null) return ended;
    }
    return unknown('the node ended the watch');
  } catch (error) {
    return unknown(error instanceof Error ? error.message : String(error));
  }
}

interface Scope {
  readonly to: number;
  readonly prefix: string;
}

/** Null = there is more to come. */
function readLine(found: Map<string, Difference>, line: string, scope: Scope): Answer<History> | null {
  const message = parseObject(line);
  if (message === null || !isObject(message.result)) {
    return unknown((message === null ? null : errorText(message)) ?? `not a line of a watch: ${line.slice(0, 300)}`);
  }
  const { result } = message;
  const seen = fold(found, objectsAt(result, 'events'), scope);
  if (seen.gap !== null) return { outcome: 'ok', value: { kept: false, reason: seen.gap } };
  if (result.canceled === true) return cancelled(result);
  return seen.newest < scope.to ? null : { outcome: 'ok', value: { kept: true, ...differences(found, scope.prefix) } };
}

const unknown = (reason: string): Answer<never> => ({ outcome: 'unknown', reason });

function cancelled(result: JsonObject): Answer<History> {
  const compacted = integerAt(result, 'compact_revision');
  if (compacted === 0) return unknown(`the watch was cancelled: ${String(result.cancel_reason ?? 'no reason given')}`);
  const reason = `the history before revision ${compacted} has been compacted`;
  return { outcome: 'ok', value: { kept: false, reason } };
}

/** All events of one revision come in one message. */
function fold(
  found: Map<string, Difference>,
  events: readonly JsonObject[],
  { to, prefix }: Scope,
): { readonly newest: number; readonly gap: string | null } {
  let newest = 0;
  for (const event of events) {
    newest = integerAt(objectAt(event, 'kv'), 'mod_revision');
    if (newest > to) break;
    const told = differenceIn(event);
    if (told === null || !(told.key.startsWith(prefix) || told.key.startsWith(SETTINGS_PREFIX))) continue;
    const known = found.get(told.key);
    if (known === undefined && told.isIncomplete) {
      return { newest, gap: `what ${told.key} was before revision ${newest} has been compacted` };
    }
    found.set(told.key, { before: known === undefined ? told.before : known.before, after: told.after });
  }
  return { newest, gap: null };
}

function differenceIn(
  event: JsonObject,
): (Difference & { readonly key: string; readonly isIncomplete: boolean }) | null {
  const kv = objectAt(event, 'kv');
  const [now] = keyValuesOf([kv]);
  if (now === undefined) return null;
  const [before = null] = isObject(event.prev_kv) ? keyValuesOf([event.prev_kv]) : [];
  const removed = event.type === 'DELETE';
  // The first version of a key, and only that, has nothing before it.
  const isIncomplete = before === null && (removed || integerAt(kv, 'version') > 1);
  return { key: now.key, before, after: removed ? null : now, isIncomplete };
}

function differences(found: ReadonlyMap<string, Difference>, prefix: string): Differences {
  const changed = [...found].filter(([, { before, after }]) => !isSame(before, after));
  return {
    entries: changed.flatMap(([key, { before, after }]): readonly EntryDifference[] =>
      entriesOf([{ key, value: '', leased: false }], prefix).map(({ service, instance }) => ({
        service,
        instance,
        before: before === null ? null : { value: before.value, leased: before.leased },
        after: after === null ? null : { value: after.value, leased: after.leased },
      })),
    ),
    settings: changed
      .filter(([key]) => key.startsWith(SETTINGS_PREFIX) && !key.startsWith(prefix))
      .map(([key, { before, after }]) => ({
        name: key.slice(SETTINGS_PREFIX.length),
        before: before?.value ?? null,
        after: after?.value ?? null,
      })),
  };
}

const isSame = (a: KeyValue | null, b: KeyValue | null): boolean => a?.value === b?.value && a?.leased === b?.leased;
