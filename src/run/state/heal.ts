import { describeError } from '../../core/errors.js';
import type { RevertResult, UndoRecord, World } from '../../core/fault.js';
import type { EventBody } from '../../core/journal.js';
import type { Cluster } from '../../core/target.js';
import { type Bilingual, bi } from '../../core/text.js';
import { bounded } from '../deadline.js';
import { REVERT_LIMIT_MS, revertEach, revertRecord } from '../undo.js';
import { accountable, LAYERS, layerOf } from './layers.js';
import type { RunStateSummary } from './list.js';
import type { RecoverOptions } from './recover.js';
import type { UndoFile } from './undo-file.js';
import { outstandingOf, type UndoEntry } from './undo-lines.js';

/** One undo as `recover` tried it. */
export interface RecoveredUndo {
  readonly undo: string;
  readonly undoer: string;
  readonly step: string;
  readonly nodes: readonly string[];
  /** It was as before already. */
  readonly nothingToDo: boolean;
  readonly detail: Bilingual;
}

export interface Residue {
  readonly undo: string;
  readonly what: Bilingual;
}

export interface Healed {
  readonly reverted: readonly RecoveredUndo[];
  readonly failed: readonly RecoveredUndo[];
  /** What the last look saw, and what could not be reverted. */
  readonly left: readonly Residue[];
  /** Undo records that were looked after. */
  readonly checked: number;
}

export type HealOptions = RecoverOptions & { readonly undo: UndoFile; readonly note: (body: EventBody) => void };

/**
 * Reverts what is outstanding, newest first, and looks for what is left of any change of the run. A record stays
 * outstanding until nothing of it was seen, so that a recover that is killed can be done again.
 */
export async function heal(run: RunStateSummary, options: HealOptions): Promise<Healed> {
  const entries = accountable(options.undo.entries());
  const cluster = connectTo(run, options);
  if (cluster instanceof Error) return notTried(entries, describeError(cluster));
  try {
    const on: Healing = { ...options, run, cluster, tried: new Map() };
    let left: readonly Residue[] = [];
    for (const layer of LAYERS) {
      const here = entries.filter(({ record }) => layerOf(record) === layer);
      const leftHere = await healLayer(here, on);
      const tookAllAlong = layer === 'lab' && here.length > 0 && leftHere.length === 0;
      left = tookAllAlong ? [] : [...left, ...leftHere];
    }
    await settle(entries, left, on);
    return { ...summary(on), left, checked: entries.length };
  } finally {
    cluster.registry.close();
  }
}

interface Healing extends HealOptions {
  readonly run: RunStateSummary;
  readonly cluster: Cluster;
  readonly tried: Map<string, { readonly record: UndoRecord; readonly result: RevertResult }>;
}

async function healLayer(entries: readonly UndoEntry[], on: Healing): Promise<readonly Residue[]> {
  await revertAll(outstandingOf(entries), on);
  const seen = await lookAll(entries, on);
  // The run had reverted these, and yet something of them is there: once more.
  const again = entries
    .map((entry) => entry.record)
    .filter(({ id }) => !on.tried.has(id) && seen.some((one) => one.undo === id));
  if (again.length === 0) return seen;
  await revertAll(again, on);
  return lookAll(entries, on);
}

async function revertAll(records: readonly UndoRecord[], on: Healing): Promise<void> {
  const limits = { world: worldOf(on), limitMs: on.revertLimitMs ?? REVERT_LIMIT_MS };
  await revertEach([...records].reverse(), limits, (record, limitMs) => revertOne(record, on, limitMs));
}

async function revertOne(record: UndoRecord, on: Healing, limitMs: number): Promise<RevertResult> {
  on.onProgress?.(bi(`Undoing ${nameOf(record)}`, `正在撤销 ${nameOf(record)}`));
  const result = await revertRecord(record, 'recover-command', {
    undoers: on.undoers,
    world: worldOf(on),
    note: on.note,
    limitMs,
    undoLog: { arm: neverArmed, retire: retiredLater, outstanding: () => [record] },
  });
  on.tried.set(record.id, { record, result });
  return result;
}

const neverArmed = (): Promise<void> => Promise.reject(new Error('recovering arms nothing'));
const retiredLater = (): Promise<void> => Promise.resolve();

async function lookAll(entries: readonly UndoEntry[], on: Healing): Promise<readonly Residue[]> {
  const left: Residue[] = [];
  for (const { record } of entries) {
    const seen = await look(record, on);
    const result = on.tried.get(record.id)?.result;
    // Nothing is seen of it, but undoing it did not work either: that is not clean.
    const unsure = seen.length === 0 && result?.reverted === false ? [result.detail] : [];
    left.push(...[...seen, ...unsure].map((what) => ({ undo: record.id, what })));
  }
  return left;
}

async function look(record: UndoRecord, on: Healing): Promise<readonly Bilingual[]> {
  const undoer = on.undoers.find(record.undoer);
  if (undoer === undefined)
    return [bi(`nobody knows how to look for "${record.undoer}"`, `没有“${record.undoer}”的检查方法`)];
  const limitMs = on.revertLimitMs ?? REVERT_LIMIT_MS;
  const ended = await bounded((signal) => undoer.residue({ ...worldOf(on), signal }, record.data), {
    clock: on.clock,
    withinMs: limitMs,
    parent: null,
    graceMs: 0,
  });
  switch (ended.ended) {
    case 'value':
      return ended.value;
    case 'thrown':
      return [describeError(ended.error)];
    case 'late':
    case 'stopped':
      return [bi(`could not be looked at within ${limitMs} ms`, `${limitMs} 毫秒内未能完成检查`)];
  }
}

const worldOf = (on: Healing): World => ({
  cluster: on.cluster,
  clock: on.clock,
  stateDir: on.run.dir,
});

/** Writes down what is over and what is (still or again) on. */
async function settle(entries: readonly UndoEntry[], left: readonly Residue[], on: Healing): Promise<void> {
  for (const { record, retired } of entries) {
    const isLeft = left.some((one) => one.undo === record.id);
    if (isLeft && retired !== null) await on.undo.mark(record.id, null);
    if (!isLeft && retired === null) await on.undo.mark(record.id, 'recover-command');
  }
}

function summary(on: Healing): Pick<Healed, 'reverted' | 'failed'> {
  const tried = [...on.tried.values()];
  return {
    reverted: tried.filter(({ result }) => result.reverted).map(({ record, result }) => recovered(record, result)),
    failed: tried.filter(({ result }) => !result.reverted).map(({ record, result }) => recovered(record, result)),
  };
}

const recovered = ({ id, undoer, step, nodes }: UndoRecord, result: RevertResult): RecoveredUndo => ({
  undo: id,
  undoer,
  step,
  nodes,
  nothingToDo: result.reverted && result.nothingToDo,
  detail: result.detail,
});

function connectTo(run: RunStateSummary, options: HealOptions): Cluster | Error {
  try {
    return options.connect(run.binding);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function notTried(entries: readonly UndoEntry[], detail: Bilingual): Healed {
  const records = entries.map((entry) => entry.record);
  return {
    reverted: [],
    failed: outstandingOf(entries).map((record) => recovered(record, { reverted: false, detail })),
    left: records.map((record) => ({ undo: record.id, what: detail })),
    checked: 0,
  };
}

const nameOf = ({ undoer, nodes, step }: UndoRecord): string => `${[undoer, ...nodes].join(' ')} (${step})`;
