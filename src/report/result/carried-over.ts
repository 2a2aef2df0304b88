import type { CarriedOver, IssueSummary } from '../../core/result.js';
import type { Sources } from './build.js';

/** What earlier drills left open, and what this run showed of it: an issue that nobody looked for again is not gone. */
export function carriedOver({ opened, issues, passed }: Sources): CarriedOver {
  const again = new Set(issues.map(({ fingerprint }) => fingerprint));
  const now = ({ fingerprint }: IssueSummary) => {
    if (again.has(fingerprint)) return 'found-again';
    return passed.has(fingerprint) ? 'passed' : 'not-tested';
  };
  return {
    last: opened.history.last ?? null,
    problems: opened.history.openIssues
      .filter(({ status }) => status === 'open')
      .map((issue) => ({
        id: issue.id,
        title: issue.title ?? null,
        priority: issue.priority ?? null,
        rootCause: issue.rootCause ?? null,
        actions: issue.actions ?? [],
        now: now(issue),
      })),
  };
}
