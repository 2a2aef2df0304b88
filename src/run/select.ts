import { pollUntil } from '../core/clock.js';
import type { NodeSpec, Selector } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import { agreedLeader, readMembers } from '../core/members.js';
import { seededRandom, shuffled } from '../core/random.js';
import { bi } from '../core/text.js';
import { clusterOf, faultsOn, type Run } from './context.js';

const STATUS_LIMIT_MS = 1_000;
const LEADER_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 50;

/** The nodes a step is about, as things stand now. Fewer than asked for is a WorldError, never a smaller choice. */
export async function selectNodes(run: Run, selector: Selector, signal: AbortSignal): Promise<readonly NodeSpec[]> {
  const { by } = selector;
  const matching = await matchingNodes(run, by, signal);
  const count = selector.count ?? (by.kind === 'role' || by.kind === 'random' ? 1 : matching.length);
  if (matching.length === 0 || matching.length < count) throw tooFew(by, matching.length, Math.max(1, count));
  return matching.slice(0, count);
}

async function matchingNodes(run: Run, by: Selector['by'], signal: AbortSignal): Promise<readonly NodeSpec[]> {
  const { nodes } = clusterOf(run).binding;
  switch (by.kind) {
    case 'name':
      return nodes.filter((node) => by.names.includes(node.name));
    case 'site':
      return nodes.filter((node) => node.site === by.site);
    case 'label':
      return nodes.filter((node) => node.labels?.[by.label] === by.value);
    case 'step':
      return run.progress.chosen.get(by.step) ?? [];
    case 'random':
      return shuffled(healthyNodes(run), seededRandom(by.seed));
    case 'role':
      return nodesInRole(run, by.role, signal);
  }
}

const healthyNodes = (run: Run): readonly NodeSpec[] => {
  const broken = new Set(faultsOn(run).flatMap((record) => record.nodes));
  return clusterOf(run).binding.nodes.filter((node) => !broken.has(node.name));
};

async function nodesInRole(
  run: Run,
  role: 'leader' | 'follower' | 'any',
  signal: AbortSignal,
): Promise<readonly NodeSpec[]> {
  if (role === 'any') return healthyNodes(run);
  const { leader, answering } = await findLeader(run, signal);
  if (role === 'leader') return healthyNodes(run).filter((node) => node.name === leader);
  return healthyNodes(run).filter((node) => node.name !== leader && answering.has(node.name));
}

/** Asks the members until a majority names one leader that takes itself for it. */
async function findLeader(
  run: Run,
  signal: AbortSignal,
): Promise<{ readonly leader: string; readonly answering: ReadonlySet<string> }> {
  const { registry } = clusterOf(run);
  const { value: views, waitedMs } = await pollUntil(
    () => readMembers(registry, { limitMs: STATUS_LIMIT_MS, signal }),
    (seen) => agreedLeader(seen) !== null,
    { clock: run.services.clock, withinMs: LEADER_WITHIN_MS, everyMs: LOOK_EVERY_MS, signal },
  );
  const leader = agreedLeader(views);
  const answering = new Set(views.filter(({ answer }) => answer.outcome === 'ok').map(({ node }) => node));
  if (leader !== null) return { leader, answering };
  const seen = views
    .map(({ node, answer }) => `${node}: ${answer.outcome === 'ok' ? (answer.value.leader ?? '–') : answer.reason}`)
    .join('; ');
  throw new WorldError({
    code: 'no-leader',
    message: bi(
      `No leader that a majority agrees on within ${Math.round(waitedMs)} ms (${seen}).`,
      `${Math.round(waitedMs)} 毫秒内没有多数节点认可的主节点（${seen}）。`,
    ),
  });
}

function tooFew(by: Selector['by'], found: number, wanted: number): WorldError {
  const what = JSON.stringify(by);
  return new WorldError({
    code: 'no-such-node',
    message: bi(
      `${found} node(s) match ${what} now, ${wanted} needed.`,
      `当前有 ${found} 个节点符合 ${what}，需要 ${wanted} 个。`,
    ),
  });
}
