/** A link as seen without any code of the product: plain HTTP and plain sockets, and Toxiproxy's API by `fetch`. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';

export interface Answer {
  readonly tookMs: number;
  /** What the connection ended with; null = an answer came. */
  readonly error: string | null;
  readonly bytes: number;
}

/** One request over HTTP; without an agent over a connection of its own. */
export function ask(url: string, { body = '', agent }: { readonly body?: string; readonly agent?: Agent } = {}) {
  const startedMs = performance.now();
  return new Promise<Answer>((resolve) => {
    let bytes = 0;
    const end = (error: string | null): void => resolve({ tookMs: performance.now() - startedMs, error, bytes });
    const how = { method: body === '' ? 'GET' : 'POST', agent: agent ?? new Agent(), timeout: 20_000 };
    const asked = request(url, how, (answer) => {
      answer.on('data', (part: Buffer) => {
        bytes += part.length;
      });
      answer.on('end', () => end(null));
      answer.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    asked.end(body);
  });
}

export const keepAlive = (): Agent => new Agent({ keepAlive: true, maxSockets: 1 });

/** From our own FIN until the other side's. */
export function closeTime(address: string): Promise<number> {
  const { hostname: host, port } = new URL(`tcp://${address}`);
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), allowHalfOpen: true }, () => socket.end());
    socket.on('end', () => resolve(performance.now() - startedMs));
    socket.on('error', reject);
    socket.resume();
  });
}

interface Seen {
  readonly name: string;
  readonly type: string;
  readonly stream: string;
  readonly attributes: Readonly<Record<string, number>>;
}

/** Proxy → its toxics, of all proxies of the server. */
export async function toxicsAt(api: string): Promise<Readonly<Record<string, readonly Seen[]>>> {
  const proxies = (await (await fetch(`${api}/proxies`)).json()) as Record<string, { toxics: Seen[] }>;
  const rows = Object.entries(proxies).map(([name, { toxics }]) => [name, toxics] as const);
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export async function addForeign(api: string, proxy: string): Promise<void> {
  const toxic = { name: 'somebody-elses', type: 'latency', stream: 'downstream', attributes: { latency: 1 } };
  const answer = await fetch(`${api}/proxies/${proxy}/toxics`, { method: 'POST', body: JSON.stringify(toxic) });
  if (!answer.ok) throw new Error(await answer.text());
}

export async function removeForeign(api: string, proxy: string): Promise<void> {
  await fetch(`${api}/proxies/${proxy}/toxics/somebody-elses`, { method: 'DELETE' });
}
