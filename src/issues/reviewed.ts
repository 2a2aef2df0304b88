import type { Issue } from '../core/result.js';
import type { Review, ReviewAction, RootCause } from '../core/review.js';

/** What reviews say of one issue. */
export interface IssueReview {
  readonly rootCause: RootCause | null;
  readonly actions: readonly ReviewAction[];
}

/** The issues with what the run's review says of each; of two words about the same thing the newer one counts. */
export const reviewed = (issues: readonly Issue[], review: Review | null): readonly Issue[] =>
  review === null ? issues : issues.map((issue) => ({ ...issue, ...newest(issue, wordsOn(issue.id, review)) }));

/** What this review says of that issue. */
export function wordsOn(id: string, { rootCauses, actions }: Review): IssueReview {
  const cause = rootCauses.find((row) => row.issue === id);
  return {
    rootCause: cause === undefined ? null : withoutIssue(cause),
    actions: actions.filter((row) => row.issue === id).map(withoutIssue),
  };
}

function withoutIssue<T extends { readonly issue: string | null }>({ issue: _issue, ...rest }: T): Omit<T, 'issue'> {
  return rest;
}

/** Both together: the newer root cause, every action once. */
export function newest(a: IssueReview, b: IssueReview): IssueReview {
  const actions = new Map<string, ReviewAction>();
  for (const action of [...a.actions, ...b.actions]) {
    const before = actions.get(action.action);
    if (before === undefined || before.at <= action.at) actions.set(action.action, action);
  }
  const causes = [a.rootCause, b.rootCause].filter((cause) => cause !== null);
  const rootCause = causes.length === 0 ? null : causes.reduce((x, y) => (x.at <= y.at ? y : x));
  return { rootCause, actions: [...actions.values()] };
}
