/** The four-letter word `srvr`, over the client port: what every server answers, also without an AdminServer. */
import { type Server, WANTS_TLS } from './address.js';
import { dial, tlsRefusal } from './dial.js';
import { type Lost, textOf } from './wire.js';

export type Srvr =
  | {
      readonly kind: 'answered';
      readonly version: string;
      /** Null = it does not serve: no quorum, or it is still starting. */
      readonly serving: { readonly mode: string; readonly zxid: number } | null;
    }
  | Lost;

export function askSrvr(server: Server, signal: AbortSignal): Promise<Srvr> {
  return new Promise((resolve) => {
    let said = '';
    let reached = false;
    const socket = dial(server, () => {
      reached = true;
      // Five bytes: a server with TLS waits for as many before it hangs up.
      socket.write('srvr\n');
    });
    const abort = (): void => {
      resolve({ kind: 'lost', reason: textOf(signal.reason) });
      socket.destroy();
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    socket.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
    const hungUp = async (otherwise: Srvr): Promise<void> => {
      const notUnderstood = reached && said === '' && (await server.wantsTls());
      resolve(notUnderstood ? { kind: 'unsent', reason: WANTS_TLS } : otherwise);
    };
    socket.on('error', (error) => {
      const refused = tlsRefusal(error);
      const kind = reached && refused === null ? 'lost' : 'unsent';
      void hungUp({ kind, reason: refused ?? textOf(error) });
    });
    socket.on('close', () => {
      signal.removeEventListener('abort', abort);
      void hungUp(readSrvr(said));
    });
  });
}

function readSrvr(said: string): Srvr {
  const version = /^Zookeeper version: (\d[^-,\s]*)/m.exec(said)?.[1];
  const mode = /^Mode: (\S+)/m.exec(said)?.[1];
  const zxid = /^Zxid: (0x[0-9a-f]+)/m.exec(said)?.[1];
  if (said.includes('not currently serving')) return { kind: 'answered', version: '', serving: null };
  if (version === undefined || mode === undefined || zxid === undefined) {
    return {
      kind: 'lost',
      reason: said.trim() === '' ? 'it said nothing' : `not what ZooKeeper says: ${said.trim().slice(0, 200)}`,
    };
  }
  return { kind: 'answered', version, serving: { mode, zxid: Number(zxid) } };
}
