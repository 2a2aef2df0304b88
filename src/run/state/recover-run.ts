import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { describeError } from '../../core/errors.js';
import type { ResumedJournal } from '../../core/journal.js';
import { type Bilingual, bi } from '../../core/text.js';
import type { Owner } from './exclusive.js';
import { heal, type RecoveredUndo } from './heal.js';
import type { RunStateSummary } from './list.js';
import type { RecoverOptions } from './recover.js';
import { removeRun } from './run-state.js';
import { UndoFile } from './undo-file.js';

export interface RecoveredRun {
  readonly runId: string;
  readonly runDir: string;
  readonly reverted: readonly RecoveredUndo[];
  readonly failed: readonly RecoveredUndo[];
  /** What the last look still saw of the run's changes. */
  readonly left: readonly { readonly undo: string; readonly what: Bilingual }[];
  /** Nothing is left, and the run is gone from the state folder. */
  readonly clean: boolean;
  readonly journal: { readonly state: 'resumed' } | { readonly state: 'absent' | 'failed'; readonly why: Bilingual };
}

type OpenedJournal =
  | { readonly state: 'resumed'; readonly sink: ResumedJournal }
  | { readonly state: 'absent' | 'failed'; readonly why: Bilingual };

/** Recovers one dead run whose recover lock is held. Whatever becomes of its journal, its changes are undone. */
export async function recoverRun(
  run: RunStateSummary,
  options: RecoverOptions & { readonly me: Owner },
): Promise<RecoveredRun> {
  const { me, root, clock } = options;
  const opened = openRunJournal(run, options);
  const sink = opened.state === 'resumed' ? opened.sink : null;
  sink?.append({
    type: 'recover.started',
    by: options.by,
    bootId: options.bootId,
    tornBytes: sink.tornBytes,
  });
  const undo = await UndoFile.open(run.dir);
  const healed = await heal(run, { ...options, undo, note: (body) => void sink?.append(body) }).finally(() =>
    undo.close(),
  );
  const clean = healed.left.length === 0;
  sink?.append({ type: 'residue.checked', by: 'recover', checked: healed.checked, left: healed.left });
  sink?.append({ type: 'recover.ended', clean });
  const journal = await closeJournal(opened);
  if (clean) await removeRun({ root, me, clock }, run.runId);
  const { reverted, failed, left } = healed;
  return { runId: run.runId, runDir: run.runDir, reverted, failed, left, clean, journal };
}

function openRunJournal(run: RunStateSummary, options: RecoverOptions): OpenedJournal {
  const path = join(run.runDir, 'journal.jsonl');
  // A relative path would be somebody else's journal in the working directory.
  if (!isAbsolute(path) || !existsSync(path)) {
    return { state: 'absent', why: bi(`there is no journal ${path}`, `没有日志 ${path}`) };
  }
  try {
    return { state: 'resumed', sink: options.resumeJournal({ path, clock: options.clock, bootId: options.bootId }) };
  } catch (error) {
    return { state: 'failed', why: describeError(error) };
  }
}

async function closeJournal(opened: OpenedJournal): Promise<RecoveredRun['journal']> {
  if (opened.state !== 'resumed') return opened;
  try {
    await opened.sink.close();
    return { state: 'resumed' };
  } catch (error) {
    return { state: 'failed', why: describeError(error) };
  }
}
