import { parse } from 'yaml';
import type { DecisionWord } from '../../core/decision.js';
import { parseDuration } from '../../core/duration.js';
import { InputError, WorldError } from '../../core/errors.js';
import type { ManualAnswer, People, SituationAnswer } from '../../core/services.js';
import { isMapValue } from '../../core/shape.js';
import { bi } from '../../core/text.js';

/** One step's answer in an answers file (drills/answers/*.yaml describes the format). */
interface ScriptedAnswer {
  readonly by?: string;
  readonly done?: boolean;
  readonly note?: string;
  readonly answer?: string;
  readonly rating?: number;
  readonly ratedBy?: string;
  readonly estimate?: string;
  readonly notPlayed?: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly documents?: readonly { readonly answer?: string; readonly note?: string }[];
}

const NOBODY = bi('the answers file has no entry for this step', '答案文件中没有此步骤的条目');

/** People out of a file: proves the tool, not people. A step without an entry stays unanswered. */
export function scriptedPeople(file: { readonly path: string; readonly text: string }): People {
  const answers = readAnswers(file);
  const entry = (step: string): ScriptedAnswer | undefined => answers.get(step);
  return {
    scripted: true,
    answersAs: null,
    manual: async ({ step }): Promise<ManualAnswer> => {
      const found = entry(step);
      if (found?.by === undefined || found.done === undefined) return { answered: false, why: NOBODY };
      return { answered: true, done: found.done, note: found.note ?? null, answeredBy: found.by };
    },
    document: async ({ step, index }) => {
      const found = entry(step);
      const document = found?.documents?.[index];
      const answer = document?.answer === 'yes' || document?.answer === 'no' ? document.answer : 'unknown';
      return { answer, note: document?.note ?? null, answeredBy: found?.by ?? 'nobody' };
    },
    situation: async ({ step }): Promise<SituationAnswer> => {
      const found = entry(step);
      if (found?.answer === undefined || found.by === undefined) {
        return { played: false, why: found?.notPlayed ?? NOBODY.en, answeredBy: found?.by ?? null };
      }
      return {
        played: true,
        answer: found.answer,
        answeredBy: found.by,
        ...ratingOf(found),
        estimateMs: found.estimate === undefined ? null : parseDuration(found.estimate),
      };
    },
    decision: async ({ step, outcome }): Promise<DecisionWord> => {
      const found = entry(step);
      if (found?.by === undefined) return { said: 'nothing', why: NOBODY };
      if (found.outcome === undefined || found.outcome === outcome) return { said: 'agreed', answeredBy: found.by };
      if (found.reason === undefined || found.reason.trim() === '') throw noReason(step);
      return { said: 'instead', outcome: found.outcome, reason: found.reason, answeredBy: found.by };
    },
  };
}

const noReason = (step: string): WorldError =>
  new WorldError({
    code: 'override-without-reason',
    message: bi(
      `The answers file overrides the decision of ${step} without a reason.`,
      `答案文件改判了 ${step} 的决策，但没有写明理由。`,
    ),
    hint: bi('add “reason: …” to that entry', '请在该条目中加上“reason: …”'),
  });

function ratingOf(found: ScriptedAnswer): { readonly rating: 1 | 3 | 5 | null; readonly ratedBy: string | null } {
  const rating = found.rating === 1 || found.rating === 3 || found.rating === 5 ? found.rating : null;
  return { rating, ratedBy: rating === null ? null : (found.ratedBy ?? null) };
}

function readAnswers(file: { readonly path: string; readonly text: string }): ReadonlyMap<string, ScriptedAnswer> {
  try {
    const parsed: unknown = parse(file.text, { maxAliasCount: 10 });
    const steps = isMapValue(parsed) && isMapValue(parsed.answers) ? parsed.answers : parsed;
    if (!isMapValue(steps)) throw new Error('the file must map step ids to answers');
    return new Map(Object.entries(steps).filter((pair): pair is [string, ScriptedAnswer] => isMapValue(pair[1])));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InputError([
      {
        file: file.path,
        line: 1,
        column: 1,
        width: 1,
        source: file.text.split('\n')[0] ?? '',
        path: '',
        message: bi(`this answers file cannot be used: ${why}`, `无法使用该答案文件：${why}`),
      },
    ]);
  }
}
