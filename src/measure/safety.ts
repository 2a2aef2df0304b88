import type { Measurements } from '../core/measurement.js';
import type { EventIndex } from './event-index.js';

interface Touching {
  readonly nodes: readonly string[];
}

export function measureSafety(index: EventIndex): Measurements['safety'] {
  const replacing = index.of('undo.armed').filter((event) => event.undoer === 'restore');
  const types = ['fault.requested', 'fault.injected', 'recover.action'] as const;
  const touching = [...replacing, ...types.flatMap((type): readonly Touching[] => index.of(type))];
  const reverts = index.of('undo.reverted');
  const failed = reverts.filter(
    (event) => !event.reverted && !reverts.some((later) => later.undo === event.undo && later.reverted),
  );
  const lastOfEach = new Map(failed.map((event) => [event.undo, event]));
  return {
    planned: distinct((index.opened?.plan.steps ?? []).flatMap((step) => step.nodes)),
    touched: distinct(touching.flatMap((event) => event.nodes)),
    open: index
      .of('undo.armed')
      .filter((event) => !reverts.some((revert) => revert.undo === event.undo && revert.reverted))
      .map(({ undo, undoer, step }) => ({ undo, undoer, step })),
    failedReverts: [...lastOfEach.values()].map(({ undo, step, detail, seq }) => ({
      undo,
      step,
      detail,
      evidence: [seq],
    })),
  };
}

/** The newest check counts: what a run left on, a later `recover` may have removed. */
export function measureResidue(index: EventIndex): Measurements['residue'] {
  const last = index.of('residue.checked').at(-1);
  if (last === undefined) return { checked: false, left: [], evidence: [] };
  return { checked: true, left: last.left, evidence: [last.seq] };
}

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
