/** What a run leaves in the state folder, so that any other process can undo it (semantics.md, State, locks, recover). */
export { requestAbort } from './abort.js';

export { tryExclusive } from './exclusive.js';
export { listRuns, type RunStateSummary } from './list.js';

export { type RecoverOptions, recoverRuns } from './recover.js';
export type { RecoveredRun } from './recover-run.js';
export { openRunState, type RunState } from './run-state.js';
