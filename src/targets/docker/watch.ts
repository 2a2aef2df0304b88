import type { NodeNews, NodeWatch } from '../../core/abilities.js';
import type { Clock } from '../../core/clock.js';
import { containerEngine, engineRefused } from '../../core/container-engine.js';
import type { NodeSpec } from '../../core/drill.js';
import { WorldError } from '../../core/errors.js';
import { containerNameOf } from '../../core/node-container.js';
import { bi } from '../../core/text.js';

/**
 * The engine's own news of the containers. Each is stamped with our clock when it arrives: the engine's clock may be
 * another machine's, and is never compared with ours.
 */
export async function watchContainers(nodes: readonly NodeSpec[], clock: Clock): Promise<NodeWatch> {
  const nodeOf = new Map(nodes.map((node) => [containerNameOf(node), node.name]));
  const stream = await openNews([...nodeOf.keys()]);
  const seen: NodeNews[] = [];
  const waiting = new Set<(broken: Error | null) => void>();
  let broken: Error | null = null;
  const wake = (): void => {
    for (const look of [...waiting]) look(broken);
  };
  const end = (error?: Error): void => {
    broken ??= error ?? new Error('the stream of its events ended');
    wake();
  };
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const receivedMs = clock.monotonicMs();
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const news = newsOf(line, nodeOf);
      if (news !== null) seen.push({ ...news, receivedMs });
    }
    wake();
  });
  stream.once('error', end);
  stream.once('end', () => end());
  return {
    news: () => [...seen],
    next: (node, action, withinMs) => {
      const find = (): NodeNews | undefined => seen.find((news) => news.node === node && news.action === action);
      return new Promise((resolve, reject) => {
        const look = (failure: Error | null): void => {
          const found = find();
          if (found === undefined && failure === null) return;
          clearTimeout(timer);
          waiting.delete(look);
          if (found !== undefined) resolve(found);
          else reject(newsLost(failure));
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          resolve(null);
        }, withinMs);
        waiting.add(look);
        look(broken);
      });
    },
    close: () => {
      broken ??= new Error('the watch is closed');
      if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
    },
  };
}

async function openNews(containers: readonly string[]): Promise<NodeJS.ReadableStream> {
  const engine = await containerEngine();
  try {
    return await engine.getEvents({ filters: { type: ['container'], container: [...containers] } });
  } catch (error) {
    throw engineRefused(bi('the events of the engine could not be watched', '无法监听引擎的事件'), error);
  }
}

interface EngineEvent {
  readonly Action?: string;
  readonly Actor?: { readonly Attributes?: { readonly name?: string } };
}

function newsOf(line: string, nodeOf: ReadonlyMap<string, string>): Omit<NodeNews, 'receivedMs'> | null {
  if (line.trim() === '') return null;
  const event: EngineEvent = JSON.parse(line);
  const node = nodeOf.get(event.Actor?.Attributes?.name ?? '');
  return node === undefined || event.Action === undefined ? null : { node, action: event.Action };
}

const newsLost = (cause: Error | null): WorldError =>
  new WorldError({
    code: 'docker-events-lost',
    message: bi(
      `the engine’s events cannot be watched any more: ${cause?.message}`,
      `无法继续监听引擎的事件：${cause?.message}`,
    ),
    cause,
  });
