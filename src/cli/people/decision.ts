import type { DecisionAsked, DecisionWord } from '../../core/decision.js';
import type { DecisionAnswer } from '../../core/plan-decision.js';
import { type Bilingual, bi } from '../../core/text.js';
import { type Asker, ask, askText, speakerFor } from './ask.js';

const ANSWER_WORDS: Readonly<Record<DecisionAnswer, Bilingual>> = {
  yes: bi('yes', '是'),
  no: bi('no', '否'),
  unknown: bi('not known', '未知'),
};

/** Shows the way through the tree, and asks whether its outcome stands. Another one needs a reason. */
export async function askDecision(asker: Asker, asked: DecisionAsked, signal: AbortSignal): Promise<DecisionWord> {
  const { ctx } = asker;
  const who = await speakerFor(asker, asked.by, signal);
  if (who === null) return NOT_ANSWERED;
  const { note } = await import('@clack/prompts');
  const lines = asked.path.map(
    ({ ask: question, answer, why }) => `${ctx.say(question)} ${ctx.say(ANSWER_WORDS[answer])} (${ctx.say(why)})`,
  );
  note(lines.join('\n'), ctx.say(asked.title));
  const chosen = await ask<string>(signal, (prompts) =>
    prompts.select<string>({
      message: ctx.say(
        bi(`The tree says ${asked.outcome}. What is done?`, `决策树的结果是 ${asked.outcome}。决定采取什么行动？`),
      ),
      signal,
      initialValue: asked.outcome,
      options: asked.outcomes.map(({ id, title }) => ({ value: id, label: `${id}: ${ctx.say(title)}` })),
    }),
  );
  if (chosen === null) return NOT_ANSWERED;
  if (chosen === asked.outcome) return { said: 'agreed', answeredBy: who };
  const needed = bi('An override needs a reason.', '改判必须写明理由。');
  const reason = await askText(signal, ctx.say(bi('Why?', '理由是什么？')), (text) =>
    text.trim() === '' ? ctx.say(needed) : undefined,
  );
  return reason === null ? NOT_ANSWERED : { said: 'instead', outcome: chosen, reason, answeredBy: who };
}

const NOT_ANSWERED: DecisionWord = {
  said: 'nothing',
  why: bi('the question was not answered', '问题未被回答'),
};
