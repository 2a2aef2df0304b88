import type { Roles } from '../../core/drill.js';
import { parseDuration } from '../../core/duration.js';
import type { ManualAnswer, People, SituationAnswer } from '../../core/services.js';
import { bi } from '../../core/text.js';
import type { Context } from '../context.js';
import { type Asker, ask, askText, speakerFor } from './ask.js';
import { askDecision } from './decision.js';
import { askRating } from './rating.js';

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
  decision: async () => ({
    said: 'nothing',
    why: bi(
      'nobody could be asked: no terminal and no answers file (--answers)',
      '无人可问：没有终端，也没有答案文件（--answers）',
    ),
  }),
};

/** Asks at the terminal, where `who` sits. What others say is recorded under the name of whoever spoke for the role. */
export function terminalPeople(ctx: Context, who: string, roles: Roles): People {
  const asker: Asker = { ctx, who, roles, speakers: new Map() };
  return {
    scripted: false,
    answersAs: who,
    manual: (question, signal) => askManual(asker, question, signal),
    document: (question, signal) => askDocument(asker, question, signal),
    situation: (question, signal) => askSituation(asker, question, signal),
    decision: (question, signal) => askDecision(asker, question, signal),
  };
}

async function askManual(
  asker: Asker,
  question: Parameters<People['manual']>[0],
  signal: AbortSignal,
): Promise<ManualAnswer> {
  const { ctx } = asker;
  const who = await speakerFor(asker, question.by, signal);
  const message = `[${question.by ?? who}] ${ctx.say(question.text)}`;
  const done =
    who === null
      ? null
      : await ask<boolean>(signal, (prompts) => prompts.confirm({ message, signal, ...yesOrNo(ctx) }));
  if (who === null || done === null)
    return { answered: false, why: bi('the question was not answered', '问题未被回答') };
  const note = question.evidence === null ? null : await askText(signal, ctx.say(question.evidence));
  return { answered: true, done, note: note === '' ? null : note, answeredBy: who };
}

const yesOrNo = (ctx: Context) => ({ active: ctx.say(bi('yes', '是')), inactive: ctx.say(bi('no', '否')) });

type DocumentAnswer = 'yes' | 'no' | 'unknown';

async function askDocument(
  asker: Asker,
  { document, exists, by }: Parameters<People['document']>[0],
  signal: AbortSignal,
): ReturnType<People['document']> {
  const { ctx } = asker;
  const who = await speakerFor(asker, by, signal);
  const found = exists === null ? bi('', '') : exists ? bi(' (found)', '（存在）') : bi(' (NOT FOUND)', '（不存在）');
  const answer = await ask<DocumentAnswer>(signal, (prompts) =>
    prompts.select<DocumentAnswer>({
      message: `${ctx.say(document.title)}${ctx.say(found)}${ctx.say(bi(': ', '：'))}${ctx.say(document.question)}`,
      signal,
      options: [
        { value: 'yes', label: ctx.say(bi('yes', '是')) },
        { value: 'no', label: ctx.say(bi('no', '否')) },
        { value: 'unknown', label: ctx.say(bi('not known', '不清楚')) },
      ],
    }),
  );
  const why = bi('What is wrong or missing?', '有什么问题或缺失？');
  const note = answer === null || answer === 'yes' ? null : await askText(signal, ctx.say(why));
  return { answer: answer ?? 'unknown', note: note === '' ? null : note, answeredBy: who ?? asker.who };
}

async function askSituation(
  asker: Asker,
  { situation, by }: Parameters<People['situation']>[0],
  signal: AbortSignal,
): Promise<SituationAnswer> {
  const { ctx } = asker;
  const who = await speakerFor(asker, by, signal);
  if (who === null) return { played: false, why: 'no answer was given at the terminal', answeredBy: asker.who };
  const { note } = await import('@clack/prompts');
  const when = situation.at === undefined ? '' : `${situation.at} `;
  const channel = situation.channel === undefined ? '' : `[${ctx.say(situation.channel)}] `;
  note(ctx.say(situation.tell), `${when}${channel}→ ${by ?? who}`);
  const answer = await askText(
    signal,
    ctx.say(bi('What do you do? (empty: not played)', '你们怎么做？（留空：不推演）')),
  );
  if (answer === null || answer.trim() === '')
    return { played: false, why: await askWhyNot(asker, signal), answeredBy: who };
  const estimateMs = situation.estimate ? await askEstimate(asker, signal) : null;
  if (situation.rate) note(ctx.say(situation.expected), ctx.say(bi('Expected', '预期回答')));
  const rated = situation.rate ? await askRating(asker, who, signal) : null;
  const { rating = null, ratedBy = null } = rated ?? {};
  return { played: true, answer, answeredBy: who, rating, ratedBy, estimateMs };
}

async function askWhyNot({ ctx }: Asker, signal: AbortSignal): Promise<string> {
  const why = await askText(signal, ctx.say(bi('Why is it not played?', '为何不推演？')));
  return why === null || why.trim() === '' ? 'no answer was given at the terminal' : why;
}

/** A time that cannot be read would cost the whole recovery time: it is asked for again. */
async function askEstimate({ ctx }: Asker, signal: AbortSignal): Promise<number | null> {
  const readable = bi('Write a time such as 90s, 5m or 1h30m.', '请填写时长，例如 90s、5m 或 1h30m。');
  const estimate = await askText(
    signal,
    ctx.say(bi('How long does that take (e.g. 5m)?', '需要多长时间（如 5m）？')),
    (text) => (parseDuration(text.trim()) === null ? ctx.say(readable) : undefined),
  );
  return estimate === null ? null : parseDuration(estimate.trim());
}
