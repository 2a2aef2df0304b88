/** One node's JSON gateway over HTTP: connections are kept, every request can be cut off, nothing is thrown. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Secrets } from '../../core/access.js';

/** `unsent`: provably nothing left this machine. `lost`: it may have arrived and may have been applied. */
export type Reply =
  | { readonly kind: 'answered'; readonly status: number; readonly body: Buffer }
  | { readonly kind: 'unsent' | 'lost'; readonly reason: string };

/** An answer that goes on: read as it comes. */
export interface Stream {
  readonly kind: 'streaming';
  readonly status: number;
  /** Ends when the server ends it; throws when the connection breaks, or the signal cuts it off. */
  readonly parts: AsyncIterable<Buffer>;
}

export interface Gateway {
  readonly post: (path: string, body: object, signal: AbortSignal) => Promise<Reply>;
  readonly get: (path: string, signal: AbortSignal) => Promise<Reply>;
  readonly stream: (path: string, body: object, signal: AbortSignal) => Promise<Reply | Stream>;
  /** The same connections, for requests that carry this token. */
  readonly withToken: (token: string) => Gateway;
  /** The next request says anew who we are. */
  readonly forgetLogin: () => void;
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
  type Received<R> = (response: http.IncomingMessage, resolve: (reply: Reply | R) => void) => void;
  const send = <R = never>(
    { payload, ...options }: http.RequestOptions & { readonly payload: string | null },
    signal: AbortSignal,
    receive: Received<R>,
  ): Promise<Reply | R> =>
    new Promise((resolve) => {
      const request = transport.request({ ...server, ...options });
      const cutOff = (): void => {
        resolve({ kind: 'lost', reason: textOf(signal.reason) });
        request.destroy();
      };
      if (signal.aborted) cutOff();
      signal.addEventListener('abort', cutOff, { once: true });
      request.on('error', (error) => resolve({ kind: isUnsent(error) ? 'unsent' : 'lost', reason: textOf(error) }));
      request.on('response', (response) => receive(response, resolve));
      request.end(payload);
    });
  const asWhoever = (token: object): Gateway => {
    const posted = (path: string, body: object) => {
      // A text goes out in one piece with the headers, bytes would go out in two.
      const payload = JSON.stringify(body);
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload), ...token };
      return { method: 'POST', path: root + path, headers, payload };
    };
    return {
      post: (path, body, signal) => send(posted(path, body), signal, collect),
      get: (path, signal) => send({ method: 'GET', path: root + path, payload: null }, signal, collect),
      stream: (path, body, signal) =>
        send<Stream>(posted(path, body), signal, (response, resolve) => {
          if (response.statusCode !== 200) return collect(response, resolve);
          resolve({ kind: 'streaming', status: 200, parts: response });
        }),
      withToken: (authorization) => asWhoever({ authorization }),
      forgetLogin: () => {},
      close: () => agent.destroy(),
    };
  };
  return asWhoever({});
}

function collect(response: http.IncomingMessage, resolve: (reply: Reply) => void): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', (error) => resolve({ kind: 'lost', reason: textOf(error) }));
  response.on('end', () =>
    resolve({ kind: 'answered', status: response.statusCode ?? 0, body: Buffer.concat(chunks) }),
  );
}

/** What ends the handshake, on either side: before it is over, nothing is read of what we send. */
const NO_HANDSHAKE = /^(CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|ERR_TLS_CERT_|ERR_SSL_|EPROTO$)/;

/** A connection that never came about has carried nothing; of a reused one that broke, nobody can tell. */
function isUnsent(error: Error): boolean {
  if (error instanceof AggregateError) return error.errors.every((each) => each instanceof Error && isUnsent(each));
  if ('code' in error && NO_HANDSHAKE.test(String(error.code))) return true;
  return 'syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo');
}

function textOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(textOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
