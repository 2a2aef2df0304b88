/** Takes away what the canaries of a run registered, from the run's id alone. Leases lapse by themselves. */
import { isCanaryOf } from '../core/canary.js';
import { pollUntil } from '../core/clock.js';
import { invariant } from '../core/errors.js';
import type { RevertResult, UndoData, Undoer, World } from '../core/fault.js';
import { askPatiently } from '../core/members.js';
import type { Entry } from '../core/registry.js';
import { type Bilingual, bi } from '../core/text.js';

const CALL_LIMIT_MS = 5_000;
const LIST_LIMIT_MS = 10_000;
const REMOVERS = 16;
/** How long the nodes may take to hold no entry any more. */
const GONE_WITHIN_MS = 5_000;
const NAMES_SHOWN = 5;
const COPIED_WITHIN_MS = 1_000;

export const canaryUndoer: Undoer = {
  name: 'canary',
  revert: async (world, data) => {
    const { standby, ...own } = world.cluster;
    const here = await revertAt({ ...world, cluster: own }, runIdOf(data));
    if (standby === undefined) return here;
    // What is removed here is removed there by the replication, if that runs: that takes a moment.
    await world.clock.sleep(COPIED_WITHIN_MS, world.signal);
    return both(here, await revertAt({ ...world, cluster: standby }, runIdOf(data)));
  },
  residue: async (world, data) => {
    const sites = [world.cluster, ...(world.cluster.standby === undefined ? [] : [world.cluster.standby])];
    const found = await Promise.all(sites.map((cluster) => listCanaries({ ...world, cluster }, runIdOf(data))));
    return found.flatMap(({ entries }) => (entries.length === 0 ? [] : [stillThere(entries)]));
  },
};

async function revertAt(world: World, runId: string): Promise<RevertResult> {
  const found = await listCanaries(world, runId);
  if (found.readable.length === 0) return unreadable(world, found.unreadable);
  if (found.entries.length === 0) {
    return { reverted: true, nothingToDo: true, detail: bi('no canary entry is left', '没有残留的金丝雀条目') };
  }
  return removeEverywhere(world, runId, found);
}

function both(here: RevertResult, there: RevertResult): RevertResult {
  const detail = bi(
    `${here.detail.en}; at the standby: ${there.detail.en}`,
    `${here.detail.zh}；备用站点：${there.detail.zh}`,
  );
  if (!here.reverted || !there.reverted) return { reverted: false, detail };
  return { reverted: true, nothingToDo: here.nothingToDo && there.nothingToDo, detail };
}

interface Found {
  readonly entries: readonly Entry[];
  readonly readable: readonly string[];
  readonly unreadable: readonly string[];
}

async function listCanaries(world: World, runId: string): Promise<Found> {
  const { registry } = world.cluster;
  const entries = new Map<string, Entry>();
  const readable: string[] = [];
  const unreadable: string[] = [];
  await Promise.all(
    registry.nodes.map(async (node) => {
      const answer = await registry.client(node).listOwn({ limitMs: LIST_LIMIT_MS });
      if (answer.outcome !== 'ok') return void unreadable.push(`${node}: ${answer.reason}`);
      readable.push(node);
      for (const entry of answer.value) {
        if (isCanaryOf(runId, entry.service)) entries.set(`${entry.service}/${entry.instance}`, entry);
      }
    }),
  );
  return { entries: [...entries.values()], readable, unreadable };
}

/** A practice cluster that no longer runs is gone with its data; anybody else's still has the entries on its disks. */
async function unreadable(world: World, reasons: readonly string[]): Promise<RevertResult> {
  const { binding, driver } = world.cluster;
  const states = await Promise.all(binding.nodes.map((node) => driver.inspect(node)));
  if (binding.lab !== null && states.every(({ state }) => state === 'gone')) {
    const detail = bi(`no node of the lab ${binding.lab} runs any more`, `练习集群 ${binding.lab} 已没有节点在运行`);
    return { reverted: true, nothingToDo: true, detail };
  }
  const seen = reasons.join('; ');
  return {
    reverted: false,
    detail: bi(
      `no node could be read, so canary entries may be left (${seen}); start the nodes, then run \`firedrill recover\``,
      `没有节点可读，可能残留金丝雀条目（${seen}）；请先启动节点，再运行 \`firedrill recover\``,
    ),
  };
}

/** Null = every removal was acknowledged; else why the first one that no node took has failed. */
async function removeAll(world: World, entries: readonly Entry[]): Promise<Bilingual | null> {
  const waiting = [...entries];
  let failure: Bilingual | null = null;
  const remover = async (): Promise<void> => {
    for (let entry = waiting.pop(); entry !== undefined && failure === null; entry = waiting.pop()) {
      failure ??= await remove(world, entry);
    }
  };
  await Promise.all(Array.from({ length: REMOVERS }, remover));
  return failure;
}

/** Removing is harmless to repeat, so the next node may be asked after any failure. */
async function remove(world: World, entry: Entry): Promise<Bilingual | null> {
  const { clock, signal } = world;
  const answer = await askPatiently(world.cluster.registry, (client, options) => client.deregister(entry, options), {
    clock,
    limitMs: CALL_LIMIT_MS,
    ...(signal && { signal }),
  });
  if (answer.outcome === 'ok') return null;
  const key = `${entry.service}/${entry.instance}`;
  return bi(
    `no node removed the canary entry ${key} (${answer.reason})`,
    `没有节点删除金丝雀条目 ${key}（${answer.reason}）`,
  );
}

/**
 * A write that its client has given up waits in a node that hung and is applied when it goes on, after we have listed: so
 * what is listed is removed until nothing is.
 */
async function removeEverywhere(world: World, runId: string, first: Found): Promise<RevertResult> {
  const removed = new Set<string>();
  let found = first;
  const round = async (): Promise<{ readonly left: Found; readonly failure: Bilingual | null }> => {
    const failure = await removeAll(world, found.entries);
    if (failure !== null) return { left: found, failure };
    for (const { service, instance } of found.entries) removed.add(`${service}/${instance}`);
    found = await listCanaries(world, runId);
    return { left: found, failure };
  };
  const { value } = await pollUntil(round, ({ left, failure }) => failure !== null || left.entries.length === 0, {
    clock: world.clock,
    withinMs: GONE_WITHIN_MS,
    everyMs: 100,
    ...(world.signal && { signal: world.signal }),
  });
  const { left, failure } = value;
  if (failure !== null) return { reverted: false, detail: failure };
  if (left.entries.length > 0) return { reverted: false, detail: stillThere(left.entries) };
  if (left.readable.length === 0) return unreadable(world, left.unreadable);
  const detail = bi(`${removed.size} canary entries removed`, `已删除 ${removed.size} 个金丝雀条目`);
  return { reverted: true, nothingToDo: false, detail };
}

function stillThere(entries: readonly Entry[]): Bilingual {
  const names = entries.slice(0, NAMES_SHOWN).map(({ service, instance }) => `${service}/${instance}`);
  const shown = entries.length > NAMES_SHOWN ? [...names, '…'] : names;
  return bi(
    `${entries.length} canary entries are still listed: ${shown.join(', ')}`,
    `仍列有 ${entries.length} 个金丝雀条目：${shown.join('、')}`,
  );
}

function runIdOf(data: UndoData): string {
  const { runId } = data;
  invariant(typeof runId === 'string', 'the undo record of the canaries names their run');
  return runId;
}
