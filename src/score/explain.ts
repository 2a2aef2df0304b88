import type { Score, ScoreCriterion } from '../core/result.js';
import { bi, type Lang, textIn } from '../core/text.js';

const WORDS = {
  head: bi('Points lost, and why', '失分及原因'),
  none: bi('No assessable point was lost.', '可评分项未失分。'),
  lost: bi('lost', '失分'),
  assessed: bi('of', '/'),
  evidence: bi('evidence: events', '证据：事件'),
  'not-assessed': bi('not assessed', '未评定'),
  'not-applicable': bi('not applicable', '不适用'),
  rule: bi('rule', '规则'),
} as const;

/** Event numbers shown a criterion; `result.json` has all of them. */
const MOST_SHOWN = 12;

/** Every point that was not earned, with its reason, rule and evidence; then the sum, so that it can be redone. */
export function explain(score: Score, lang: Lang): string {
  const word = (name: keyof typeof WORDS): string => textIn(WORDS[name], lang);
  const criteria = score.dimensions.flatMap((dimension) => dimension.criteria);
  const short = criteria.filter((c) => c.state !== 'assessed' || c.earned < c.possible);
  const line = (criterion: ScoreCriterion): string => {
    const { id, title, earned, possible, state, reason, rule, source, evidence } = criterion;
    const points =
      state === 'assessed'
        ? `−${round1(possible - earned)} (${earned} ${word('assessed')} ${possible})`
        : `${word(state)} (${possible})`;
    const more = evidence.length > MOST_SHOWN ? ` … (${evidence.length})` : '';
    const proof =
      evidence.length === 0 ? '' : `\n    ${word('evidence')} ${evidence.slice(0, MOST_SHOWN).join(', ')}${more}`;
    return `  ${id} · ${title[lang]} · ${points}\n    ${reason[lang]}\n    ${word('rule')} (${source}): ${rule[lang]}${proof}`;
  };
  const percent = score.percent === null ? '' : ` = ${score.percent} / 100`;
  const sum = `${score.earned} / ${score.assessable}${percent} (${score.rubric})`;
  return [word('head'), ...(short.length === 0 ? [`  ${word('none')}`] : short.map(line)), sum].join('\n');
}

const round1 = (points: number): number => Math.round(points * 10) / 10;
