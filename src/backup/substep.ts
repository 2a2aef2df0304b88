import type { SubstepReport } from '../core/backup.js';
import type { Clock } from '../core/clock.js';
import type { BackupSubstep, RestoreSubstep } from '../core/drill.js';
import { describeError, WorldError } from '../core/errors.js';
import type { Json } from '../core/fault.js';
import type { Outcome } from '../core/outcome.js';
import { type Bilingual, bi } from '../core/text.js';

/** What one sub-step did; without an outcome it passed. */
export interface Done<T> {
  readonly value: T;
  readonly outcome?: Outcome;
  readonly detail: Bilingual;
  readonly facts: Readonly<Record<string, Json>>;
}

export interface Substeps<Name extends BackupSubstep | RestoreSubstep> {
  /** Times it, reports it, and throws on when it failed. */
  readonly run: <T>(name: Name, work: () => Promise<Done<T>>) => Promise<T>;
  readonly notApplicable: (name: Name, why: Bilingual) => void;
}

export function substeps<Name extends BackupSubstep | RestoreSubstep>(options: {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onSubstep: (report: SubstepReport<Name>) => void;
}): Substeps<Name> {
  const { clock, signal, onSubstep } = options;
  return {
    run: async (name, work) => {
      const startedMs = clock.monotonicMs();
      const done = await attempt(async () => {
        if (signal?.aborted) throw interrupted(name);
        return work();
      });
      const endedMs = clock.monotonicMs();
      if (!done.ok) {
        const outcome = done.error instanceof WorldError ? 'fail' : 'error';
        onSubstep({ name, startedMs, endedMs, outcome, detail: describeError(done.error), facts: {} });
        throw done.error;
      }
      const { value, outcome, detail, facts } = done.result;
      onSubstep({ name, startedMs, endedMs, outcome: outcome ?? 'pass', detail, facts });
      return value;
    },
    notApplicable: (name, why) => {
      const nowMs = clock.monotonicMs();
      onSubstep({ name, startedMs: nowMs, endedMs: nowMs, outcome: 'not-applicable', detail: why, facts: {} });
    },
  };
}

type Attempt<T> = { readonly ok: true; readonly result: T } | { readonly ok: false; readonly error: unknown };

/** Keeps a failure of the work apart from one of the reporting. */
async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, result: await work() };
  } catch (error) {
    return { ok: false, error };
  }
}

const interrupted = (name: string): WorldError => stopped(bi(`stopped before ${name}`, `在 ${name} 之前被停止`));

export const interruptedIn = (name: string): WorldError =>
  stopped(bi(`stopped during ${name}`, `在 ${name} 期间被停止`));

const stopped = (message: Bilingual): WorldError => new WorldError({ code: 'interrupted', message, exit: 'stopped' });
