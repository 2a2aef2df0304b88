import type { QuestionNumber } from '../core/recovery-plan.js';
import type { Bilingual } from '../core/text.js';
import type { ReadinessEvidence, Reading } from './evidence.js';

export type Answer = 'yes' | 'no' | 'unknown';

/** A sentence about what was found, and where. */
export interface Seen {
  readonly text: Bilingual;
  readonly where: string;
}

export interface Answered {
  readonly answer: Answer;
  readonly seen: readonly Seen[];
}

export interface Question {
  readonly number: QuestionNumber;
  readonly group: 'backup' | 'recovery' | 'plan' | 'drill';
  readonly ask: Bilingual;
  readonly answer: (evidence: ReadinessEvidence) => Answered;
}

export const answered = (answer: Answer, text: Bilingual, where: string): Answered => ({
  answer,
  seen: [{ text, where }],
});

/** The answer when something could not be looked at. */
export const unread = ({ where, why }: Extract<Reading<unknown>, { read: false }>): Answered =>
  answered('unknown', why, where);

/** The worst of several: one *no* is no, one *unknown* is unknown; nothing to look at is unknown. */
export function allOf(parts: readonly Answered[]): Answered {
  const has = (answer: Answer): boolean => parts.some((part) => part.answer === answer);
  const answer = has('no') ? 'no' : has('unknown') || parts.length === 0 ? 'unknown' : 'yes';
  return { answer, seen: parts.flatMap((part) => part.seen) };
}

export const DAY_MS = 86_400_000;
const PLAN = 'recovery-plan.yaml';

/** `2026-01-31 02:00`, UTC: the same for every reader. */
export const showTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')}Z`;

export const planPlace = ({ planFile }: ReadinessEvidence): string => planFile?.path ?? `built-in ${PLAN}`;

/** Every tier that was looked at; the plan, when it names none. */
export const tierPlaces = (evidence: ReadinessEvidence): string =>
  evidence.tiers.map(({ archives }) => archives.where).join(', ') || planPlace(evidence);
