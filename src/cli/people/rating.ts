import { EVALUATOR } from '../../core/roles.js';
import { bi } from '../../core/text.js';
import { type Asker, ask } from './ask.js';
import { ratersOf } from './raters.js';

interface Rated {
  readonly rating: 1 | 3 | 5;
  readonly ratedBy: string;
}

/** What the evaluator thinks of an answer; null = nobody may rate it, or it was not rated. */
export async function askRating(asker: Asker, answeredBy: string, signal: AbortSignal): Promise<Rated | null> {
  const { ctx, roles } = asker;
  const raters = ratersOf(roles, answeredBy);
  if ('nobody' in raters) {
    const { note } = await import('@clack/prompts');
    note(ctx.say(raters.nobody), ctx.say(bi('Not rated', '未评分')));
    return null;
  }
  const ratedBy = await raterAmong(asker, raters.people, signal);
  if (ratedBy === null) return null;
  const rating = await ask<1 | 3 | 5>(signal, (prompts) =>
    prompts.select<1 | 3 | 5>({
      message: ctx.say(bi(`${ratedBy}: how good was the answer?`, `${ratedBy}：回答质量如何？`)),
      signal,
      options: [
        { value: 5, label: ctx.say(bi('5 good', '5 好')) },
        { value: 3, label: ctx.say(bi('3 fair', '3 一般')) },
        { value: 1, label: ctx.say(bi('1 weak', '1 差')) },
      ],
    }),
  );
  return rating === null ? null : { rating, ratedBy };
}

const NONE = '';

/** Who sits at the keyboard when they may rate; else one who may, asked for once a run. */
async function raterAmong(asker: Asker, people: readonly string[], signal: AbortSignal): Promise<string | null> {
  const { ctx, who, speakers } = asker;
  const known = people.find((person) => person === who || person === speakers.get(EVALUATOR));
  if (known !== undefined) return known;
  const chosen = await ask<string>(signal, (prompts) =>
    prompts.select<string>({
      message: ctx.say(bi('Who rates the answer as evaluator?', '由谁以评估员身份评分？')),
      signal,
      options: [
        ...people.map((person) => ({ value: person, label: person })),
        { value: NONE, label: ctx.say(bi('none of them is here: not rated', '均不在场：不评分')) },
      ],
    }),
  );
  if (chosen === null || chosen === NONE) return null;
  speakers.set(EVALUATOR, chosen);
  return chosen;
}
