import type { Clock } from '../core/clock.js';
import type { NodeSpec } from '../core/drill.js';
import { describeError } from '../core/errors.js';
import type { Cluster, NodeState } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';

const LOOK_EVERY_MS = 500;

/** Knows which process each node is, and tells when one goes without our doing. */
export interface NodeWatch {
  /** Why these nodes are not the processes they were; null = they are, or it was not known. */
  readonly changed: (nodes: readonly NodeSpec[]) => Promise<Bilingual | null>;
  /** While `work` runs, these nodes may come and go. */
  readonly letGo: <T>(nodes: readonly string[], work: () => Promise<T>) => Promise<T>;
  /** Those that went, or came back as another process, without our doing. */
  readonly died: () => ReadonlySet<string>;
  readonly close: () => Promise<void>;
}

export interface NodeWatchOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** Process ids as the plan saw them; null = not known. */
  readonly planned: ReadonlyMap<string, number | null>;
  /** Nodes under a fault or a restore: their death is ours. */
  readonly excused: () => ReadonlySet<string>;
  readonly onDied: (detail: Bilingual) => void;
}

interface Identity {
  readonly pid: number;
  /** Null until seen: the plan holds only the pid. */
  readonly startTicks: number | null;
}

export function watchNodes(options: NodeWatchOptions): NodeWatch {
  const { cluster, clock } = options;
  const known = new Map<string, Identity>();
  for (const [node, pid] of options.planned) if (pid !== null) known.set(node, { pid, startTicks: null });
  const going = new Map<string, number>();
  const over = new AbortController();
  const dead = new Set<string>();

  const excused = (node: string): boolean => (going.get(node) ?? 0) > 0 || options.excused().has(node);
  const count = (nodes: readonly string[], by: 1 | -1): void => {
    for (const node of nodes) going.set(node, (going.get(node) ?? 0) + by);
  };

  async function lookAt(node: NodeSpec): Promise<Bilingual | null> {
    if (excused(node.name)) {
      known.delete(node.name);
      return null;
    }
    const state = await cluster.driver.inspect(node);
    // A fault may have been armed while we looked.
    return excused(node.name) ? null : compare(node.name, state, known);
  }

  async function loop(): Promise<void> {
    while (!over.signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, over.signal);
      if (over.signal.aborted) return;
      for (const node of cluster.binding.nodes) {
        const died = await lookAt(node).catch(describeError);
        if (died === null || over.signal.aborted) continue;
        dead.add(node.name);
        options.onDied(died);
      }
    }
  }

  const looping = loop();
  return {
    changed: async (nodes) => {
      for (const node of nodes) {
        const why = await lookAt(node);
        if (why !== null) return why;
      }
      return null;
    },
    letGo: async (nodes, work) => {
      count(nodes, 1);
      try {
        return await work();
      } finally {
        for (const node of nodes) known.delete(node);
        count(nodes, -1);
      }
    },
    died: () => dead,
    close: async () => {
      over.abort();
      await looping;
    },
  };
}

/** Learns who the node is now, and says why it is not who it was. */
function compare(node: string, state: NodeState, known: Map<string, Identity>): Bilingual | null {
  if (state.state === 'gone') {
    return bi(`Node ${node} is gone, and no fault did it.`, `节点 ${node} 消失，且并非故障注入所致。`);
  }
  const before = known.get(node);
  known.set(node, { pid: state.pid, startTicks: state.startTicks });
  if (before === undefined) return null;
  const same = before.pid === state.pid && (before.startTicks === null || before.startTicks === state.startTicks);
  if (same) return null;
  return bi(
    `Node ${node} was process ${before.pid} and is now ${state.pid}: something else restarted it.`,
    `节点 ${node} 原为进程 ${before.pid}，现为 ${state.pid}：被别的程序重启过。`,
  );
}

/** In a drill without a target there is nothing to watch. */
export const noNodes: NodeWatch = {
  changed: async () => null,
  letGo: (_nodes, work) => work(),
  died: () => new Set(),
  close: async () => {},
};
