/** One node's tree, read by a client that shares no code with the product. */
import { type Client, createClient } from 'node-zookeeper-client';

const LIMIT_MS = 5_000;
const NO_NODE = -101;

export interface PlainNode {
  readonly path: string;
  readonly data: string;
  readonly ephemeral: boolean;
}

/** All nodes with data below `roots`, sorted by path. */
export async function plainTree(url: string, roots: readonly string[]): Promise<readonly PlainNode[]> {
  const client = createClient(new URL(url).host, { sessionTimeout: 4_000, spinDelay: 50, retries: 0 });
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${url} did not answer within ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    const open = new Promise<void>((resolve) => client.once('connected', resolve));
    client.connect();
    const read = open.then(async () => (await Promise.all(roots.map((root) => below(client, root)))).flat());
    return (await Promise.race([limit, read])).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  } finally {
    clearTimeout(timer);
    client.close();
  }
}

async function below(client: Client, path: string): Promise<readonly PlainNode[]> {
  const own = await new Promise<PlainNode | null>((resolve, reject) =>
    client.getData(path, (error, data, stat) => {
      if (error !== null) return error.getCode() === NO_NODE ? resolve(null) : reject(error);
      // A container's owner is a mark, no session.
      const owner = stat.ephemeralOwner.toString('hex');
      resolve({ path, data: data?.toString() ?? '', ephemeral: !/^[08]0+$/.test(owner) });
    }),
  );
  if (own === null) return [];
  const names = await new Promise<readonly string[]>((resolve, reject) =>
    client.getChildren(path, (error, children) => {
      if (error !== null) return error.getCode() === NO_NODE ? resolve([]) : reject(error);
      resolve(children);
    }),
  );
  const children = (await Promise.all(names.map((name) => below(client, `${path}/${name}`)))).flat();
  return own.data === '' ? children : [own, ...children];
}

/** Whether a write through this one server is acknowledged in time. */
export async function plainWrite(url: string, limitMs: number): Promise<boolean> {
  const client = createClient(new URL(url).host, { sessionTimeout: 4_000, spinDelay: 50, retries: 0 });
  let timer: NodeJS.Timeout | undefined;
  const written = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
    client.once('connected', () =>
      client.create(`/plain-${performance.now()}`, Buffer.from(''), EPHEMERAL, (error) => resolve(error === null)),
    );
    client.connect();
  });
  try {
    return await written;
  } finally {
    clearTimeout(timer);
    client.close();
  }
}

const EPHEMERAL = 1;
