/** ZooKeeper's AdminServer: commands over HTTP. It answers 200 whatever happens: only the field `error` tells. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Secrets } from '../../core/access.js';
import { type Lost, textOf } from './wire.js';

export type AdminReply =
  | { readonly kind: 'answered'; readonly fields: Fields }
  | { readonly kind: 'bytes'; readonly body: Buffer; readonly headers: http.IncomingHttpHeaders }
  /** It answered, and what it said is an error. */
  | { readonly kind: 'refused'; readonly reason: string }
  | Lost;

export type Fields = { readonly [key: string]: unknown };

export type Admin = (command: string, signal: AbortSignal) => Promise<AdminReply>;

/** Its guard of `snapshot` is the access list of the root: an open root lets anybody in who names himself at all. */
const ANYBODY = { user: 'firedrill', password: 'firedrill' };

export function adminAt(url: string, { credentials = ANYBODY, ca, cert, key }: Secrets = {}): Admin {
  const base = new URL(url);
  const headers = { authorization: `digest ${credentials.user}:${credentials.password}` };
  const certificates = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  const { get } = base.protocol === 'https:' ? https : http;
  return (command, signal) =>
    new Promise((resolve) => {
      const sentOut = (reason: unknown): void => {
        resolve({ kind: 'lost', reason: textOf(reason) });
        request.destroy();
      };
      const abort = (): void => sentOut(signal.reason);
      const request = get(new URL(`/commands/${command}`, base), { headers, agent: false, ...certificates });
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      request.on('close', () => signal.removeEventListener('abort', abort));
      request.on('error', (error) => resolve({ kind: isUnsent(error) ? 'unsent' : 'lost', reason: textOf(error) }));
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', sentOut);
        response.on('end', () => resolve(readReply(response, Buffer.concat(chunks))));
      });
    });
}

const isUnsent = (error: Error): boolean =>
  'syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo');

function readReply({ headers, statusCode }: http.IncomingMessage, body: Buffer): AdminReply {
  if (statusCode === 200 && headers['content-type']?.startsWith('application/octet-stream')) {
    return { kind: 'bytes', body, headers };
  }
  const fields = parse(body.toString());
  if (fields === null) return { kind: 'refused', reason: `${statusCode} without JSON: this is no AdminServer` };
  if (typeof fields.error === 'string') return { kind: 'refused', reason: fields.error };
  if (statusCode !== 200) return { kind: 'refused', reason: `${statusCode} without an error` };
  return { kind: 'answered', fields };
}

function parse(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    // An error page.
    return null;
  }
}
