import type { QuestionNumber } from '../core/recovery-plan.js';
import { type Bilingual, bilingual } from '../core/text.js';
import type { Answer, Question, Seen } from './answer.js';
import type { ReadinessEvidence } from './evidence.js';
import { type Forecast, forecastsOf } from './forecast.js';
import { mistakesOf } from './mistakes.js';
import { type ObjectiveFinding, objectivesOf } from './objectives.js';
import { copies } from './questions/copies.js';
import { documented } from './questions/documented.js';
import { reported, solved, thisQuarter } from './questions/drills.js';
import { contacts, current } from './questions/kept-current.js';
import { rehearsed, withinRpo, withinRto } from './questions/rehearsed.js';
import { decided, graded } from './questions/response.js';
import { retention } from './questions/retention.js';
import { scheduled } from './questions/scheduled.js';
import { team } from './questions/team.js';
import { verified } from './questions/verified.js';
import { type StageFinding, stageOf } from './stages.js';
import { type TargetFinding, targetOf } from './target.js';
import { type Trap, trapsOf } from './traps.js';

/** In the order of seed §9.4. */
const QUESTIONS: readonly Question[] = [
  scheduled,
  verified,
  copies,
  retention,
  documented,
  rehearsed,
  withinRto,
  withinRpo,
  graded,
  decided,
  contacts,
  current,
  thisQuarter,
  solved,
  reported,
  team,
];

/** The required ones of a plan that names none (plan-data: 1, 2, 3, 6, 9, 11). */
const REQUIRED: readonly QuestionNumber[] = [1, 2, 3, 6, 9, 11];

export interface QuestionAnswer {
  readonly number: QuestionNumber;
  readonly group: Question['group'];
  readonly question: Bilingual;
  readonly answer: Answer;
  readonly required: boolean;
  readonly seen: readonly Seen[];
}

export interface Readiness {
  readonly schemaVersion: 1;
  /** UTC. */
  readonly at: string;
  readonly plan: { readonly title: Bilingual; readonly version: string; readonly file: string | null };
  /** Null = no registry was named. */
  readonly target: TargetFinding | null;
  /** False = a required question is answered with *no*. */
  readonly ready: boolean;
  readonly answers: readonly QuestionAnswer[];
  readonly traps: readonly Trap[];
  readonly objectives: readonly ObjectiveFinding[];
  readonly forecasts: readonly Forecast[];
  readonly stage: StageFinding;
  readonly hints: readonly Bilingual[];
}

/** Judges what was found; the same evidence always gives the same answers. */
export function evaluateReadiness(evidence: ReadinessEvidence): Readiness {
  const { plan, planFile, nowMs } = evidence;
  const required = plan.readiness?.required ?? REQUIRED;
  const answers = QUESTIONS.map((question): QuestionAnswer => {
    const { answer, seen } = question.answer(evidence);
    const { number, group, ask } = question;
    return { number, group, question: ask, answer, required: required.includes(number), seen };
  });
  const answerOf = (number: number): Answer => answers.find((each) => each.number === number)?.answer ?? 'unknown';
  const forecasts = forecastsOf(evidence);
  return {
    schemaVersion: 1,
    at: new Date(nowMs).toISOString(),
    plan: { title: bilingual(plan.title), version: plan.version, file: planFile?.path ?? null },
    target: targetOf(evidence),
    ready: !answers.some((each) => each.required && each.answer === 'no'),
    answers,
    traps: trapsOf(evidence),
    objectives: objectivesOf(evidence, forecasts),
    forecasts,
    stage: stageOf(answerOf, evidence),
    hints: mistakesOf(answerOf, evidence),
  };
}
