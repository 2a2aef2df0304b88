import type { Roles } from '../../core/drill.js';
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

/** Asks at the terminal, where `who` sits. What others say is recorded under the name of whoever spoke for the role. */
export function terminalPeople(ctx: Context, who: string, roles: Roles): People {
  const asker: Asker = { ctx, who, roles, speakers: new Map() };
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
  readonly roles: Roles;
  /** Role → who speaks for it: asked once a run. */
  readonly speakers: Map<string, string>;
}

/** Who answers a step: the person it names, else who speaks for the role; null = the question was not answered. */
async function speakerFor(asker: Asker, by: string | null, signal: AbortSignal): Promise<string | null> {
  const { ctx, who, roles, speakers } = asker;
  const holders = by !== null && Object.hasOwn(roles.assigned, by) ? (roles.assigned[by] ?? []) : [];
  if (by === null || holders.length === 0) return who;
  const known = speakers.get(by);
  if (known !== undefined) return known;
  const present = holders.filter((person) => !roles.unavailable.includes(person));
  const people = [...new Set([...present, who])];
  const absent = holders.filter((person) => !present.includes(person));
  const away = absent.length === 0 ? bi('', '') : bi(` (away: ${absent.join(', ')})`, `（缺席：${absent.join('、')}）`);
  const question = bi(`Who answers as ${by}?${away.en}`, `谁以 ${by} 的身份作答？${away.zh}`);
  const chosen = await ask<string>(signal, (prompts) =>
    prompts.select<string>({
      message: ctx.say(question),
      signal,
      options: people.map((person) => ({ value: person, label: person })),
    }),
  );
  if (chosen !== null) speakers.set(by, chosen);
  return chosen;
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

const askText = (
  signal: AbortSignal,
  message: string,
  problem: (answer: string) => string | undefined = () => undefined,
): Promise<string | null> =>
  ask<string>(signal, (prompts) => prompts.text({ message, signal, validate: (answer) => problem(answer ?? '') }));

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
  const rating = situation.rate ? await askRating(asker, signal) : null;
  return { played: true, answer, answeredBy: who, rating, ratedBy: rating === null ? null : asker.who, estimateMs };
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
