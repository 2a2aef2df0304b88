/** Where a server listens, and how it is spoken to. */
import type { Secrets } from '../../core/access.js';
import { speaksTls } from './dial.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Server extends Address {
  readonly encrypted: boolean;
  readonly secrets: Secrets;
  /** Asked once, and only where a server has hung up on plain words. */
  readonly wantsTls: () => Promise<boolean>;
}

const USUAL_PORT = 2181;

export function addressOf(url: string): Address {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? USUAL_PORT : Number(port) };
}

/** Certificates without the scheme mean it too: whoever names them does not want to be heard by others. */
export function serverAt(url: string, secrets: Secrets): Server {
  const address = addressOf(url);
  const { ca, cert, key } = secrets;
  const encrypted = new URL(url).protocol === 'zookeepers:' || [ca, cert, key].some((one) => one !== undefined);
  let asked: Promise<boolean> | undefined;
  return {
    ...address,
    encrypted,
    secrets,
    wantsTls: () => {
      asked ??= encrypted ? Promise.resolve(false) : speaksTls(address);
      return asked;
    },
  };
}

export const WANTS_TLS =
  'it speaks TLS only: begin its `url` with zookeepers://, and name the files under `tls` in the target';
