/** Toxiproxy before a lab's nodes: one server per lab, which starts before them, and is found, and stopped, by the lab. */
import { access, constants, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Clock, pollUntil } from '../core/clock.js';
import type { NodeLink, NodeLinks, NodeSpec } from '../core/drill.js';
import { invariant, WorldError } from '../core/errors.js';
import { findNodeProcess, lastWords, startNodeProcess } from '../core/node-process.js';
import { bi } from '../core/text.js';
import type { LabHelper } from './helper.js';
import { stopProcess } from './stop.js';

const VERSION = '2.12.0';
const PROGRAM = 'toxiproxy-server';
const READY_WITHIN_MS = 10_000;

type Env = Readonly<Record<string, string | undefined>>;

export const TOXIPROXY_MISSING = bi(
  `\`${PROGRAM}\` is neither on the PATH nor in ~/.cache/firedrill/toxiproxy-${VERSION}. With Go: \`GOBIN=$HOME/.cache/firedrill/toxiproxy-${VERSION} go install github.com/Shopify/toxiproxy/v2/cmd/server@v${VERSION}\`, then rename \`server\` there to \`${PROGRAM}\`; or a release of Toxiproxy ≥ ${VERSION}`,
  `PATH 和 ~/.cache/firedrill/toxiproxy-${VERSION} 中都没有 \`${PROGRAM}\`。若有 Go：\`GOBIN=$HOME/.cache/firedrill/toxiproxy-${VERSION} go install github.com/Shopify/toxiproxy/v2/cmd/server@v${VERSION}\`，然后把其中的 \`server\` 改名为 \`${PROGRAM}\`；或使用 Toxiproxy ≥ ${VERSION} 的发行包`,
);

/** On the PATH, or where `go install` was told to put it. */
export async function findToxiproxy(env: Env): Promise<string | null> {
  const home = env.HOME === undefined ? undefined : join(env.HOME, '.cache');
  const cache = env.XDG_CACHE_HOME ?? home;
  const dirs = (env.PATH ?? '').split(delimiter).filter((dir) => dir !== '');
  if (cache !== undefined) dirs.push(join(cache, 'firedrill', `toxiproxy-${VERSION}`));
  for (const dir of dirs) {
    const path = join(dir, PROGRAM);
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  return null;
}

/** The proxies are those that the nodes' own `links` name: a lab of an older record gets the ones it had. */
export function toxiproxyHelper(env: Env): LabHelper {
  const find = (dir: string): Pick<NodeSpec, 'name' | 'find'> => ({
    name: 'toxiproxy',
    find: { by: 'argument', text: configPath(dir) },
  });
  return {
    find,
    ports: (nodes) => ({
      own: [
        ...new Set(linksOf(nodes).map(({ api }) => Number(new URL(api).port))),
        ...proxiesOf(nodes).map(listenPort),
      ],
      nodes: [...proxiesOf(nodes).map(({ upstream }) => portOf(upstream)), ...unproxiedPorts(nodes)],
    }),
    start: async (dir, nodes, clock) => {
      const { hostname, port, origin } = apiOf(nodes);
      const proxies = proxiesOf(nodes).map((link) => ({ ...link, name: link.proxy, enabled: true }));
      const names = proxies.map(({ name }) => name);
      // One that a killed start has left may have other ports.
      if (await isOpen(origin, names)) return;
      await stopProcess(find(dir), clock);
      const program = await findToxiproxy(env);
      if (program === null) throw new WorldError({ code: 'lab-missing', message: TOXIPROXY_MISSING });
      await writeFile(configPath(dir), `${JSON.stringify(proxies, null, 2)}\n`);
      const start = [program, '-host', hostname, '-port', port, '-config', configPath(dir)];
      const spec = { ...find(dir), url: origin, start, cwd: dir, data: join(dir, 'toxiproxy') };
      await startNodeProcess(spec, clock);
      await untilOpen(spec, names, clock);
    },
  };
}

const configPath = (dir: string): string => join(dir, 'toxiproxy.json');
const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));
const listenPort = ({ listen }: NodeLink): number => portOf(listen);

const linksOf = (nodes: readonly NodeSpec[]): readonly NodeLinks[] =>
  nodes.flatMap(({ links }) => (links === undefined ? [] : [links]));
/** A link between two nodes is that of the one it leads to. */
const proxiesOf = (nodes: readonly NodeSpec[]): readonly NodeLink[] =>
  linksOf(nodes).flatMap(({ client, peers }) => [client, ...peers.filter(({ outward }) => outward !== true)]);

/** A node may listen on more than what lies behind its proxies. */
function unproxiedPorts(nodes: readonly NodeSpec[]): readonly number[] {
  const proxied = new Set(proxiesOf(nodes).map(listenPort));
  return nodes
    .flatMap(({ peerUrl, adminUrl }) => [peerUrl, adminUrl].filter((url) => url !== undefined))
    .map((url) => Number(new URL(url).port))
    .filter((port) => !proxied.has(port));
}

function apiOf(nodes: readonly NodeSpec[]): URL {
  const [first] = linksOf(nodes);
  invariant(first !== undefined, 'the nodes of this lab have links');
  return new URL(first.api);
}

async function untilOpen(spec: NodeSpec, names: readonly string[], clock: Clock): Promise<void> {
  const { value: open, waitedMs } = await pollUntil(
    () => isOpen(spec.url, names),
    (yes) => yes || findNodeProcess(spec) === null,
    { clock, withinMs: READY_WITHIN_MS, everyMs: 20 },
  );
  if (open) return;
  const said = lastWords(spec);
  throw new WorldError({
    code: 'lab-not-ready',
    message: bi(
      `Toxiproxy at ${spec.url} did not open its proxies within ${Math.round(waitedMs)} ms${said}`,
      `${spec.url} 处的 Toxiproxy 在 ${Math.round(waitedMs)} 毫秒内未打开其代理${said}`,
    ),
  });
}

/** False also when nobody answers. */
async function isOpen(api: string, names: readonly string[]): Promise<boolean> {
  try {
    const answer = await fetch(`${api}/proxies`, { signal: AbortSignal.timeout(1_000) });
    const proxies: Readonly<Record<string, { readonly enabled: boolean }>> = JSON.parse(await answer.text());
    return names.every((name) => proxies[name]?.enabled === true);
  } catch {
    return false;
  }
}
