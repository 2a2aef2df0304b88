import { parseDuration } from '../../core/duration.js';
import type { ManualAnswer, People, SituationAnswer } from '../../core/services.js';
import { bi } from '../../core/text.js';
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
  const asker: Asker = { ctx, who };
  return {
    scripted: false,
    answersAs: who,
    manual: (question, signal) => askManual(asker, question, signal),
    document: (question, signal) => askDocument(asker, question, signal),
    situation: (question, signal) => askSituation(asker, question, signal),
  };
}

interface Asker {
  readonly ctx: Context;
  readonly who: string;
}

/** Null = not answered: the drill was stopped, or the person pressed Ctrl-C or Esc. */
async function ask<T extends string | number | boolean>(
  signal: AbortSignal,
  question: (prompts: Prompts) => Promise<T | symbol>,
): Promise<T | null> {
  const prompts = await import('@clack/prompts');
  if (signal.aborted) return null;
  const answer = await question(prompts);
  return typeof answer === 'symbol' ? null : answer;
}

const askText = (signal: AbortSignal, message: string): Promise<string | null> =>
  ask<string>(signal, (prompts) => prompts.text({ message, signal }));

async function askManual(
  { ctx, who }: Asker,
  question: Parameters<People['manual']>[0],
  signal: AbortSignal,
): Promise<ManualAnswer> {
  const message = `[${question.by ?? who}] ${ctx.say(question.text)}`;
  const done = await ask<boolean>(signal, (prompts) => prompts.confirm({ message, signal }));
  if (done === null) return { answered: false, why: bi('the question was not answered', '问题未被回答') };
  const note = question.evidence === null ? null : await askText(signal, ctx.say(question.evidence));
  return { answered: true, done, note: note === '' ? null : note, answeredBy: who };
}

type DocumentAnswer = 'yes' | 'no' | 'unknown';

async function askDocument(
  { ctx, who }: Asker,
  { document, exists }: Parameters<People['document']>[0],
  signal: AbortSignal,
): ReturnType<People['document']> {
  const found = exists === null ? bi('', '') : exists ? bi(' (found)', '（存在）') : bi(' (NOT FOUND)', '（不存在）');
  const answer = await ask<DocumentAnswer>(signal, (prompts) =>
    prompts.select<DocumentAnswer>({
      message: `${ctx.say(document.title)}${ctx.say(found)}: ${ctx.say(document.question)}`,
      signal,
      options: [
        { value: 'yes', label: ctx.say(bi('yes', '是')) },
        { value: 'no', label: ctx.say(bi('no', '否')) },
        { value: 'unknown', label: ctx.say(bi('not known', '不清楚')) },
      ],
    }),
  );
  return { answer: answer ?? 'unknown', note: null, answeredBy: who };
}

async function askSituation(
  asker: Asker,
  { situation }: Parameters<People['situation']>[0],
  signal: AbortSignal,
): Promise<SituationAnswer> {
  const { ctx, who } = asker;
  const channel = situation.channel === undefined ? '' : ` [${ctx.say(situation.channel)}]`;
  const told = `${situation.at ?? ''}${channel} ${ctx.say(situation.tell)}`;
  const answer = await askText(signal, `${told}\n${ctx.say(bi('What do you do?', '你们怎么做？'))}`);
  if (answer === null || answer === '')
    return { played: false, why: 'no answer was given at the terminal', answeredBy: who };
  const estimate = situation.estimate
    ? await askText(signal, ctx.say(bi('How long does that take (e.g. 5m)?', '需要多长时间（如 5m）？')))
    : null;
  const rating = situation.rate ? await askRating(asker, signal) : null;
  const estimateMs = estimate === null ? null : parseDuration(estimate);
  return { played: true, answer, answeredBy: who, rating, ratedBy: rating === null ? null : who, estimateMs };
}

const askRating = ({ ctx }: Asker, signal: AbortSignal): Promise<1 | 3 | 5 | null> =>
  ask<1 | 3 | 5>(signal, (prompts) =>
    prompts.select<1 | 3 | 5>({
      message: ctx.say(bi('Evaluator: how good was the answer?', '评估员：回答质量如何？')),
      signal,
      options: [
        { value: 5, label: ctx.say(bi('5 good', '5 好')) },
        { value: 3, label: ctx.say(bi('3 fair', '3 一般')) },
        { value: 1, label: ctx.say(bi('1 weak', '1 差')) },
      ],
    }),
  );
