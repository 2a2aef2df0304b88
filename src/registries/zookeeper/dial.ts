/** A connection to a client port, encrypted where the target says so. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Address, Server } from './address.js';

/** `onReady`: everything that is written from then on goes to the server. Errors and the end come as events. */
export function dial({ host, port, encrypted, secrets }: Server, onReady: () => void): Socket {
  if (!encrypted) return connect({ host, port, noDelay: true }, onReady);
  const { ca, cert, key } = secrets;
  const socket = connectTls(
    {
      host,
      port,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
    onReady,
  );
  return socket.setNoDelay(true);
}

/** The server ended the handshake by an alert: nothing that came with it was taken. Null = another kind of error. */
export function tlsRefusal(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const alert = /^ERR_SSL_.*ALERT_(\w+)$/.exec(code)?.[1];
  if (alert === undefined) return null;
  return `the server refuses TLS with us (${alert.toLowerCase().replaceAll('_', ' ')}): name \`cert\` and \`key\` under \`tls\` in the target`;
}

const TELL_WITHIN_MS = 500;

/** By a greeting that only a server with TLS answers, be it with an alert. Nothing is believed of who it is. */
export function speaksTls({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false });
    const tell = (speaks: boolean): void => {
      resolve(speaks);
      socket.destroy();
    };
    const timer = setTimeout(() => tell(false), TELL_WITHIN_MS);
    timer.unref();
    socket.once('secureConnect', () => tell(true));
    socket.once('error', (error) => tell(tlsRefusal(error) !== null));
    socket.once('close', () => clearTimeout(timer));
  });
}
