/** A lab is up when a write through every node is acknowledged, the nodes agree on a leader, and that has settled. */
import { type Clock, pollUntil } from '../core/clock.js';
import type { NodeSpec } from '../core/drill.js';
import { invariant } from '../core/errors.js';
import { DEMO_DATA } from './demo-data.js';
import type { LabClient } from './kind.js';
import { notReady } from './not-ready.js';
import type { LabRunner } from './runner.js';

/** Three JVMs on a busy machine took up to 21 s. */
const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;

export interface Rise {
  readonly lab: string;
  readonly clock: Clock;
  readonly client: LabClient;
  readonly runner: LabRunner;
  /** No new election for so long. */
  readonly settleMs: number;
  readonly signal?: AbortSignal;
}

/** Resolves early when the signal aborts; throws when the lab does not get there. */
export async function untilReady(nodes: readonly NodeSpec[], rise: Rise): Promise<void> {
  let settled = { on: '', sinceMs: rise.clock.monotonicMs() };
  await untilDone(nodes, rise, async () => {
    const looks = await Promise.all(nodes.map((node) => lookAt(node, rise.client)));
    const problem = looks.find((look) => 'problem' in look);
    if (problem !== undefined) return problem.problem;
    const leaders = [
      ...new Set(looks.map((look, i) => `${nodes[i]?.site ?? ''} ${'leader' in look ? look.leader : ''}`)),
    ];
    const nowMs = rise.clock.monotonicMs();
    const on = leaders.join(' | ');
    if (leaders.length > firstOfEach(nodes).length) return `the nodes do not agree on a leader: ${on}`;
    if (on !== settled.on) settled = { on, sinceMs: nowMs };
    return nowMs - settled.sinceMs >= rise.settleMs ? null : `elected just now: ${on}`;
  });
}

/** Puts the demo data in; an entry that was not acknowledged is put again. */
export const seed = (nodes: readonly NodeSpec[], rise: Rise): Promise<void> =>
  untilDone(nodes, rise, () => throughFirst(nodes, (node) => rise.client.seed(node, DEMO_DATA)));

/** Takes away what asking the nodes for a write left in them. */
export const removeMarks = (nodes: readonly NodeSpec[], rise: Rise): Promise<void> =>
  untilDone(nodes, rise, async () => {
    for (const node of firstOfEach(nodes)) await rise.client.removeMarks(node);
    return null;
  });

/** One node of each site: each site is a cluster of its own. */
const firstOfEach = (nodes: readonly NodeSpec[]): readonly NodeSpec[] =>
  nodes.filter(({ site }, index) => nodes.findIndex((other) => other.site === site) === index);

async function throughFirst(nodes: readonly NodeSpec[], work: (node: NodeSpec) => Promise<void>): Promise<null> {
  const [first] = nodes;
  invariant(first !== undefined, 'a lab has nodes');
  await work(first);
  return null;
}

/** Repeats `attempt` until it names no problem any more. */
async function untilDone(nodes: readonly NodeSpec[], rise: Rise, attempt: () => Promise<string | null>): Promise<void> {
  const { lab, clock, signal, runner } = rise;
  const look = async (): Promise<{ readonly problem: string | null; readonly gone: readonly NodeSpec[] }> => {
    const problem = await attempt().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    return { problem, gone: problem === null ? [] : await goneOf(nodes, runner) };
  };
  const { value, waitedMs } = await pollUntil(look, ({ problem, gone }) => problem === null || gone.length > 0, {
    clock,
    withinMs: READY_WITHIN_MS,
    everyMs: LOOK_EVERY_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  const { problem, gone } = value;
  if (problem === null || signal?.aborted) return;
  const said = gone[0] === undefined ? '' : await runner.lastWords(gone[0]);
  throw notReady(lab, { problem, gone, said, waitedMs });
}

async function goneOf(nodes: readonly NodeSpec[], runner: LabRunner): Promise<readonly NodeSpec[]> {
  const pids = await Promise.all(nodes.map(runner.pidOf));
  return nodes.filter((_, index) => pids[index] === null);
}

type Look = { readonly leader: string } | { readonly problem: string };

async function lookAt(node: NodeSpec, client: LabClient): Promise<Look> {
  try {
    return { leader: await client.writeAndSeeLeader(node) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return { problem: `${node.name}: ${error instanceof Error ? error.message : error}${cause}` };
  }
}
