/** What a drill can leave changed around its target, beside what its own undo records tell. */
import { pollUntil } from '../core/clock.js';
import { WorldError } from '../core/errors.js';
import { SURROUNDINGS, type UndoData, type Undoer, type World } from '../core/fault.js';
import { untilLabIsGone } from '../core/lab-gone.js';
import type { Surroundings, SurroundingsChange } from '../core/services.js';
import { bi } from '../core/text.js';
import { areasIn, asUndoData } from './area.js';
import { changesBetween } from './compare.js';
import { lookAround } from './look.js';

/** A container that the engine brings back is on its way for a moment. */
const SETTLES_WITHIN_MS = 2_000;

/** Puts nothing back: what it finds, nobody has written down how to undo. */
export const surroundingsUndoer: Undoer = untilLabIsGone({
  name: SURROUNDINGS,
  revert: async (world, data) => {
    const changes = await changesSince(world, data);
    const ours = changes.filter(({ gone }) => !gone);
    const shown = ours.length > 0 ? ours : changes;
    const detail = bi(shown.map(({ what }) => what.en).join('; '), shown.map(({ what }) => what.zh).join('；'));
    if (ours.length > 0) return { reverted: false, detail };
    return { reverted: true, nothingToDo: true, detail: shown.length === 0 ? AS_BEFORE : detail };
  },
  residue: async (world, data) => (await changesSince(world, data)).flatMap(({ gone, what }) => (gone ? [] : [what])),
});

const AS_BEFORE = bi('all around the target is as before', '目标周围一切如初');

export const surroundings: Surroundings = {
  undoer: surroundingsUndoer.name,
  look: async ({ cluster }) => asUndoData(await lookAround(cluster)),
  changes: changesSince,
};

async function changesSince({ cluster, clock }: World, data: UndoData): Promise<readonly SurroundingsChange[]> {
  const before = areasIn(data);
  if (before === null) throw unreadable();
  const { value } = await pollUntil(
    async () => changesBetween(before, await lookAround(cluster)),
    (changes) => changes.length === 0,
    { clock, withinMs: SETTLES_WITHIN_MS, everyMs: 250 },
  );
  return value;
}

const unreadable = (): WorldError =>
  new WorldError({
    code: 'undo-unreadable',
    message: bi('the picture taken before the drill cannot be read', '无法读取演练前的记录'),
  });
