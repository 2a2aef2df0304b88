/** The calls to Toxiproxy's API, each bounded: it has been seen to hang while a toxic changes (toxiproxy#159, #210). */
import { connect } from 'node:net';
import type { Toxiproxy } from 'toxiproxy-node-client';
import type { Clock } from '../core/clock.js';
import { WorldError } from '../core/errors.js';
import { isMapValue } from '../core/shape.js';
import { bi } from '../core/text.js';
import type { RecordedLink, RecordedToxic } from './toxic-record.js';

const CALL_LIMIT_MS = 4_000;
/** It waits 5 s for every part of an answer that a client has asked for and does not take, because it died. */
const CHANGE_LIMIT_MS = 30_000;

/** What the server says of one of its proxies. */
export interface ProxySeen {
  readonly enabled: boolean;
  readonly listen: string;
  readonly upstream: string;
  readonly toxics: readonly string[];
}

/** By name; null = no server listens at this address (any more), and with it went all its toxics. */
export async function proxiesAt(api: string, clock: Clock): Promise<ReadonlyMap<string, ProxySeen> | null> {
  try {
    const { data } = await bounded({ api, clock, limitMs: CALL_LIMIT_MS }, (client) =>
      client.getApi().get<unknown>(`${api}/proxies`),
    );
    return new Map(Object.entries(isMapValue(data) ? data : {}).map(([name, proxy]) => [name, proxySeen(proxy)]));
  } catch (error) {
    if (await isDeserted(api)) return null;
    throw error;
  }
}

/** One that is there already stays as it is. */
export async function addToxic(link: RecordedLink, toxic: RecordedToxic, clock: Clock): Promise<void> {
  try {
    await bounded({ api: link.api, clock, limitMs: CHANGE_LIMIT_MS }, async (client) => {
      const proxy = await client.get(link.proxy);
      await proxy.addToxic({ ...toxic, toxicity: 1 });
    });
  } catch (error) {
    if (!answered(error, 409)) throw error;
  }
}

/** false = it was gone already. */
export async function removeToxic(link: RecordedLink, toxic: RecordedToxic, clock: Clock): Promise<boolean> {
  try {
    await bounded({ api: link.api, clock, limitMs: CHANGE_LIMIT_MS }, async (client) => {
      const proxy = await client.get(link.proxy);
      const found = await proxy.getToxic(toxic.name);
      await found.remove();
    });
    return true;
  } catch (error) {
    if (answered(error, 404) || (await isDeserted(link.api))) return false;
    throw error;
  }
}

interface Bound {
  readonly api: string;
  readonly clock: Clock;
  readonly limitMs: number;
}

async function bounded<T>({ api, clock, limitMs }: Bound, call: (client: Toxiproxy) => Promise<T>): Promise<T> {
  // Loaded only where a drill needs it.
  const { Toxiproxy } = await import('toxiproxy-node-client');
  const startedMs = clock.monotonicMs();
  const enough = new AbortController();
  const late = clock.sleep(limitMs, enough.signal).then((): never => {
    throw new Error('no answer');
  });
  // It loses the race on every good day.
  late.catch(() => undefined);
  try {
    return await Promise.race([call(new Toxiproxy(api)), late]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const tookMs = Math.round(clock.monotonicMs() - startedMs);
    throw new WorldError({
      code: 'toxiproxy-failed',
      message: bi(
        `Toxiproxy at ${api} did not do it within ${tookMs} ms: ${why}`,
        `${api} 处的 Toxiproxy 在 ${tookMs} 毫秒内未完成：${why}`,
      ),
      hint: bi(`See what it says: curl ${api}/proxies`, `查看其状态：curl ${api}/proxies`),
      cause: error,
    });
  } finally {
    enough.abort();
  }
}

/** The client keeps only the number of a bad answer, inside its message. */
const answered = (error: unknown, status: number): boolean =>
  error instanceof WorldError && error.cause instanceof Error && error.cause.message.endsWith(`status code ${status}`);

/** Refused is gone; anything else may come back with its toxics on. */
const isDeserted = (api: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname: host, port } = new URL(api);
    const socket = connect({ host, port: Number(port), timeout: CALL_LIMIT_MS });
    const tell = (deserted: boolean): void => {
      socket.destroy();
      resolve(deserted);
    };
    socket.once('connect', () => tell(false));
    socket.once('timeout', () => tell(false));
    socket.once('error', (error: NodeJS.ErrnoException) => tell(error.code === 'ECONNREFUSED'));
  });

function proxySeen(json: unknown): ProxySeen {
  const { enabled, listen, upstream, toxics } = isMapValue(json) ? json : {};
  const names = Array.isArray(toxics)
    ? toxics.map((toxic: unknown) => String(isMapValue(toxic) ? toxic.name : ''))
    : [];
  return { enabled: enabled === true, listen: String(listen), upstream: String(upstream), toxics: names };
}
