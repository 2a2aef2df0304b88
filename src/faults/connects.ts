/** Whether somebody takes a TCP connection from here. */
import { connect } from 'node:net';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Of a URL, or of `host:port`. */
export function addressOf(url: string): Address {
  const { hostname, port, protocol } = new URL(url.includes('://') ? url : `tcp://${url}`);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
}

/** False = refused, or nothing came within the limit. */
export function connects(to: Address, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(to);
    const end = (came: boolean): void => {
      clearTimeout(late);
      socket.destroy();
      resolve(came);
    };
    const late = setTimeout(() => end(false), limitMs);
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
