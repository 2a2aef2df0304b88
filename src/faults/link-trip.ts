/** What one connection goes through on its way to a node, by a plain socket: nothing is taken from Toxiproxy's word. */
import { connect, type Socket } from 'node:net';
import type { Clock } from '../core/clock.js';

/** `close` = nothing is asked: we close our side and wait for the node to close its. */
export type Errand =
  | 'close'
  | {
      readonly request: Uint8Array;
      readonly wantedBytes: number;
      /** Asked after each answer until enough has come back; absent = one request is all. */
      readonly again?: {
        readonly request: Uint8Array;
        /** By which the beginning of an answer is known. */
        readonly answer: string;
      };
    };

export interface TripPlan {
  readonly errand: Errand;
  readonly limitMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** `done` = enough has come back, or with `close` the other side has closed. */
export interface Trip {
  readonly ended: 'done' | 'reset' | 'closed' | 'refused' | 'hung';
  readonly tookMs: number;
}

const DRAINED_AFTER_MS = 500;

/** Never rejects: what happens to the connection is the finding. `address` is `host:port`. */
export function tripTo(address: string, { errand, limitMs, clock, signal }: TripPlan): Promise<Trip> {
  const startedMs = clock.monotonicMs();
  const { hostname: host, port } = new URL(`tcp://${address}`);
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    const again = errand === 'close' ? undefined : errand.again;
    const answers = again === undefined ? null : countOf(again.answer);
    let asked = 0;
    let over = false;
    const end = (ended: Trip['ended']): void => {
      if (over) return;
      over = true;
      const tookMs = clock.monotonicMs() - startedMs;
      clearTimeout(limit);
      signal?.removeEventListener('abort', giveUp);
      resolve({ ended, tookMs });
      letGo(socket, ended);
    };
    const giveUp = (): void => end('hung');
    const limit = setTimeout(giveUp, limitMs);
    signal?.addEventListener('abort', giveUp, { once: true });
    const ask = (request: Uint8Array): void => {
      socket.write(request);
      asked += 1;
    };
    socket.setNoDelay(true);
    socket.on('connect', () => {
      if (errand === 'close') socket.end();
      else ask(errand.request);
    });
    socket.on('data', (part) => {
      const answered = answers?.(part.toString('latin1')) ?? 0;
      if (errand === 'close' || over) return;
      if (socket.bytesRead >= errand.wantedBytes) end('done');
      else if (again !== undefined && answered >= asked) ask(again.request);
    });
    socket.on('end', () => end(errand === 'close' ? 'done' : 'closed'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? 'refused' : 'reset'));
  });
}

/**
 * What is still on its way to us is taken: Toxiproxy waits 5 s for every part that nobody takes before it lets go of a
 * toxic. Nothing waits for it.
 */
function letGo(socket: Socket, ended: Trip['ended']): void {
  if (ended !== 'done') {
    socket.destroy();
    return;
  }
  socket.unref();
  socket.setTimeout(DRAINED_AFTER_MS, () => socket.destroy());
}

/** Counts a word in a stream of text, also where a part ends in the middle of it. */
function countOf(word: string): (part: string) => number {
  let count = 0;
  let tail = '';
  return (part) => {
    const text = tail + part;
    count += text.split(word).length - 1;
    tail = text.slice(-(word.length - 1));
    return count;
  };
}
