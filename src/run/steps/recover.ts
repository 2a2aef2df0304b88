import { pollUntil } from '../../core/clock.js';
import { liftsLike, type NodeRecovery, type NodeSpec } from '../../core/drill.js';
import { WorldError } from '../../core/errors.js';
import type { Json } from '../../core/fault.js';
import type { NodeState } from '../../core/target.js';
import { type Bilingual, bi } from '../../core/text.js';
import { clusterOf, type Run } from '../context.js';
import { guardAgainst, lookAtQuorum } from '../guard.js';
import { liftFaults } from '../lift-faults.js';
import { selectNodes } from '../select.js';
import { operateNode } from './operate-node.js';
import { reRegister } from './re-register.js';
import { passed, type StepOf, type StepResult } from './result.js';
import { switchSite } from './switch-site.js';

const SERVES_WITHIN_MS = 60_000;
const STATUS_LIMIT_MS = 500;
const LOOK_EVERY_MS = 25;

type NodeStep = Extract<StepOf<'recover'>, { readonly action: NodeRecovery }>;

export async function recover(run: Run, step: StepOf<'recover'>, signal: AbortSignal): Promise<StepResult> {
  switch (step.action) {
    case 're-register':
      return reRegister(run, step, signal);
    case 'switch-site':
      return switchSite(run, step, signal);
    case 'node.start':
    case 'node.restart':
    case 'node.resume':
    case 'node.force-new-cluster':
      return recoverNodes(run, step, signal);
  }
}

/** Does the action, waits until the nodes serve, then takes the faults it lifted off the list of undos. */
async function recoverNodes(run: Run, step: NodeStep, signal: AbortSignal): Promise<StepResult> {
  const nodes = await selectNodes(run, step.on, signal);
  run.progress.chosen.set(step.id, nodes);
  const names = nodes.map((node) => node.name);
  const refused = await whyRefused(run, { action: step.action, names }, signal);
  if (refused !== null) return { outcome: 'fail', reason: refused, thenStop: { cause: 'guard', detail: refused } };
  run.progress.touched = true;
  run.progress.traffic?.leaveAlone();
  return run.nodes.letGo(names, async () => {
    const { action } = step;
    const before = await statesOf(run, nodes);
    const failure = await actAndWait(run, { step, nodes }, signal);
    const facts = { before: pids(before), after: pids(await statesOf(run, nodes)) };
    const detail = failure ?? bi(`${action} ${names.join(', ')}: serving`, `${action} ${names.join('、')}：已恢复服务`);
    const outcome = failure === null ? 'pass' : 'fail';
    run.journal.note({ type: 'recover.action', step: step.id, action, nodes: names, outcome, detail, facts });
    if (failure !== null) return { outcome: 'fail', reason: failure };
    const stillOn = await liftFaults(run, { action: liftsLike(action), nodes: names });
    return stillOn === null ? passed : { outcome: 'fail', reason: stillOn };
  });
}

function whyRefused(
  run: Run,
  { action, names }: { readonly action: NodeRecovery; readonly names: readonly string[] },
  signal: AbortSignal,
): Promise<Bilingual | null> | null {
  switch (action) {
    case 'node.restart':
      return wouldLoseMajority(run, names, signal);
    case 'node.force-new-cluster':
      return wouldSplit(run, names, signal);
    case 'node.start':
    case 'node.resume':
      return null;
  }
}

/** Two clusters of one name would both take writes. */
async function wouldSplit(run: Run, names: readonly string[], signal: AbortSignal): Promise<Bilingual | null> {
  const { binding, driver } = clusterOf(run);
  const others = binding.nodes.filter(({ name }) => !names.includes(name));
  const states = await Promise.all(others.map(async (node) => ({ node, ...(await driver.inspect(node)) })));
  signal.throwIfAborted();
  const alive = states.filter(({ state }) => state !== 'gone').map(({ node }) => node.name);
  if (alive.length === 0) return null;
  return bi(
    `${alive.join(', ')} still runs: a node goes on alone only when all others are gone, else there would be two clusters.`,
    `${alive.join('、')} 仍在运行：只有在其余节点全部失去时才能让一个节点单独继续，否则会出现两个集群。`,
  );
}

/** Restarting takes votes away for a moment: one node at a time is off. */
async function wouldLoseMajority(run: Run, names: readonly string[], signal: AbortSignal): Promise<Bilingual | null> {
  const quorum = await lookAtQuorum(run, signal);
  for (const name of names.filter((node) => quorum.aliveVoters.includes(node))) {
    const view = { ...quorum, broken: [], chosen: [name], removesVoter: true };
    const refused = guardAgainst(view, run.drill.safety);
    if (refused !== null) return refused;
  }
  return null;
}

/** Why the nodes do not serve after the action; null = they do. */
async function actAndWait(
  run: Run,
  what: { readonly step: NodeStep; readonly nodes: readonly NodeSpec[] },
  signal: AbortSignal,
): Promise<Bilingual | null> {
  const act = async (node: NodeSpec): Promise<Bilingual | null> => {
    await operateNode(run, { step: what.step.id, action: what.step.action, node, signal });
    return waitUntilServing(run, node, signal);
  };
  try {
    if (what.step.action !== 'node.restart') {
      const failures = await Promise.all(what.nodes.map(act));
      return failures.find((failure) => failure !== null) ?? null;
    }
    for (const node of what.nodes) {
      const failure = await act(node);
      if (failure !== null) return failure;
    }
    return null;
  } catch (error) {
    if (error instanceof WorldError) return error.text;
    throw error;
  }
}

async function waitUntilServing(run: Run, node: NodeSpec, signal: AbortSignal): Promise<Bilingual | null> {
  const client = clusterOf(run).registry.client(node.name);
  const { value, reached, waitedMs } = await pollUntil(
    () => client.status({ limitMs: STATUS_LIMIT_MS, signal }),
    (answer) => answer.outcome === 'ok',
    { clock: run.services.clock, withinMs: SERVES_WITHIN_MS, everyMs: LOOK_EVERY_MS, signal },
  );
  if (reached) return null;
  const why = value.outcome === 'ok' ? '' : value.reason;
  const waited = Math.round(waitedMs);
  return bi(
    `${node.name} did not answer within ${waited} ms: ${why}`,
    `${node.name} 在 ${waited} 毫秒内未应答：${why}`,
  );
}

const statesOf = (run: Run, nodes: readonly NodeSpec[]): Promise<readonly (readonly [string, NodeState])[]> =>
  Promise.all(nodes.map(async (node) => [node.name, await clusterOf(run).driver.inspect(node)] as const));

const pids = (states: readonly (readonly [string, NodeState])[]): Readonly<Record<string, Json>> =>
  Object.fromEntries(states.map(([name, state]) => [name, state.state === 'gone' ? null : state.pid]));
