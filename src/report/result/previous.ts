import type { Result, ResultEnvironment, RunSummary, Score } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import type { Sources } from './build.js';
import { environmentOf } from './environment.js';

/** Product, version and number of nodes: what must be equal for two runs to be compared. */
export const topologyOf = (target: ResultEnvironment['target']): string =>
  target === null ? 'none' : `${target.product} ${target.version} × ${target.nodes.length}`;

/** What a later run of the same drill is compared with; journaled at its start. */
export const runSummary = (result: Result): RunSummary => ({
  runId: result.runId,
  startedAt: result.startedAt,
  outcome: result.outcome,
  percent: result.score?.percent ?? null,
  rubric: result.score?.rubric ?? null,
  rtoMs: result.objectives.find((objective) => objective.id === 'rto')?.measuredMs ?? null,
  lostRecords: result.loss?.records ?? null,
  topology: topologyOf(result.environment.target),
  criteria: pointsOf(result.score),
});

export const pointsOf = (score: Score | null): Readonly<Record<string, number>> =>
  Object.fromEntries(
    (score?.dimensions ?? [])
      .flatMap((dimension) => dimension.criteria)
      .filter((criterion) => criterion.state === 'assessed')
      .map((criterion) => [criterion.id, criterion.earned]),
  );

export function comparison(sources: Sources): Result['previous'] {
  const { previous, openIssues } = sources.opened.history;
  if (previous === null) return null;
  const why = notComparable(sources, previous);
  const again = new Set(sources.issues.map((issue) => issue.fingerprint));
  return {
    ...previous,
    comparable: why === null,
    why,
    closed: openIssues.filter((issue) => issue.status === 'closed' && !again.has(issue.fingerprint)).map(idOf),
    reopened: sources.issues.filter((issue) => issue.status === 'reopened').map(idOf),
    fresh: sources.issues.filter((issue) => issue.status === 'new').map(idOf),
  };
}

const idOf = (issue: { readonly id: string }): string => issue.id;

function notComparable(sources: Sources, previous: RunSummary): Bilingual | null {
  const topology = topologyOf(environmentOf(sources).target);
  if (previous.topology !== topology) {
    return bi(
      `Not comparable: the target was ${previous.topology} and is ${topology} now.`,
      `不可比：上次的目标是 ${previous.topology}，本次是 ${topology}。`,
    );
  }
  const { score } = sources;
  if (score === null || previous.rubric === null) {
    return bi('Not comparable: one of the two runs has no score.', '不可比：两次运行中有一次没有评分。');
  }
  return previous.rubric === score.rubric
    ? null
    : bi(
        `Not comparable: scored by ${previous.rubric} then and by ${score.rubric} now.`,
        `不可比：上次按 ${previous.rubric} 评分，本次按 ${score.rubric}。`,
      );
}
