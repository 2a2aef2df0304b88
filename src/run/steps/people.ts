import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { bi } from '../../core/text.js';
import type { Run } from '../context.js';
import { passed, type StepOf, type StepResult } from './result.js';

/** One question at a time, also in a parallel group: there is one terminal. An answer that came too late is none. */
export async function ask<T>(run: Run, signal: AbortSignal, question: () => Promise<T>): Promise<T> {
  return run.askOneAtATime(async () => {
    signal.throwIfAborted();
    const answer = await question();
    signal.throwIfAborted();
    return answer;
  });
}

/** A question that nobody can answer is `unknown`, never done. */
export async function manual(run: Run, step: StepOf<'manual'>, signal: AbortSignal): Promise<StepResult> {
  const by = step.by ?? null;
  const { text, evidence = null, withinMs = null } = step;
  const question = { step: step.id, text, evidence, by, withinMs };
  const answer = await ask(run, signal, () => run.services.people.manual(question, signal));
  if (!answer.answered) return { outcome: 'unknown', reason: answer.why };
  const { done, note, answeredBy } = answer;
  run.journal.note({ type: 'manual.answered', step: step.id, by, answeredBy, done, note });
  const reason = note === null ? null : bi(note, note);
  return { outcome: done ? 'pass' : 'fail', reason, answeredBy };
}

/** Looking is the step: a no is a finding about the document, and the review was held. What nobody could tell was not. */
export async function document(run: Run, step: StepOf<'document'>, signal: AbortSignal): Promise<StepResult> {
  let notYes = 0;
  let untold = 0;
  let by: string | null = null;
  for (const [index, spec] of step.documents.entries()) {
    const exists = spec.path === undefined ? null : existsSync(resolve(run.drillDir, spec.path));
    const question = { step: step.id, index, document: spec, exists, by: step.by ?? null };
    const { answer, note, answeredBy } = await ask(run, signal, () => run.services.people.document(question, signal));
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
    if (exists === false || answer !== 'yes') notYes += 1;
    if (answer === 'unknown') untold += 1;
    by = answeredBy;
  }
  const of = step.documents.length;
  const reason =
    notYes === 0 ? null : bi(`${notYes} of ${of} questions without a yes`, `${of} 个问题中有 ${notYes} 个未得到“是”`);
  return { outcome: untold === 0 ? 'pass' : 'unknown', reason, answeredBy: by };
}

export async function situation(run: Run, step: StepOf<'situation'>, signal: AbortSignal): Promise<StepResult> {
  const spec = step.situation;
  const question = { step: step.id, situation: spec, by: step.by ?? null };
  const given = await ask(run, signal, () => run.services.people.situation(question, signal));
  const { answeredBy } = given;
  run.journal.note({
    type: 'situation.played',
    step: step.id,
    tell: spec.tell,
    expected: spec.expected,
    channel: spec.channel ?? null,
    tellAt: spec.at ?? null,
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
