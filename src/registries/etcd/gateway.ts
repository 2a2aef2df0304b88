/** One node's JSON gateway over HTTP: connections are kept, every request can be cut off, nothing is thrown. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Secrets } from '../../core/access.js';

/** `unsent`: provably nothing left this machine. `lost`: it may have arrived and may have been applied. */
export type Reply =
  | { readonly kind: 'answered'; readonly status: number; readonly body: Buffer }
  | { readonly kind: 'unsent' | 'lost'; readonly reason: string };

export interface Gateway {
  readonly post: (path: string, body: object, signal: AbortSignal) => Promise<Reply>;
  readonly get: (path: string, signal: AbortSignal) => Promise<Reply>;
  readonly close: () => void;
}

/** Below the 5 s after which a Node server drops an idle connection: a request on a dropped one would be lost. */
const IDLE_MS = 3_000;

export function openGateway(url: string, { ca, cert, key }: Secrets = {}): Gateway {
  const base = new URL(url);
  const transport = base.protocol === 'https:' ? https : http;
  const agent = new transport.Agent({
    keepAlive: true,
    timeout: IDLE_MS,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
  // Taken apart once: a URL parsed for each request would cost a tenth of it.
  const { protocol, hostname, port, pathname } = base;
  const server = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, agent };
  const root = pathname.replace(/\/+$/, '');
  const send = (options: http.RequestOptions, payload: string | null, signal: AbortSignal): Promise<Reply> =>
    new Promise((resolve) => {
      const request = transport.request({ ...server, ...options });
      const cutOff = (): void => {
        resolve({ kind: 'lost', reason: textOf(signal.reason) });
        request.destroy();
      };
      if (signal.aborted) cutOff();
      signal.addEventListener('abort', cutOff, { once: true });
      request.on('error', (error) => resolve({ kind: isUnsent(error) ? 'unsent' : 'lost', reason: textOf(error) }));
      request.on('response', (response) => collect(response, resolve));
      request.end(payload);
    });
  return {
    post: (path, body, signal) => {
      // A text goes out in one piece with the headers, bytes would go out in two.
      const payload = JSON.stringify(body);
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) };
      return send({ method: 'POST', path: root + path, headers }, payload, signal);
    },
    get: (path, signal) => send({ method: 'GET', path: root + path }, null, signal),
    close: () => agent.destroy(),
  };
}

function collect(response: http.IncomingMessage, resolve: (reply: Reply) => void): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', (error) => resolve({ kind: 'lost', reason: textOf(error) }));
  response.on('end', () =>
    resolve({ kind: 'answered', status: response.statusCode ?? 0, body: Buffer.concat(chunks) }),
  );
}

/** A connection that never came about has carried nothing; of a reused one that broke, nobody can tell. */
function isUnsent(error: Error): boolean {
  if (error instanceof AggregateError) return error.errors.every((each) => each instanceof Error && isUnsent(each));
  return 'syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo');
}

function textOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(textOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
