import type { Review, ReviewEntry, Said } from '../core/review.js';
import type { ReviewReading } from './file.js';

type Entry<T extends ReviewEntry['type']> = Extract<ReviewEntry, { readonly type: T }>;

const said = ({ by, at, runId, seq }: ReviewEntry): Said => ({ by, at, runId, entry: seq });

/** What a second entry speaks of again: the same thing has the same key. */
function subject(entry: ReviewEntry): string {
  switch (entry.type) {
    case 'root-cause':
      return `root-cause ${entry.issue ?? ''}`;
    case 'action':
      return `action ${entry.issue} ${entry.action}`;
    case 'changed':
      return `changed ${entry.what} ${entry.where ?? ''} ${entry.text}`;
    case 'kept':
      return `kept ${entry.text}`;
    case 'milestone':
      return `milestone ${entry.milestone}`;
    case 'attended':
      return `attended ${entry.person}`;
  }
}

/** The review as it stands: the newer of two entries about the same thing, at the place of the older. */
export function currentReview({ entries, head, broken }: ReviewReading): Review | null {
  const last = entries.at(-1);
  if (last === undefined && broken === null) return null;
  const newest = new Map<string, ReviewEntry>();
  for (const entry of entries) newest.set(subject(entry), entry);
  const current = [...newest.values()];
  const of = <T extends ReviewEntry['type']>(type: T): readonly Entry<T>[] =>
    current.filter((entry): entry is Entry<T> => entry.type === type);
  return {
    entries: entries.length,
    head: head.hash,
    lastAt: last?.at ?? '',
    rootCauses: of('root-cause').map((entry) => ({ issue: entry.issue, text: entry.text, ...said(entry) })),
    actions: of('action').map((entry) => ({
      issue: entry.issue,
      action: entry.action,
      owner: entry.owner,
      due: entry.due,
      ...said(entry),
    })),
    changed: of('changed').map((entry) => ({
      what: entry.what,
      text: entry.text,
      where: entry.where,
      ...said(entry),
    })),
    kept: of('kept').map((entry) => ({ text: entry.text, ...said(entry) })),
    milestones: of('milestone').map((entry) => ({
      milestone: entry.milestone,
      reachedAt: entry.reachedAt,
      ...said(entry),
    })),
    attendance: of('attended').map((entry) => ({
      person: entry.person,
      role: entry.role,
      present: entry.present,
      ...said(entry),
    })),
    replaced: entries.length - current.length,
    broken,
  };
}
