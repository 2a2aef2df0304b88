/** etcd's watch as a feed of changes. It ends after a gap: asked again from the revision after the last news, it misses nothing. */
import type { ChangeNews, ChangesAbility } from '../../core/registry-abilities.js';
import { errorText, parseObject, refusalText } from './answer.js';
import type { Gateway, Reply } from './gateway.js';
import { integerAt, isObject, type JsonObject, objectAt, objectsAt, textAt } from './json.js';
import { entriesOf, folderRange, keyValuesOf } from './keys.js';
import { linesOf } from './lines.js';

export const etcdChanges = (gatewayOf: (node: string) => Gateway, prefix: string): ChangesAbility => ({
  follow: async function* (node, from, signal) {
    const start = from === null ? {} : { start_revision: from };
    const watch = { create_request: { ...folderRange(prefix), ...start } };
    const stream = await gatewayOf(node).stream('/v3/watch', watch, signal);
    const end = stream.kind === 'streaming' ? yield* newsUntilEnd(stream.parts, prefix) : whyNot(stream);
    if (end !== null && !signal.aborted) yield gap(end);
  },
});

const whyNot = (reply: Reply): string => (reply.kind === 'answered' ? refusalText(reply) : reply.reason);

const gap = (reason: string): ChangeNews => ({ news: 'gap', reason });

/** Returns why it is over; null = that has been told. */
async function* newsUntilEnd(parts: AsyncIterable<Buffer>, prefix: string): AsyncGenerator<ChangeNews, string | null> {
  try {
    for await (const line of linesOf(parts)) {
      const news = newsOf(line, prefix);
      yield* news;
      if (news.at(-1)?.news === 'gap') return null;
    }
    return 'the node ended the watch';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function newsOf(line: string, prefix: string): readonly ChangeNews[] {
  const message = parseObject(line);
  if (message === null || !isObject(message.result)) {
    return [gap((message === null ? null : errorText(message)) ?? `not a line of a watch: ${line.slice(0, 300)}`)];
  }
  const { result } = message;
  const events = objectsAt(result, 'events').flatMap((event) => newsOfEvent(event, prefix));
  return result.canceled === true ? [...events, gap(cancelText(result))] : events;
}

function cancelText(result: JsonObject): string {
  const compacted = integerAt(result, 'compact_revision');
  if (compacted > 0) return `the history before revision ${compacted} has been compacted`;
  return textAt(result, 'cancel_reason') ?? 'the watch was cancelled';
}

/** A put is the zero of its enumeration, and left out of the JSON. A key that is no registration is no news. */
function newsOfEvent(event: JsonObject, prefix: string): readonly ChangeNews[] {
  const kv = objectAt(event, 'kv');
  const revision = integerAt(kv, 'mod_revision');
  return entriesOf(keyValuesOf([kv]), prefix).map((entry) => {
    const { service, instance } = entry;
    return event.type === 'DELETE'
      ? { news: 'removed', revision, service, instance }
      : { news: 'put', revision, entry };
  });
}
