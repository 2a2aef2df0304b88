/** A lab is up when a write through every one of its nodes is acknowledged. */
import { randomUUID } from 'node:crypto';
import { type Clock, pollUntil } from '../core/clock.js';
import type { NodeSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import { findNodeProcess, nodeLogPath } from '../core/node-process.js';
import { bi } from '../core/text.js';
import { DEMO_DATA } from './demo-data.js';

const WRITABLE_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 50;
/** Before there is a leader etcd lets a write hang: soon try again. */
const TRY_LIMIT_MS = 500;
const WRITE_LIMIT_MS = 5_000;
/** Outside of what a drill lists; written when the lab comes up, and removed at once. */
const READY_KEY = '/firedrill-lab/ready';

type Problem = string | null;

export async function untilWritable(
  nodes: readonly NodeSpec[],
  { lab, clock, signal }: { readonly lab: string; readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<void> {
  const { value, waitedMs } = await pollUntil(
    () => Promise.all(nodes.map((node, i) => writeProblem(node, i))),
    (problems) => problems.every((problem) => problem === null) || nodes.some((node) => findNodeProcess(node) === null),
    { clock, withinMs: WRITABLE_WITHIN_MS, everyMs: LOOK_EVERY_MS, ...(signal === undefined ? {} : { signal }) },
  );
  if (signal?.aborted) return;
  const failing = nodes.filter((_, i) => value[i] !== null);
  if (failing.length > 0) throw notWritable(lab, { failing, problems: value, waitedMs });
  const written = { key: b64(`${READY_KEY}/`), range_end: b64(`${READY_KEY}0`) };
  await post(`${nodes[0]?.url}/v3/kv/deleterange`, written, WRITE_LIMIT_MS);
}

/** A different value each time: antietcd acknowledges an unchanged one without asking anybody. */
async function writeProblem(node: NodeSpec, index: number): Promise<Problem> {
  try {
    const put = { key: b64(`${READY_KEY}/${index}`), value: b64(randomUUID()) };
    await post(`${node.url}/v3/kv/put`, put, TRY_LIMIT_MS);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export async function seed(nodes: readonly NodeSpec[]): Promise<void> {
  for (const { key, value } of DEMO_DATA) {
    await post(`${nodes[0]?.url}/v3/kv/put`, { key: b64(key), value: b64(value) }, WRITE_LIMIT_MS);
  }
}

async function post(url: string, body: object, limitMs: number): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(limitMs),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text.trim()}`);
}

const b64 = (text: string): string => Buffer.from(text).toString('base64');

function notWritable(
  lab: string,
  seen: { readonly failing: readonly NodeSpec[]; readonly problems: readonly Problem[]; readonly waitedMs: number },
): WorldError {
  const names = seen.failing.map((node) => node.name).join(', ');
  const reason = seen.problems.find((problem) => problem !== null);
  const log = seen.failing[0] === undefined ? null : nodeLogPath(seen.failing[0]);
  const waited = `${(seen.waitedMs / 1_000).toFixed(1)} s`;
  return new WorldError({
    code: 'lab-not-writable',
    message: bi(
      `${lab} took no writes through ${names} after ${waited}: ${reason}`,
      `${lab} 在 ${waited} 后仍无法经 ${names} 写入：${reason}`,
    ),
    hint: bi(
      `A node may be frozen or dead from an earlier drill: \`firedrill recover\`, or \`firedrill lab down ${lab}\`. Log: ${log}`,
      `可能有节点因之前的演练被冻结或终止：请运行 \`firedrill recover\` 或 \`firedrill lab down ${lab}\`。日志：${log}`,
    ),
  });
}
