/** One connection of one session to exactly one server. Nothing is thrown, nothing retried, every wait has an end. */
import { connect, type Socket } from 'node:net';
import { frameCutter, framed } from './frames.js';
import { bool, bytes, int, type JuteReader, juteReader, long } from './jute.js';

/** `unsent`: provably nothing was asked of the server. `lost`: it may have arrived and may have been applied. */
export type Lost = { readonly kind: 'unsent' | 'lost'; readonly reason: string };
export type Reply = { readonly kind: 'answered'; readonly code: number; readonly body: JuteReader } | Lost;

export interface Session {
  readonly id: bigint;
  readonly password: Uint8Array;
  /** Asked for; the server answers with what it grants. */
  readonly timeoutMs: number;
}

export interface Wire {
  readonly session: Session;
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

export type Opened =
  | { readonly kind: 'open'; readonly wire: Wire }
  /** The server answered: no such session (any more). */
  | { readonly kind: 'expired' }
  | Lost;

export interface Wish {
  readonly host: string;
  readonly port: number;
  readonly session: Session;
  /** A server without a quorum may then still serve reads. */
  readonly readOnly: boolean;
}

const PING = { xid: -2, op: 11 };
const CLOSE_OP = -11;

export const NEW_SESSION = { id: 0n, password: Buffer.alloc(16) } as const;

export function openWire({ host, port, session, readOnly }: Wish, signal: AbortSignal): Promise<Opened> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true });
    let sent = false;
    const giveUp = (reason: string): void => {
      resolve({ kind: sent ? 'lost' : 'unsent', reason });
      socket.destroy();
    };
    const abort = (): void => {
      // Whoever cannot tell a slow connect from a lost one takes it for lost.
      sent = true;
      giveUp(textOf(signal.reason));
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    const wired = wireOn(socket, (first) => {
      signal.removeEventListener('abort', abort);
      const granted = readGranted(first);
      if (granted === null) return giveUp('it refused a session: it has no quorum');
      if (granted.timeoutMs > 0) return resolve({ kind: 'open', wire: wired.as(granted) });
      resolve({ kind: 'expired' });
      socket.destroy();
    });
    socket.on('connect', () => {
      sent = true;
      socket.write(
        framed([int(0), long(0n), int(session.timeoutMs), long(session.id), bytes(session.password), bool(readOnly)]),
      );
    });
    socket.on('error', (error) => giveUp(textOf(error)));
    socket.on('close', () => giveUp('the server closed the connection before there was a session'));
    socket.on('close', () => signal.removeEventListener('abort', abort));
  });
}

/** A read-only server answers with a bare refusal, unless local sessions are allowed. */
const REFUSAL_BYTES = 16;

function readGranted(frame: Buffer): Session | null {
  if (frame.length <= REFUSAL_BYTES) return null;
  const body = juteReader(frame);
  body.int();
  const timeoutMs = body.int();
  return { timeoutMs, id: body.long(), password: Buffer.from(body.bytes()) };
}

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

/** The requests of one socket; answers carry the number (xid) of what they answer. */
function wireOn(socket: Socket, onFirst: (frame: Buffer) => void): { readonly as: (session: Session) => Wire } {
  const pending = new Map<number, Pending>();
  let isFirst = true;
  let lastXid = 0;
  let heardAtMs = performance.now();
  const dropAll = (reason: string): void => {
    for (const { resolve } of pending.values()) resolve({ kind: 'lost', reason });
    pending.clear();
  };
  const cut = frameCutter((frame) => {
    if (isFirst) {
      isFirst = false;
      return onFirst(frame);
    }
    const body = juteReader(frame);
    const xid = body.int();
    body.long();
    const code = body.int();
    pending.get(xid)?.resolve({ kind: 'answered', code, body });
    pending.delete(xid);
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
      isOpen,
      heardAtMs: () => heardAtMs,
      request,
      ping,
      detach: () => socket.destroy(),
      close: () => {
        if (!isOpen()) return void socket.destroy();
        // A server that does not take it (it may be frozen) must not keep us: the session then ends by itself.
        socket.end(framed([int(0), int(CLOSE_OP)]), () => socket.destroy());
        socket.unref();
      },
    }),
  };
}

export function textOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(textOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
