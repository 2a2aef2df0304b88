/** What is asked on a link, in the words of what listens behind it: nothing that it keeps, and no vote. */
import type { RegistryName } from '../core/drill.js';
import type { Errand } from './link-trip.js';
import type { RecordedLink, RecordedToxic } from './toxic-record.js';
import { observerGreeting, unknownSession } from './zookeeper-words.js';

/** One that carries this many bytes in one direction, and few in the other. */
export interface Transfer {
  readonly errand: Errand;
  readonly bytes: number;
}

interface Language {
  readonly roundTrip: Errand;
  /** As many bytes as it can, up to `bytes`; null = nothing that is long enough can be asked. */
  readonly transfer: (stream: RecordedToxic['stream'], bytes: number) => Transfer | null;
}

export const languageOf = (registry: RegistryName, kind: RecordedLink['kind']): Language =>
  registry === 'zookeeper' ? (kind === 'client' ? ZOOKEEPER_CLIENT : ZOOKEEPER_PEER) : http(kind);

/** Above this many bytes short answers one after the other would take too long by themselves. */
const LONG = 60_000;

/** Any HTTP server answers this, with whatever status: etcd does on its client port and on its peer port. */
const http = (kind: RecordedLink['kind']): Language => ({
  roundTrip: httpErrand('/version', 0, 1),
  transfer: (stream, bytes) => {
    if (stream === 'upstream') return { errand: httpErrand('/version', bytes, 1), bytes };
    const path = kind === 'peer' ? '/members' : bytes < LONG ? '/version' : '/metrics';
    return { errand: httpErrand(path, 0, bytes), bytes };
  },
});

function httpErrand(path: string, paddingBytes: number, wantedBytes: number): Errand {
  const get = (more: string): Uint8Array => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: firedrill\r\n${more}\r\n`);
  const padding = paddingBytes === 0 ? '' : `X-Padding: ${'-'.repeat(paddingBytes)}\r\n`;
  return { request: get(padding), wantedBytes, again: { request: get(''), answer: 'HTTP/1.' } };
}

/** `mntr` of a server without any clients says more than this. */
const LONG_WORD_BYTES = 8_000;

/** A server says one of its four-letter words, then hangs up; `mntr` is its longest. */
const ZOOKEEPER_CLIENT: Language = {
  roundTrip: { request: Buffer.from('srvr'), wantedBytes: 1 },
  transfer: (stream, most) => {
    if (stream === 'upstream') return { errand: { request: unknownSession(most), wantedBytes: 1 }, bytes: most };
    const bytes = Math.min(most, LONG_WORD_BYTES);
    return { errand: { request: Buffer.from('mntr'), wantedBytes: bytes }, bytes };
  },
};

/** A leader answers whoever wants to observe it, and waits; what it says to one that goes on would change its state. */
const ZOOKEEPER_PEER: Language = {
  roundTrip: { request: observerGreeting(), wantedBytes: 1 },
  transfer: () => null,
};
