/** A container engine of which only what is listed is known, on a socket in the home: for what never reaches Docker. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { CliHome } from '../support/cli.js';

export interface StubEngine {
  readonly env: { readonly DOCKER_HOST: string };
  readonly close: () => Promise<void>;
}

export async function engineOf(
  home: CliHome,
  { containers, apiVersion = '1.41' }: { readonly containers: readonly object[]; readonly apiVersion?: string },
): Promise<StubEngine> {
  const path = join(home.dir, 'engine.sock');
  const server = createServer((request, answer) => {
    const asked = request.url?.replace(/^\/v[\d.]+/, '') ?? '';
    const body = asked.startsWith('/version')
      ? { ApiVersion: apiVersion }
      : asked.startsWith('/containers/json')
        ? containers
        : null;
    answer.statusCode = body === null ? 404 : 200;
    answer.setHeader('content-type', 'application/json');
    answer.end(JSON.stringify(body ?? { message: `no such thing: ${asked}` }));
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    env: { DOCKER_HOST: `unix://${path}` },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
