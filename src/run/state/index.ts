/** What a run leaves in the state folder, so that any other process can undo it (semantics.md, State, locks, recover). */
export { requestAbort } from './abort.js';
export type { RecoveredUndo } from './heal.js';
export { listRuns, type RunStateSummary } from './list.js';
export type { RunProgress } from './progress.js';
export { type RecoverOptions, type RecoverReport, recoverRuns } from './recover.js';
export type { RecoveredRun } from './recover-run.js';
export { type OpenRunStateOptions, openRunState, type RunState } from './run-state.js';
