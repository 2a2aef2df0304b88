/**
 * A registry that lies on command: an HTTP proxy in front of one real node, speaking etcd's JSON gateway. Its own log
 * says what it was asked, what it passed on and what it admitted; planted counts are taken from there.
 */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../src/core/clock.js';
import { type Answer, forward, readWrite, type Upstream, type Write } from './gateway-wire.js';
import { bendDump, bendRange, decode, type ReadLies } from './read-lies.js';

/** ack-only: admitted, not passed on. drop, 503: passed on, not admitted. */
export type WriteLie = 'ack-only' | 'drop' | '503';
export type OutageKind = 'refuse' | 'hang' | '503' | 'slow';

export interface LoggedWrite extends Write {
  readonly lie: WriteLie | null;
  /** True from the moment a good answer went out. */
  admitted: boolean;
}

export interface LyingRegistry {
  readonly url: string;
  /** Asked for each write before it is handled; null = be honest. */
  readonly lieAboutWrites: (choose: (write: LoggedWrite) => WriteLie | null) => void;
  readonly lieAboutReads: (lies: ReadLies) => void;
  readonly delayBy: (ms: number) => void;
  /** The clock's monotonic ms at which the outage began. */
  readonly beginOutage: (kind: OutageKind) => number;
  /** The clock's monotonic ms at which the next request is served again. */
  readonly endOutage: () => Promise<number>;
  readonly close: () => Promise<void>;
}

interface State extends Upstream {
  readonly log: LoggedWrite[];
  choose: (write: LoggedWrite) => WriteLie | null;
  reads: ReadLies;
  delayMs: number;
  outage: OutageKind | null;
  closed: boolean;
  readonly slowMs: number;
}

/** `log` may be shared by several proxies: writes are in the order in which they arrived. */
export async function startLyingRegistry(options: {
  readonly target: string;
  readonly log?: LoggedWrite[];
  /** How late a `slow` outage answers. */
  readonly slowMs?: number;
}): Promise<LyingRegistry> {
  const state: State = {
    target: new URL(options.target),
    agent: new http.Agent({ keepAlive: true, timeout: 3_000 }),
    log: options.log ?? [],
    choose: () => null,
    reads: new Map(),
    delayMs: 0,
    outage: null,
    closed: false,
    slowMs: options.slowMs ?? 1_000,
  };
  const server = http.createServer((request, response) => void serve(state, request, response));
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    lieAboutWrites: (choose) => {
      state.choose = choose;
    },
    lieAboutReads: (lies) => {
      state.reads = lies;
    },
    delayBy: (ms) => {
      state.delayMs = ms;
    },
    beginOutage: (kind) => {
      state.outage = kind;
      if (kind === 'refuse') {
        server.close();
        server.closeAllConnections();
      }
      return systemClock.monotonicMs();
    },
    endOutage: async () => {
      // Nothing can be answered before the `listening` event: it runs on the thread that would answer.
      if (state.outage === 'refuse') await listen(server, port);
      state.outage = null;
      return systemClock.monotonicMs();
    },
    close: async () => {
      state.closed = true;
      state.agent.destroy();
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: http.Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function serve(state: State, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const path = request.url ?? '/';
    if (state.outage !== null && !(await sufferOutage(state, response))) return;
    if (state.delayMs > 0) await systemClock.sleep(state.delayMs);
    const write = readWrite(path, body);
    if (write === null) return reply(state, response, await read(state, path, body));
    const asked = { ...write, lie: null, admitted: false };
    const logged: LoggedWrite = { ...asked, lie: state.choose(asked) };
    state.log.push(logged);
    await answerWrite(state, { logged, path, body, response });
  } catch (error) {
    // The client went away, or the node behind is down: it learns as much from a broken connection.
    response.destroy(error instanceof Error ? error : undefined);
  }
}

/** False = the request has had its answer, or will never have one. */
async function sufferOutage(state: State, response: http.ServerResponse): Promise<boolean> {
  switch (state.outage) {
    case 'slow':
      await systemClock.sleep(state.slowMs);
      // What is still under way when the scene ends must not reach the node after the clean-up.
      return !state.closed;
    case '503':
      response.writeHead(503).end('Leader is unavailable\n');
      return false;
    case 'hang':
      return false;
    case 'refuse':
      response.destroy();
      return false;
    case null:
      return true;
  }
}

async function answerWrite(
  state: State,
  asked: {
    readonly logged: LoggedWrite;
    readonly path: string;
    readonly body: string;
    readonly response: http.ServerResponse;
  },
): Promise<void> {
  const { logged, path, body, response } = asked;
  if (logged.lie === 'ack-only') {
    logged.admitted = true;
    return reply(state, response, { status: 200, body: JSON.stringify({ header: { revision: '1' } }) });
  }
  const answer = await forward(state, path, body);
  if (logged.lie === 'drop') return void response.destroy();
  if (logged.lie === '503') return void response.writeHead(503).end('timeout\n');
  logged.admitted = answer.status === 200;
  return reply(state, response, answer);
}

async function read(state: State, path: string, body: string): Promise<Answer> {
  const answer = await forward(state, path, body);
  if (answer.status !== 200 || state.reads.size === 0) return answer;
  if (path === '/dump') return { ...answer, body: bendDump(answer.body, state.reads) };
  if (path !== '/v3/kv/range') return answer;
  return { ...answer, body: bendRange(answer.body, decode(JSON.parse(body).key), state.reads) };
}

/** A node that is out takes the answers of requests in flight with it; a slow one is late with them, not silent. */
function reply(state: State, response: http.ServerResponse, answer: Answer): void {
  if (state.outage === 'hang') return;
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
}
