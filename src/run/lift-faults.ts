import type { UndoRecord } from '../core/fault.js';
import { type Bilingual, bi } from '../core/text.js';
import { clusterOf, faultsOn, type Run, worldOf } from './context.js';

/**
 * A recovery action that lifts a fault on every node it is on takes its undo off the list, after the undoer has looked.
 * A fault that is still on another node stays for later. Returns what could not be taken off.
 */
export async function liftFaults(
  run: Run,
  done: { readonly action: string; readonly nodes: readonly string[] },
): Promise<Bilingual | null> {
  const lifted = faultsOn(run).filter((record) => liftedBy(run, record, done.action));
  for (const record of [...lifted].reverse()) {
    if (!(await isOff(run, record, done.nodes))) continue;
    const result = await run.undo.revert(record, 'recover-step');
    if (!result.reverted) return result.detail;
  }
  return null;
}

const liftedBy = (run: Run, record: UndoRecord, action: string): boolean =>
  run.services.faults.find(record.undoer)?.liftedBy.includes(action) === true;

/** On none of its nodes: each was just recovered, or was by an earlier step. */
async function isOff(run: Run, record: UndoRecord, recovered: readonly string[]): Promise<boolean> {
  if (!record.nodes.some((node) => recovered.includes(node))) return false;
  const { binding, driver } = clusterOf(run);
  const others = binding.nodes.filter(({ name }) => record.nodes.includes(name) && !recovered.includes(name));
  const states = await Promise.all(others.map((node) => driver.inspect(node)));
  return states.every(({ state }) => state === 'running');
}

/** What a committed restore has replaced: there is nothing of it left to put back. Null service = everything. */
export async function supersedeDataFaults(
  run: Run,
  restored: { readonly file: string; readonly service: string | null },
): Promise<void> {
  const data = faultsOn(run).filter((record) => run.services.faults.find(record.undoer)?.scope === 'data');
  const replaced = data.filter(
    (record) => restored.service === null || run.progress.aimedAt.get(record.id) === restored.service,
  );
  const detail = bi(`replaced by the restore of ${restored.file}`, `已由 ${restored.file} 的恢复取代`);
  for (const record of [...replaced].reverse()) await run.undo.supersede(record, detail);
}

/** After their owners registered again: a fault on data of which nothing is missing any more has nothing to put back. */
export async function supersedeOwned(run: Run, action: string): Promise<void> {
  const lifted = faultsOn(run).filter((record) => liftedBy(run, record, action));
  const detail = bi('their owners registered everything again', '所有者已重新注册全部实例');
  for (const record of [...lifted].reverse()) {
    const left = await run.services.undoers.find(record.undoer)?.residue(worldOf(run), record.data);
    if (left?.length === 0) await run.undo.supersede(record, detail);
  }
}
