import { parseDuration } from '../../core/duration.js';
import type { People } from '../../core/services.js';
import { type Bilingual, bi } from '../../core/text.js';
import type { Context } from '../context.js';

type Prompts = typeof import('@clack/prompts');

/** Nobody can be asked: no terminal, no answers file. Nothing is taken for done. */
export const nobody: People = {
  scripted: false,
  answersAs: null,
  manual: async () => ({
    answered: false,
    why: bi(
      'nobody could be asked: no terminal and no answers file (--answers)',
      '无人可问：没有终端，也没有答案文件（--answers）',
    ),
  }),
  document: async () => ({ answer: 'unknown', note: null, answeredBy: 'nobody' }),
  situation: async () => ({
    played: false,
    why: 'nobody could be asked: no terminal and no answers file (--answers)',
    answeredBy: null,
  }),
};

/** Asks whoever is at the terminal; `who` is recorded with every answer. */
export function terminalPeople(ctx: Context, who: string): People {
  const ask = async <T>(
    signal: AbortSignal,
    question: (prompts: Prompts) => Promise<T | symbol>,
  ): Promise<T | null> => {
    const prompts = await import('@clack/prompts');
    if (signal.aborted) return null;
    const answer = await question(prompts);
    return prompts.isCancel(answer) ? null : (answer as T);
  };
  const say = (text: Bilingual): string => ctx.say(text);
  const text = (signal: AbortSignal, message: string): Promise<string | null> =>
    ask<string>(signal, (p) => p.text({ message, signal }));
  return {
    scripted: false,
    answersAs: who,
    manual: async (question, signal) => {
      const done = await ask<boolean>(signal, (p) =>
        p.confirm({ message: `[${question.by ?? who}] ${ctx.say(question.text)}`, signal }),
      );
      if (done === null) return { answered: false, why: bi('the question was not answered', '问题未被回答') };
      const note = question.evidence === null ? null : await text(signal, ctx.say(question.evidence));
      return { answered: true, done, note: note === '' ? null : note, answeredBy: who };
    },
    document: async ({ document, exists }, signal) => {
      const found =
        exists === null ? '' : exists ? say(bi(' (found)', '（存在）')) : say(bi(' (NOT FOUND)', '（不存在）'));
      const answer = await ask<'yes' | 'no' | 'unknown'>(signal, (p) =>
        p.select<'yes' | 'no' | 'unknown'>({
          message: `${ctx.say(document.title)}${found}: ${ctx.say(document.question)}`,
          signal,
          options: [
            { value: 'yes', label: say(bi('yes', '是')) },
            { value: 'no', label: say(bi('no', '否')) },
            { value: 'unknown', label: say(bi('not known', '不清楚')) },
          ],
        }),
      );
      return { answer: answer ?? 'unknown', note: null, answeredBy: who };
    },
    situation: async ({ situation }, signal) => {
      const channel = situation.channel === undefined ? '' : ` [${ctx.say(situation.channel)}]`;
      const answer = await text(
        signal,
        `${situation.at ?? ''}${channel} ${ctx.say(situation.tell)}\n${say(bi('What do you do?', '你们怎么做？'))}`,
      );
      if (answer === null || answer === '')
        return { played: false, why: 'no answer was given at the terminal', answeredBy: who };
      const estimate = situation.estimate
        ? await text(signal, say(bi('How long does that take (e.g. 5m)?', '需要多长时间（如 5m）？')))
        : null;
      const rating = situation.rate ? await rate(signal) : null;
      return {
        played: true,
        answer,
        answeredBy: who,
        rating,
        ratedBy: rating === null ? null : who,
        estimateMs: estimate === null ? null : parseDuration(estimate),
      };
    },
  };
  async function rate(signal: AbortSignal): Promise<1 | 3 | 5 | null> {
    return ask<1 | 3 | 5>(signal, (p) =>
      p.select<1 | 3 | 5>({
        message: say(bi('Evaluator: how good was the answer?', '评估员：回答质量如何？')),
        signal,
        options: [
          { value: 5, label: say(bi('5 good', '5 好')) },
          { value: 3, label: say(bi('3 fair', '3 一般')) },
          { value: 1, label: say(bi('1 weak', '1 差')) },
        ],
      }),
    );
  }
}
