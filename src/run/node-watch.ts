import type { Clock } from '../core/clock.js';
import type { NodeSpec } from '../core/drill.js';
import { describeError } from '../core/errors.js';
import type { Cluster, NodeState } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import { bounded } from './deadline.js';
import type { StopReason } from './stop.js';

const LOOK_EVERY_MS = 500;
/** An engine that is busy with a container lets a look wait, but not for so long. */
const LOOK_WITHIN_MS = 10_000;

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
  /** Nodes under a fault or a restore that may end them: their death is ours. */
  readonly excused: () => ReadonlySet<string>;
  readonly onLost: (reason: StopReason) => void;
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
    let nodesWellMs = clock.monotonicMs();
    while (!over.signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, over.signal);
      const startedMs = clock.monotonicMs();
      const all = { nodes: cluster.binding.nodes, lookAt, clock, over: over.signal };
      const lost = (node: string, loss: Loss): void => {
        dead.add(node);
        options.onLost({ ...loss, nodesWellMs });
      };
      if (await areWell(all, lost)) nodesWellMs = startedMs;
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

type Loss = Omit<StopReason, 'nodesWellMs'>;

interface Looks {
  readonly nodes: readonly NodeSpec[];
  readonly lookAt: (node: NodeSpec) => Promise<Bilingual | null>;
  readonly clock: Clock;
  readonly over: AbortSignal;
}

/** One node after the other; true = all are as they should be. */
async function areWell(looks: Looks, onLost: (node: string, loss: Loss) => void): Promise<boolean> {
  let well = true;
  for (const node of looks.nodes) {
    const loss = looks.over.aborted ? null : await lossOf(node, looks);
    if (loss === null) continue;
    well = false;
    onLost(node.name, loss);
  }
  return well;
}

/** Why the drill cannot go on; null = this node is as it should be. */
async function lossOf(node: NodeSpec, { lookAt, clock, over }: Looks): Promise<Loss | null> {
  const look = await bounded(() => lookAt(node), { clock, withinMs: LOOK_WITHIN_MS, parent: over, graceMs: 0 });
  switch (look.ended) {
    case 'value':
      return look.value === null ? null : { cause: 'node-died', detail: look.value };
    case 'thrown':
      return unseen(node.name, describeError(look.error));
    case 'late':
      return unseen(node.name, bi(`no answer within ${LOOK_WITHIN_MS} ms`, `${LOOK_WITHIN_MS} 毫秒内没有应答`));
    case 'stopped':
      return null;
  }
}

const unseen = (node: string, why: Bilingual): Loss => ({
  cause: 'nodes-unseen',
  detail: bi(`Node ${node} cannot be looked at any more: ${why.en}`, `无法再查看节点 ${node}：${why.zh}`),
});

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
