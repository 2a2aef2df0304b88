/** How long recoveries took, as far as anybody has measured it: in this run, else in earlier ones. */
import type { EventOf, JournalEvent } from '../../core/journal.js';
import type { Evidence } from '../../core/measurement.js';
import { type Bilingual, bi } from '../../core/text.js';
import type { Run } from '../context.js';

export interface Measured {
  readonly tookMs: number;
  readonly where: Bilingual;
  readonly evidence: Evidence;
}

const RESTARTS: ReadonlySet<string> = new Set(['node.start', 'node.restart', 'node.resume']);

/** The slowest of those that went well; null = none was measured. */
export function measuredTime(run: Run, kind: 'restart' | 'restore'): Measured | null {
  const noted = run.journal.noted();
  const own = endedWell(noted).filter(({ step }) => stepsOf(noted, kind).has(step));
  const [slowest] = [...own].sort((a, b) => b.tookMs - a.tookMs);
  if (slowest !== undefined) {
    const { step, tookMs, seq } = slowest;
    const evidence = noted.filter((event) => isActionOf(event, step)).map((event) => event.seq);
    return { tookMs, where: bi(`step ${step} of this run`, `本次运行的步骤 ${step}`), evidence: [...evidence, seq] };
  }
  const past = run.services.pastRecoveries?.().filter((one) => one.kind === kind) ?? [];
  const [worst] = [...past].sort((a, b) => b.tookMs - a.tookMs);
  if (worst === undefined) return null;
  const { step, runId, tookMs } = worst;
  return { tookMs, where: bi(`step ${step} of run ${runId}`, `运行 ${runId} 的步骤 ${step}`), evidence: [] };
}

const endedWell = (noted: readonly JournalEvent[]): readonly EventOf<'step.ended'>[] =>
  noted.filter((event): event is EventOf<'step.ended'> => event.type === 'step.ended' && event.outcome === 'pass');

const stepsOf = (noted: readonly JournalEvent[], kind: 'restart' | 'restore'): ReadonlySet<string> =>
  new Set(
    noted.flatMap((event) => {
      if (kind === 'restore') return event.type === 'restore.chosen' ? [event.step] : [];
      return event.type === 'recover.action' && RESTARTS.has(event.action) ? [event.step] : [];
    }),
  );

const isActionOf = (event: JournalEvent, step: string): boolean =>
  (event.type === 'recover.action' || event.type === 'restore.chosen') && event.step === step;
