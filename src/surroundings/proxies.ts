import type { NodeSpec } from '../core/drill.js';

const LIMIT_MS = 4_000;

interface Proxy {
  readonly enabled?: boolean;
  readonly toxics?: readonly { readonly name?: string }[];
}

/** Those in front of the nodes, and the toxics in them. Null = the server does not answer. */
export async function proxiesAt(api: string, nodes: readonly NodeSpec[]): Promise<readonly string[] | null> {
  const ours = new Set(
    nodes.flatMap(({ links }) => (links?.api === api ? [links.client, ...links.peers].map(({ proxy }) => proxy) : [])),
  );
  try {
    const answer = await fetch(`${api}/proxies`, { signal: AbortSignal.timeout(LIMIT_MS) });
    const proxies: Readonly<Record<string, Proxy>> = JSON.parse(await answer.text());
    return Object.entries(proxies)
      .filter(([name]) => ours.has(name))
      .flatMap(([name, { enabled, toxics = [] }]) => [
        `proxy ${name} ${enabled === true ? 'enabled' : 'disabled'}`,
        ...toxics.map((toxic) => `toxic ${toxic.name ?? ''} in ${name}`),
      ]);
  } catch {
    // Whatever is the matter with it, the picture has no proxies.
    return null;
  }
}
