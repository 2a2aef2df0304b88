/** What people add to a run after its end (`review RUN`): lines that are only ever added, each with a name and a time. */
import type { Bilingual } from './text.js';

export const CHANGED_THINGS = ['plan', 'manual', 'backup-policy'] as const;
export type ChangedThing = (typeof CHANGED_THINGS)[number];

export type ReviewBody =
  /** `issue` null = of the run as a whole. */
  | { readonly type: 'root-cause'; readonly issue: string | null; readonly text: string }
  | {
      readonly type: 'action';
      readonly issue: string;
      readonly action: string;
      readonly owner: string;
      /** ISO with the zone's offset. */
      readonly due: string;
    }
  | {
      readonly type: 'changed';
      readonly what: ChangedThing;
      readonly text: string;
      /** Document and chapter, or the setting; a backup policy may do without. */
      readonly where: string | null;
    }
  | { readonly type: 'kept'; readonly text: string }
  /** A milestone of the recovery plan that was reached after the run; ISO with the zone's offset. */
  | { readonly type: 'milestone'; readonly milestone: string; readonly reachedAt: string }
  | { readonly type: 'attended'; readonly person: string; readonly role: string | null; readonly present: boolean };

export type ReviewEntry = ReviewBody & {
  readonly seq: number;
  /** UTC, ISO. */
  readonly at: string;
  readonly by: string;
  readonly runId: string;
  /** Head of the journal that was looked at. */
  readonly journal: string;
  /** Hash of the entry before; of the journal's first event for the first. */
  readonly prev: string;
  readonly hash: string;
};

/** Who said it, when, and in which entry of which run's review. */
export interface Said {
  readonly by: string;
  readonly at: string;
  readonly runId: string;
  readonly entry: number;
}

export interface RootCause extends Said {
  readonly text: string;
}

export interface ReviewAction extends Said {
  readonly action: string;
  readonly owner: string;
  readonly due: string;
}

/** A review as it stands: of two entries about the same thing the newer one counts. */
export interface Review {
  readonly entries: number;
  readonly head: string;
  /** UTC; the newest entry: what was open past its time then, was looked at and not recorded. */
  readonly lastAt: string;
  readonly rootCauses: readonly (RootCause & { readonly issue: string | null })[];
  readonly actions: readonly (ReviewAction & { readonly issue: string })[];
  readonly changed: readonly (Said & {
    readonly what: ChangedThing;
    readonly text: string;
    readonly where: string | null;
  })[];
  readonly kept: readonly (Said & { readonly text: string })[];
  readonly milestones: readonly (Said & { readonly milestone: string; readonly reachedAt: string })[];
  readonly attendance: readonly (Said & {
    readonly person: string;
    readonly role: string | null;
    readonly present: boolean;
  })[];
  /** Entries that a newer one about the same thing replaced. */
  readonly replaced: number;
  /** Null when every line is as it was written; else from which line on nothing is believed. */
  readonly broken: { readonly line: number; readonly why: Bilingual } | null;
}
