/** Reads what every node itself holds of the canary's entries; measuring compares it with what was written. */
import { canaryVersion, isCanaryOf, scratchService } from '../core/canary.js';
import type { BodyOf, EventBody } from '../core/journal.js';
import type { Registry } from '../core/registry.js';

const READ_LIMIT_MS = 10_000;
const ENTRIES_A_PART = 500;

/** One look at each node, no second try; a node that cannot be read is journaled as such. */
export async function readNodes(options: {
  readonly registry: Registry;
  readonly runId: string;
  readonly append: (body: EventBody) => unknown;
  readonly runMs: () => number;
}): Promise<void> {
  const { registry, append } = options;
  const readings = await Promise.all(registry.nodes.map((node) => readNode({ ...options, node })));
  for (const parts of readings) for (const part of parts) append(part);
}

async function readNode(options: {
  readonly registry: Registry;
  readonly runId: string;
  readonly runMs: () => number;
  readonly node: string;
}): Promise<readonly BodyOf<'ledger.read'>[]> {
  const { registry, runId, runMs, node } = options;
  const readStartedMs = runMs();
  const answer = await registry.client(node).listOwn({ limitMs: READ_LIMIT_MS });
  if (answer.outcome !== 'ok') {
    const { reason } = answer;
    return [{ type: 'ledger.read', node, readable: false, reason, part: 1, parts: 1, entries: [], readStartedMs }];
  }
  // The scratch service belongs to functional probes; nobody keeps a ledger of it.
  const entries = answer.value
    .filter(({ service }) => isCanaryOf(runId, service) && service !== scratchService(runId))
    .map((entry): readonly [string, number | null] => [
      `${entry.service}/${entry.instance}`,
      canaryVersion(entry.value),
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = Math.max(1, Math.ceil(entries.length / ENTRIES_A_PART));
  return Array.from({ length: parts }, (_, index) => ({
    type: 'ledger.read' as const,
    node,
    readable: true,
    reason: null,
    part: index + 1,
    parts,
    entries: entries.slice(index * ENTRIES_A_PART, (index + 1) * ENTRIES_A_PART),
    readStartedMs,
  }));
}
