/** The ways to a node: through its kept connection, attached to a session for a moment, or by its own copy. */
import { setTimeout } from 'node:timers/promises';
import type { Answer, CallOptions, Entry } from '../../core/registry.js';
import { within } from '../within.js';
import type { Server } from './address.js';
import { LEASE_GONE, lostAnswer } from './answer.js';
import { openWire } from './open-wire.js';
import type { Pool } from './pool.js';
import { listServices, map } from './registrations.js';
import { entriesOfSnapshot, type Place } from './snapshot-content.js';
import { type Tree, treeOn } from './tree.js';
import type { Session, Wire } from './wire.js';

const LOOK_AGAIN_MS = 50;

export interface AccessParts {
  readonly server: Server;
  readonly pool: Pool;
  readonly place: Place;
  readonly snapshot: (signal: AbortSignal) => Promise<Answer<Uint8Array>>;
}

export interface Access {
  readonly onTree: <T>(options: CallOptions, work: (tree: Tree) => Promise<Answer<T>>) => Promise<Answer<T>>;
  /** For the time of the work only; the session goes on without us. */
  readonly attached: <T>(
    session: Session,
    options: CallOptions,
    work: (wire: Wire, signal: AbortSignal) => Promise<Answer<T>>,
  ) => Promise<Answer<T>>;
  /** Without a quorum a server opens no session; after two seconds its AdminServer hands out its own copy. */
  readonly ownCopy: (options: CallOptions) => Promise<Answer<readonly Entry[]>>;
}

export function accessTo({ server, pool, place, snapshot }: AccessParts): Access {
  const through = async <T>(signal: AbortSignal, work: (tree: Tree) => Promise<Answer<T>>) => {
    const opened = await pool.wire(signal);
    if (opened.kind !== 'open') return opened;
    const answer = await work(treeOn(opened.wire, signal, () => pool.distrust(opened.wire)));
    return { kind: 'answered', answer } as const;
  };
  /** Null = it serves nobody yet. */
  const ownCopyNow = async (signal: AbortSignal): Promise<Answer<readonly Entry[]> | null> => {
    const read = await through(signal, (tree) => listServices(tree, place.base, place.layout));
    if (read.kind === 'answered') return read.answer;
    if (read.kind === 'unsent' || signal.aborted) return lostAnswer(read);
    const copy = await snapshot(signal);
    return copy.outcome === 'ok' ? map(copy, (bytes) => entriesOfSnapshot(bytes, place)) : null;
  };
  return {
    onTree: (options, work) =>
      within(options, async (signal) => {
        const done = await through(signal, work);
        return done.kind === 'answered' ? done.answer : lostAnswer(done);
      }),
    attached: (session, options, work) =>
      within(options, async (signal) => {
        const opened = await openWire({ server, session, readOnly: false }, signal);
        if (opened.kind === 'expired') return LEASE_GONE;
        if (opened.kind !== 'open') return lostAnswer(opened);
        try {
          return await work(opened.wire, signal);
        } finally {
          opened.wire.detach();
        }
      }),
    ownCopy: (options) =>
      within(options, async (signal) => {
        for (;;) {
          const answer = await ownCopyNow(signal);
          if (answer !== null) return answer;
          await setTimeout(LOOK_AGAIN_MS);
        }
      }),
  };
}
