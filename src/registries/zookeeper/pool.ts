/** The connection for reads and writes to one node: opened when it is needed, kept, and replaced when it is lost. */
import type { Server } from './address.js';
import { NEW_SESSION, openWire } from './open-wire.js';
import { type Lost, textOf, type Wire } from './wire.js';

/** Long enough that a pause of ours does not end it; nothing hangs on it. */
const SESSION_MS = 10_000;
/** An attempt this old may hang on a server that is frozen or a packet that was dropped: another one is begun beside it. */
const PATIENCE_MS = 250;
const ATTEMPT_MS = 5_000;

type Outcome = { readonly kind: 'open'; readonly wire: Wire } | Lost;

export interface Pool {
  /** The open connection, or why there is none before the signal aborts. */
  readonly wire: (signal: AbortSignal) => Promise<Outcome>;
  /** The connection did not answer in time: nobody else should wait for it. */
  readonly distrust: (wire: Wire) => void;
  readonly close: () => void;
}

export function openPool(server: Server): Pool {
  const kept = keptWire();
  const attempts = new Set<AbortController>();
  const waiting = new Set<(outcome: Outcome) => void>();
  let newestAtMs = 0;

  const tell = (outcome: Outcome): void => {
    for (const resolve of waiting) resolve(outcome);
    waiting.clear();
  };
  const dropAttempts = (): void => {
    for (const attempt of attempts) attempt.abort(new Error('not needed any more'));
    attempts.clear();
  };
  const attempt = async (): Promise<void> => {
    const limit = new AbortController();
    attempts.add(limit);
    newestAtMs = performance.now();
    const opened = await openWithin(server, limit);
    const wanted = attempts.delete(limit);
    if (opened.kind === 'open') {
      if (!wanted) return opened.wire.close();
      kept.keep(opened.wire);
      dropAttempts();
      return tell(opened);
    }
    // The others may still come through.
    if (wanted && attempts.size === 0) tell(opened);
  };
  return {
    wire: (signal) => {
      const wire = kept.current();
      if (wire !== null) return Promise.resolve({ kind: 'open', wire });
      const outcome = waitIn(waiting, signal);
      if (attempts.size === 0 || performance.now() - newestAtMs > PATIENCE_MS) void attempt();
      return outcome;
    },
    distrust: kept.retire,
    close: () => {
      dropAttempts();
      kept.close();
    },
  };
}

function waitIn(waiting: Set<(outcome: Outcome) => void>, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome): void => {
      signal.removeEventListener('abort', abort);
      resolve(outcome);
    };
    const abort = (): void => {
      waiting.delete(settle);
      resolve({ kind: 'lost', reason: textOf(signal.reason) });
    };
    waiting.add(settle);
    signal.addEventListener('abort', abort, { once: true });
  });
}

async function openWithin(server: Server, limit: AbortController): Promise<Outcome> {
  const timer = setTimeout(() => limit.abort(new Error(`no session within ${ATTEMPT_MS} ms`)), ATTEMPT_MS);
  timer.unref();
  const session = { ...NEW_SESSION, timeoutMs: SESSION_MS };
  const opened = await openWire({ server, session, readOnly: true }, limit.signal);
  clearTimeout(timer);
  return opened.kind === 'expired' ? { kind: 'lost', reason: 'the server refused a session' } : opened;
}

/** The one that is used, kept alive by pings; and those that are not trusted any more, but on which others still wait. */
function keptWire() {
  const retired = new Set<Wire>();
  let used: { readonly wire: Wire; readonly heartbeat: NodeJS.Timeout } | null = null;
  return {
    current: (): Wire | null => (used?.wire.isOpen() ? used.wire : null),
    keep: (wire: Wire): void => {
      if (used !== null) clearInterval(used.heartbeat);
      used?.wire.close();
      used = { wire, heartbeat: setInterval(wire.ping, wire.session.timeoutMs / 3) };
      used.heartbeat.unref();
    },
    retire: (wire: Wire): void => {
      if (used?.wire !== wire) return;
      clearInterval(used.heartbeat);
      used = null;
      retired.add(wire);
      const lingering = setTimeout(() => {
        retired.delete(wire);
        wire.detach();
      }, ATTEMPT_MS);
      lingering.unref();
    },
    close: (): void => {
      if (used !== null) clearInterval(used.heartbeat);
      used?.wire.close();
      used = null;
      for (const wire of retired) wire.detach();
    },
  };
}
