/** A link of ZooKeeper as seen without any code of the product: plain sockets and another client's writes. */
import { connect } from 'node:net';
import { createClient } from 'node-zookeeper-client';

export interface Told {
  readonly tookMs: number;
  /** What the connection ended with before it said anything; null = it said something. */
  readonly error: string | null;
}

/** A four-letter word; until the first byte of the answer, or with `all` until the end of it. */
export function word(address: string, said: string, all = false): Promise<Told> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(said));
    const end = (error: string | null): void => {
      resolve({ tookMs: performance.now() - startedMs, error });
      socket.destroy();
    };
    let heard = false;
    socket.on('data', () => {
      heard = true;
      if (!all) end(null);
    });
    socket.on('end', () => end(heard ? null : 'closed'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

/** The time that a create takes on an open session; null = not acknowledged in time. */
export async function writeTime(address: string, limitMs: number): Promise<number | null> {
  const client = createClient(address, { sessionTimeout: 6_000, spinDelay: 50, retries: 0 });
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs);
  });
  const written = new Promise<number | null>((resolve) => {
    client.once('connected', () => {
      const startedMs = performance.now();
      client.create(`/plain-${startedMs}`, Buffer.from(''), EPHEMERAL, (error) =>
        resolve(error === null ? performance.now() - startedMs : null),
      );
    });
    client.connect();
  });
  try {
    return await Promise.race([written, limit]);
  } finally {
    clearTimeout(timer);
    client.close();
  }
}

const EPHEMERAL = 1;
