import type { EventOf } from '../core/journal.js';
import type { Measurements } from '../core/measurement.js';
import { type EventIndex, lastMs } from './event-index.js';

/** How the run went and ended. What a later `recover` appended is not part of the run's own time. */
export function measureRun(index: EventIndex): Measurements['run'] {
  const recoverAt = index.all.findIndex((event) => event.type === 'recover.started');
  const own = recoverAt === -1 ? index.all : index.all.slice(0, recoverAt);
  const ended = own.find((event): event is EventOf<'run.ended'> => event.type === 'run.ended');
  const last = ended ?? own.at(-1);
  const ending = ended?.ending ?? 'cut';
  return {
    endedEarly: ending !== 'completed',
    ending,
    stopCause: index.of('run.stopping')[0]?.cause ?? null,
    startedAt: own[0]?.at ?? '',
    endedAt: last?.at ?? '',
    durationMs: ended?.ms ?? lastMs(own) ?? 0,
  };
}

/** Undoers that clean up after ourselves: arming one breaks nothing. */
const HOUSEKEEPERS: ReadonlySet<string> = new Set(['canary', 'lab', 'surroundings']);
export const isHousekeeper = (undoer: string): boolean => HOUSEKEEPERS.has(undoer);

/** Undoers of what a step of the recovery changes itself: no fault. */
const STEPS_OWN: ReadonlySet<string> = new Set(['restore', 'switch-site', 'degrade']);
export const isStepsOwn = (undoer: string): boolean => STEPS_OWN.has(undoer);

/**
 * The event from which on the world may have been changed by the drill: the first request of a fault, the undo of a
 * restore, of a switch or of a degradation level on disk, a recovery action; in a tabletop the first situation. Null = the
 * run ended before.
 */
export function beginning(index: EventIndex): { readonly seq: number; readonly ms: number | null } | null {
  const replacing = index.of('undo.armed').find(({ undoer }) => isStepsOwn(undoer));
  const types = ['fault.requested', 'fault.injected', 'situation.played', 'recover.action'] as const;
  const first = [replacing, ...types.map((type) => index.of(type)[0])];
  const known = first.filter((event) => event !== undefined).sort((a, b) => a.seq - b.seq)[0];
  return known === undefined ? null : { seq: known.seq, ms: known.ms };
}
