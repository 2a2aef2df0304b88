export type { ExecuteOptions } from './context.js';
export { executeDrill, type RunEnd } from './execute.js';
export { watchParent } from './parent.js';
export { type ProblemEvent, recordProblem, watchProblems } from './problems/problem-file.js';
export { newRunId } from './run-id.js';
export type { StopReason } from './stop.js';
export type { UndoLog } from './undo.js';
