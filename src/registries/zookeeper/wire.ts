/** One connection of one session to exactly one server. Nothing is thrown, nothing retried, every wait has an end. */
import type { Socket } from 'node:net';
import { type Server, WANTS_TLS } from './address.js';
import { dial, tlsRefusal } from './dial.js';
import { frameCutter, framed } from './frames.js';
import { bool, bytes, int, type JuteReader, juteReader, long, text } from './jute.js';

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

export type Opened =
  | { readonly kind: 'open'; readonly wire: Wire }
  /** The server answered: no such session (any more). */
  | { readonly kind: 'expired' }
  | Lost;

export interface Wish {
  readonly server: Server;
  readonly session: Session;
  /** A server without a quorum may then still serve reads. */
  readonly readOnly: boolean;
}

const PING = { xid: -2, op: 11 };
const CLOSE_OP = -11;

export const NEW_SESSION = { id: 0n, password: Buffer.alloc(16) } as const;

export function openWire({ server, session, readOnly }: Wish, signal: AbortSignal): Promise<Opened> {
  return new Promise((resolve) => {
    let sent = false;
    const socket = dial(server, () => {
      sent = true;
      socket.write(
        framed([int(0), long(0n), int(session.timeoutMs), long(session.id), bytes(session.password), bool(readOnly)]),
      );
    });
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
    const { user = null } = server.secrets.credentials ?? {};
    const wired = wireOn(socket, user, (first) => {
      signal.removeEventListener('abort', abort);
      const granted = readGranted(first);
      if (granted === null) return giveUp('it refused a session: it has no quorum');
      if (granted.timeoutMs > 0) {
        introduce(socket, server);
        return resolve({ kind: 'open', wire: wired.as(granted) });
      }
      resolve({ kind: 'expired' });
      socket.destroy();
    });
    /** It hung up before it had said a word: perhaps it did not understand one. */
    const hungUp = async (reason: string): Promise<void> => {
      if (sent && socket.bytesRead === 0 && (await server.wantsTls())) resolve({ kind: 'unsent', reason: WANTS_TLS });
      giveUp(reason);
    };
    socket.on('error', (error) => {
      const refused = tlsRefusal(error);
      if (refused !== null) resolve({ kind: 'unsent', reason: refused });
      void hungUp(textOf(error));
    });
    socket.on('close', () => {
      signal.removeEventListener('abort', abort);
      void hungUp('the server closed the connection before there was a session');
    });
  });
}

const AUTH = { xid: -4, op: 100 };

/** What is asked later is answered as to this user. The server checks nothing here: a wrong password is nobody's. */
function introduce(socket: Socket, { secrets: { credentials } }: Server): void {
  if (credentials === undefined) return;
  const proof = Buffer.from(`${credentials.user}:${credentials.password}`);
  socket.write(framed([int(AUTH.xid), int(AUTH.op), int(0), text('digest'), bytes(proof)]));
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
function wireOn(
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
