/** The four-letter word `srvr`, over the client port: what every server answers, also without an AdminServer. */
import { connect } from 'node:net';
import type { Address } from './address.js';
import { type Lost, textOf } from './wire.js';

export type Srvr =
  | {
      readonly kind: 'answered';
      readonly version: string;
      /** Null = it does not serve: no quorum, or it is still starting. */
      readonly serving: { readonly mode: string; readonly zxid: number } | null;
    }
  | Lost;

export function askSrvr({ host, port }: Address, signal: AbortSignal): Promise<Srvr> {
  return new Promise((resolve) => {
    let said = '';
    let reached = false;
    const socket = connect({ host, port });
    const abort = (): void => {
      resolve({ kind: 'lost', reason: textOf(signal.reason) });
      socket.destroy();
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    socket.on('connect', () => {
      reached = true;
      socket.write('srvr');
    });
    socket.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
    socket.on('error', (error) => resolve({ kind: reached ? 'lost' : 'unsent', reason: textOf(error) }));
    socket.on('close', () => {
      signal.removeEventListener('abort', abort);
      resolve(readSrvr(said));
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
