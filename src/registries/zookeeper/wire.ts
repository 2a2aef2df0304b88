/** One connection of one session to exactly one server. Nothing is thrown, nothing retried, every wait has an end. */
import type { Socket } from 'node:net';
import { frameCutter, framed } from './frames.js';
import { int, type JuteReader, juteReader } from './jute.js';

/** `unsent`: provably nothing was asked of the server. `lost`: it may have arrived and may have been applied. */
export type Lost = { readonly kind: 'unsent' | 'lost'; readonly reason: string };
export type Reply =
  | {
      readonly kind: 'answered';
      readonly code: number;
      readonly body: JuteReader;
      /** The newest transaction that the server had applied. */
      readonly zxid: number;
    }
  | Lost;

export interface Session {
  readonly id: bigint;
  readonly password: Uint8Array;
  /** Asked for; the server answers with what it grants. */
  readonly timeoutMs: number;
}

/** A watch has fired. The transaction is told by servers from 3.9 on; else null. */
export interface WatchEvent {
  readonly type: number;
  readonly path: string;
  readonly zxid: number | null;
}

export interface Wire {
  readonly session: Session;
  /** Whom the server takes us for; null = for anybody. */
  readonly user: string | null;
  /** What its watches tell, from now on. */
  readonly onEvent: (listener: (event: WatchEvent) => void) => void;
  /** At once, when it is closed already. */
  readonly onClose: (listener: () => void) => void;
  /** False = closed; a request would be lost. */
  readonly isOpen: () => boolean;
  /** When the server last said anything, by `performance.now()`. */
  readonly heardAtMs: () => number;
  /** When the signal aborts, the answer is `lost`; the connection goes on for others. */
  readonly request: (op: number, body: Buffer, signal: AbortSignal) => Promise<Reply>;
  readonly ping: () => void;
  /** Keeps the session alive on the server for the rest of its time. */
  readonly detach: () => void;
  /** Ends the session too: its ephemeral nodes go at once. */
  readonly close: () => void;
}

const PING = { xid: -2, op: 11 };
const CLOSE_OP = -11;

interface Pending {
  readonly resolve: (reply: Reply) => void;
}

function answerTo(pending: Map<number, Pending>, xid: number, signal: AbortSignal): Promise<Reply> {
  return new Promise((resolve) => {
    const abort = (): void => {
      pending.delete(xid);
      resolve({ kind: 'lost', reason: textOf(signal.reason) });
    };
    signal.addEventListener('abort', abort, { once: true });
    pending.set(xid, {
      resolve: (reply) => {
        signal.removeEventListener('abort', abort);
        resolve(reply);
      },
    });
  });
}

type Listeners = Set<(event: WatchEvent) => void>;

const EVENT_XID = -1;

function deliver(frame: Buffer, pending: Map<number, Pending>, listeners: Listeners): void {
  const body = juteReader(frame);
  const xid = body.int();
  const zxid = Number(body.long());
  const code = body.int();
  if (xid === EVENT_XID) {
    const event = { ...readEvent(body), zxid: zxid > 0 ? zxid : null };
    for (const listener of listeners) listener(event);
    return;
  }
  pending.get(xid)?.resolve({ kind: 'answered', code, body, zxid });
  pending.delete(xid);
}

/** The requests of one socket; answers carry the number (xid) of what they answer. */
export function wireOn(
  socket: Socket,
  user: string | null,
  onFirst: (frame: Buffer) => void,
): { readonly as: (session: Session) => Wire } {
  const pending = new Map<number, Pending>();
  const listeners: Listeners = new Set();
  let isFirst = true;
  let lastXid = 0;
  let heardAtMs = performance.now();
  const dropAll = (reason: string): void => {
    for (const { resolve } of pending.values()) resolve({ kind: 'lost', reason });
    pending.clear();
  };
  const cut = frameCutter((frame) => {
    if (!isFirst) return deliver(frame, pending, listeners);
    isFirst = false;
    onFirst(frame);
  });
  socket.on('data', (chunk: Buffer) => {
    heardAtMs = performance.now();
    try {
      cut(chunk);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  });
  socket.on('error', (error) => dropAll(`the connection broke: ${textOf(error)}`));
  socket.on('close', () => dropAll('the server closed the connection'));
  const isOpen = (): boolean => socket.writable && !socket.destroyed;
  const request: Wire['request'] = async (op, body, signal) => {
    if (signal.aborted) return { kind: 'unsent', reason: textOf(signal.reason) };
    if (!isOpen()) return { kind: 'unsent', reason: 'the connection is closed' };
    lastXid += 1;
    const answer = answerTo(pending, lastXid, signal);
    socket.write(framed([int(lastXid), int(op), body]));
    return answer;
  };
  const ping = (): void => void (isOpen() && socket.write(framed([int(PING.xid), int(PING.op)])));
  return {
    as: (session) => ({
      session,
      user,
      onEvent: (listener) => void listeners.add(listener),
      onClose: (listener) => void (isOpen() ? socket.once('close', listener) : listener()),
      isOpen,
      heardAtMs: () => heardAtMs,
      request,
      ping,
      detach: () => socket.destroy(),
      close: () => (isOpen() ? sayGoodbye(socket) : void socket.destroy()),
    }),
  };
}

/** A server that does not take it (it may be frozen) must not keep us: the session then ends by itself. */
function sayGoodbye(socket: Socket): void {
  socket.end(framed([int(0), int(CLOSE_OP)]), () => socket.destroy());
  socket.unref();
}

function readEvent(body: JuteReader): Pick<WatchEvent, 'type' | 'path'> {
  const type = body.int();
  // The state of the connection: it is there, or this would not come.
  body.int();
  return { type, path: body.text() };
}

export function textOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(textOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
