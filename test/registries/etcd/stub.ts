/** A server that answers exactly as told: for answers that no healthy product gives on demand. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Registry } from '../../../src/core/registry.js';
import { registries } from '../../../src/registries/index.js';

export type Reaction = (request: IncomingMessage, response: ServerResponse) => void;

export interface Stub {
  readonly registry: Registry;
  readonly url: string;
  readonly seen: { readonly path: string; readonly body: string }[];
  readonly connections: () => number;
  react: Reaction;
  readonly close: () => Promise<void>;
}

export async function startStub(product: 'etcd' | 'antietcd', react: Reaction): Promise<Stub> {
  const seen: { readonly path: string; readonly body: string }[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString() });
      stub.react(request, response);
    });
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const url = `http://127.0.0.1:${port}`;
  const node = { name: 'n1', url, find: { by: 'argument', text: 'x' }, start: ['x'] } as const;
  const driver = registries.find('etcd');
  if (driver === undefined) throw new Error('the catalog holds etcd');
  const registry = driver.connect({ nodes: [node], prefix: '/services', product });
  const stub: Stub = {
    registry,
    url,
    seen,
    react,
    connections: () => connections,
    close: async () => {
      registry.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return stub;
}

export const answering =
  (status: number, body: string): Reaction =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body);
  };
