/** Getting a connection and a session on it: new, or taken up again by its id and password. */
import type { Socket } from 'node:net';
import { type Server, WANTS_TLS } from './address.js';
import { dial, tlsRefusal } from './dial.js';
import { framed } from './frames.js';
import { bool, bytes, int, juteReader, long, text } from './jute.js';
import { type Lost, type Session, textOf, type Wire, wireOn } from './wire.js';

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
