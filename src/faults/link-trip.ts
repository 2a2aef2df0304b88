/** What one connection goes through on its way to a node, by a plain socket: nothing is taken from Toxiproxy's word. */
import { connect, type Socket } from 'node:net';
import type { Clock } from '../core/clock.js';

/** `close` = nothing is asked: we close our side and wait for the node to close its. */
export type Errand =
  | 'close'
  | {
      /** Of the request that is asked, again and again, until enough has come back. */
      readonly path: string;
      /** The first request is made this much longer. */
      readonly paddingBytes: number;
      readonly wantedBytes: number;
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

/** Any HTTP server answers this, with whatever status: etcd does on its client port and on its peer port. */
export const ROUND_TRIP: Errand = { path: '/version', paddingBytes: 0, wantedBytes: 1 };
const ANSWER = 'HTTP/1.';
const DRAINED_AFTER_MS = 500;

/** Never rejects: what happens to the connection is the finding. `address` is `host:port`. */
export function tripTo(address: string, { errand, limitMs, clock, signal }: TripPlan): Promise<Trip> {
  const startedMs = clock.monotonicMs();
  const { hostname: host, port } = new URL(`tcp://${address}`);
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    const answers = countOf(ANSWER);
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
    const ask = (): void => {
      if (errand === 'close') socket.end();
      else socket.write(requestFor(errand.path, asked === 0 ? errand.paddingBytes : 0));
      asked += 1;
    };
    socket.setNoDelay(true);
    socket.on('connect', ask);
    socket.on('data', (part) => {
      const answered = answers(part.toString('latin1'));
      if (errand === 'close' || over) return;
      if (socket.bytesRead >= errand.wantedBytes) end('done');
      else if (answered >= asked) ask();
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

const requestFor = (path: string, paddingBytes: number): string =>
  `GET ${path} HTTP/1.1\r\nHost: firedrill\r\n${paddingBytes === 0 ? '' : `X-Padding: ${'-'.repeat(paddingBytes)}\r\n`}\r\n`;

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
