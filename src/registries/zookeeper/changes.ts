/** What happens to instances, told by a persistent recursive watch (3.6 on) of a session of its own. */
import { setTimeout } from 'node:timers/promises';
import type { ChangeNews, ChangesAbility } from '../../core/registry-abilities.js';
import type { Server } from './address.js';
import { NEW_SESSION, openWire } from './open-wire.js';
import { CODE, OP, watchBody } from './ops.js';
import { instanceAt, type Place } from './snapshot-content.js';
import { treeOn } from './tree.js';
import type { WatchEvent, Wire } from './wire.js';

const DELETED = 2;
const SESSION_MS = 10_000;
const REQUEST_LIMIT_MS = 5_000;
const TRY_AGAIN_MS = 200;
const NO_HISTORY = 'ZooKeeper keeps no history of changes: they are told from now on only';

export const zookeeperChanges = (serverOf: (node: string) => Server, place: Place): ChangesAbility => ({
  follow: async function* (node, from, signal) {
    if (from !== null) yield { news: 'gap', reason: NO_HISTORY };
    while (!signal.aborted) {
      yield* followOnce(serverOf(node), place, signal);
      if (!signal.aborted) await setTimeout(TRY_AGAIN_MS);
    }
  },
});

/** One connection; ends with a gap, unless the signal ends it. */
async function* followOnce(server: Server, place: Place, signal: AbortSignal): AsyncGenerator<ChangeNews> {
  const session = { ...NEW_SESSION, timeoutMs: SESSION_MS };
  const opened = await openWire({ server, session, readOnly: false }, limited(signal));
  if (opened.kind === 'open') yield* newsOf(opened.wire, place, signal);
  else if (!signal.aborted) yield { news: 'gap', reason: opened.kind === 'expired' ? 'no session' : opened.reason };
}

/** Until the connection or the signal ends. */
async function* newsOf(wire: Wire, place: Place, signal: AbortSignal): AsyncGenerator<ChangeNews> {
  const inbox = inboxOf(wire, signal);
  const beat = setInterval(wire.ping, SESSION_MS / 3);
  try {
    const watched = await wire.request(OP.addWatch, watchBody(place.base), limited(signal));
    if (watched.kind !== 'answered' || watched.code !== CODE.ok) {
      const why = watched.kind === 'answered' ? `the watch was refused with ${watched.code}` : watched.reason;
      if (!signal.aborted) yield { news: 'gap', reason: why };
      return;
    }
    for (let event = await inbox.next(); event !== null; event = await inbox.next()) {
      const news = await newsFrom(event, { wire, place, signal });
      if (news !== null) yield news;
    }
    if (!signal.aborted) yield { news: 'gap', reason: 'the connection to the node has ended' };
  } finally {
    clearInterval(beat);
    wire.close();
  }
}

const limited = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(REQUEST_LIMIT_MS)]);

/** A watch tells that something has changed, not into what: that is read, and may be newer. Null = nothing to tell. */
async function newsFrom(
  { path, type, zxid }: WatchEvent,
  { wire, place, signal }: { readonly wire: Wire; readonly place: Place; readonly signal: AbortSignal },
): Promise<ChangeNews | null> {
  const named = instanceAt(path, place);
  if (named === null) return null;
  const tree = treeOn(wire, limited(signal), () => {});
  const read = await tree.get(path);
  if (read.outcome !== 'ok') return signal.aborted ? null : { news: 'gap', reason: `${path}: ${read.reason}` };
  if (type === DELETED) return { news: 'removed', revision: zxid ?? tree.newestZxid(), ...named };
  // Gone again: that is told by an event of its own.
  if (read.value === null) return null;
  const { data, stat } = read.value;
  const entry = { ...named, value: place.layout.valueOf(data), leased: stat.owner !== null };
  return { news: 'put', revision: stat.changedZxid, entry };
}

interface Inbox {
  /** Null = there will be no more. */
  readonly next: () => Promise<WatchEvent | null>;
}

function inboxOf(wire: Wire, signal: AbortSignal): Inbox {
  const waiting: WatchEvent[] = [];
  let over = signal.aborted;
  let wake = (): void => {};
  wire.onEvent((event) => {
    waiting.push(event);
    wake();
  });
  const end = (): void => {
    over = true;
    wake();
  };
  wire.onClose(end);
  signal.addEventListener('abort', end, { once: true });
  return {
    next: async () => {
      while (waiting.length === 0 && !over) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return signal.aborted ? null : (waiting.shift() ?? null);
    },
  };
}
