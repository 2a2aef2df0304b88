import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Outcome, worstOutcome } from '../../core/outcome.js';
import { bi } from '../../core/text.js';
import type { Run } from '../context.js';
import { passed, type StepOf, type StepResult } from './result.js';

/** A question that nobody can answer is `unknown`, never done. */
export async function manual(run: Run, step: StepOf<'manual'>, signal: AbortSignal): Promise<StepResult> {
  const by = step.by ?? null;
  const answer = await run.services.people.manual(
    { step: step.id, text: step.text, evidence: step.evidence ?? null, by, withinMs: step.withinMs ?? null },
    signal,
  );
  if (!answer.answered) return { outcome: 'unknown', reason: answer.why };
  const { done, note, answeredBy } = answer;
  run.journal.note({ type: 'manual.answered', step: step.id, by, answeredBy, done, note });
  const reason = note === null ? null : bi(note, note);
  return { outcome: done ? 'pass' : 'fail', reason, answeredBy };
}

/** The answers are findings of the review; a missing file is one too. */
export async function document(run: Run, step: StepOf<'document'>, signal: AbortSignal): Promise<StepResult> {
  const outcomes: Outcome[] = [];
  let by: string | null = null;
  for (const [index, spec] of step.documents.entries()) {
    const exists = spec.path === undefined ? null : existsSync(resolve(run.drillDir, spec.path));
    const question = { step: step.id, index, document: spec, exists, by: step.by ?? null };
    const { answer, note, answeredBy } = await run.services.people.document(question, signal);
    signal.throwIfAborted();
    const { title, question: asked } = spec;
    const path = spec.path ?? null;
    run.journal.note({
      type: 'document.reviewed',
      step: step.id,
      title,
      path,
      exists,
      question: asked,
      answer,
      note,
      answeredBy,
    });
    outcomes.push(exists === false || answer === 'no' ? 'fail' : answer === 'yes' ? 'pass' : 'unknown');
    by = answeredBy;
  }
  const notYes = outcomes.filter((outcome) => outcome !== 'pass').length;
  const of = outcomes.length;
  const reason =
    notYes === 0 ? null : bi(`${notYes} of ${of} questions without a yes`, `${of} 个问题中有 ${notYes} 个未得到“是”`);
  return { outcome: worstOutcome(outcomes), reason, answeredBy: by };
}

export async function situation(run: Run, step: StepOf<'situation'>, signal: AbortSignal): Promise<StepResult> {
  const spec = step.situation;
  const given = await run.services.people.situation({ step: step.id, situation: spec, by: step.by ?? null }, signal);
  signal.throwIfAborted();
  const { answeredBy } = given;
  run.journal.note({
    type: 'situation.played',
    step: step.id,
    tell: spec.tell,
    expected: spec.expected,
    channel: spec.channel ?? null,
    at: spec.at ?? null,
    played: given.played,
    notPlayedBecause: given.played ? null : given.why,
    answer: given.played ? given.answer : null,
    answeredBy,
    rating: given.played ? given.rating : null,
    ratedBy: given.played ? given.ratedBy : null,
    estimateMs: given.played ? given.estimateMs : null,
  });
  if (given.played) return { ...passed, answeredBy };
  // Left out by somebody's decision, or because nobody was there.
  return { outcome: answeredBy === null ? 'unknown' : 'skipped', reason: bi(given.why, given.why), answeredBy };
}
