import type { Text } from './text.js';

/** The rubric is data (`templates/rubrics/default.yaml`): every weight of the score in one place. */
export interface Rubric {
  readonly id: string;
  readonly version: number;
  readonly passMark: number;
  /** Fewer assessable points than this: no total. */
  readonly minAssessable: number;
  /** What is ours and not the seed's, in words; absent = nothing beyond what `source` marks. */
  readonly additions?: readonly { readonly id: string; readonly text: Text }[];
  readonly dimensions: readonly RubricDimension[];
}

export const DIMENSION_IDS = ['recovery-time', 'data-integrity', 'process', 'problem-handling'] as const;
export type DimensionId = (typeof DIMENSION_IDS)[number];

export interface RubricDimension {
  readonly id: DimensionId;
  readonly title: Text;
  readonly possible: number;
  readonly criteria: readonly RubricCriterion[];
}

export interface RubricCriterion {
  /** `rto`, `integrity`, `plan-followed`, `roles`, `nothing-left-out`, `solved-quickly`, `fallback`, `decisions` */
  readonly id: string;
  readonly title: Text;
  readonly possible: number;
  /** The rule in words. */
  readonly rule: Text;
  /** Where it comes from: the seed, or us. */
  readonly source: 'seed §8.4' | 'ours';
  /** Grades from best to worst, or proportional to a share. */
  readonly grades:
    | readonly {
        readonly id: string;
        readonly points: number;
        readonly label: Text;
        readonly source: 'seed §8.4' | 'ours';
      }[]
    | 'proportional';
}
