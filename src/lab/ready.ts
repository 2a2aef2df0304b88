/** A lab is up when a write through every node is acknowledged, the nodes agree on a leader, and that has settled. */
import { randomUUID } from 'node:crypto';
import { type Clock, pollUntil } from '../core/clock.js';
import type { NodeSpec } from '../core/drill.js';
import { findNodeProcess } from '../core/node-process.js';
import { DEMO_DATA } from './demo-data.js';
import { notReady } from './not-ready.js';

const READY_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 50;
/** Before there is a leader etcd lets a write hang: soon try again. */
const REQUEST_LIMIT_MS = 500;
/** Outside of what a drill lists; written while the lab comes up, and removed when it is. */
const READY_FOLDER = '/firedrill-lab/';

export interface Rise {
  readonly lab: string;
  readonly clock: Clock;
  /** No new election for so long. */
  readonly settleMs: number;
  readonly signal?: AbortSignal;
}

/** Resolves early when the signal aborts; throws when the lab does not get there. */
export async function untilReady(nodes: readonly NodeSpec[], rise: Rise): Promise<void> {
  let settled = { on: '', sinceMs: rise.clock.monotonicMs() };
  await untilDone(nodes, rise, async () => {
    const looks = await Promise.all(nodes.map(lookAt));
    const problem = looks.find((look) => 'problem' in look);
    if (problem !== undefined) return problem.problem;
    const leaders = [...new Set(looks.map((look) => ('leader' in look ? look.leader : '')))];
    const nowMs = rise.clock.monotonicMs();
    const on = leaders.join(' | ');
    if (leaders.length > 1) return `the nodes do not agree on a leader: ${on}`;
    if (on !== settled.on) settled = { on, sinceMs: nowMs };
    return nowMs - settled.sinceMs >= rise.settleMs ? null : `elected just now: ${on}`;
  });
}

/** Puts the demo data in; an entry that was not acknowledged is put again. */
export async function seed(nodes: readonly NodeSpec[], rise: Rise): Promise<void> {
  const [first] = nodes;
  await untilDone(nodes, rise, async () => {
    for (const { key, value } of DEMO_DATA) await post(first, '/v3/kv/put', { key: b64(key), value: b64(value) });
    return null;
  });
}

/** Takes away what asking the nodes for a write left in them. */
export async function removeMarks(nodes: readonly NodeSpec[], rise: Rise): Promise<void> {
  const [first] = nodes;
  await untilDone(nodes, rise, async () => {
    const range_end = b64(`${READY_FOLDER.slice(0, -1)}0`);
    await post(first, '/v3/kv/deleterange', { key: b64(READY_FOLDER), range_end });
    return null;
  });
}

/** Repeats `attempt` until it names no problem any more. */
async function untilDone(nodes: readonly NodeSpec[], rise: Rise, attempt: () => Promise<string | null>): Promise<void> {
  const { lab, clock, signal } = rise;
  const { value: problem, waitedMs } = await pollUntil(
    () => attempt().catch((error: unknown) => (error instanceof Error ? error.message : String(error))),
    (seen) => seen === null || nodes.some((node) => findNodeProcess(node) === null),
    { clock, withinMs: READY_WITHIN_MS, everyMs: LOOK_EVERY_MS, ...(signal === undefined ? {} : { signal }) },
  );
  if (problem === null || signal?.aborted) return;
  const gone = nodes.filter((node) => findNodeProcess(node) === null);
  throw notReady(lab, { problem, gone, waitedMs });
}

type Look = { readonly leader: string } | { readonly problem: string };

async function lookAt(node: NodeSpec): Promise<Look> {
  try {
    // A different value each time: antietcd acknowledges an unchanged one without asking anybody.
    await post(node, '/v3/kv/put', { key: b64(READY_FOLDER + node.name), value: b64(randomUUID()) });
    const status = await post(node, '/v3/maintenance/status', {});
    return { leader: `${status.leader} in term ${status.raftTerm}` };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return { problem: `${node.name}: ${error instanceof Error ? error.message : error}${cause}` };
  }
}

async function post(
  node: NodeSpec | undefined,
  path: string,
  body: object,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(`${node?.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text.trim()}`);
  return JSON.parse(text);
}

const b64 = (text: string): string => Buffer.from(text).toString('base64');
