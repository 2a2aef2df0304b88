import type { DrillKind } from '../../core/drill.js';
import type { Result, ResultObjective } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import { count, formatNumber, span, spanWithError } from '../text/format.js';
import { type VerdictWord, verdictWord } from '../text/verdict-word.js';
import { ANSWER, KIND, type Mark, OBJECTIVE, OPERATION, plain, VERDICT } from '../text/words.js';
import { type Cell, cell, code, type Facts } from './model.js';

/** The first screen. */
export interface VerdictView {
  readonly word: VerdictWord;
  readonly headline: Bilingual;
  readonly validity: Bilingual;
  readonly because: readonly Cell[];
  readonly score: Bilingual;
  readonly objectives: readonly ObjectiveCard[];
  readonly questions: readonly { readonly question: Bilingual; readonly mark: Mark; readonly outcome: Cell }[];
  readonly facts: readonly { readonly label: Bilingual; readonly cell: Cell }[];
}

export interface ObjectiveCard {
  readonly title: Bilingual;
  readonly value: Bilingual;
  readonly target: Bilingual;
  readonly mark: Mark;
}

export function verdictView({ result, dates }: Facts): VerdictView {
  return {
    word: verdictWord(result),
    headline: result.headline,
    validity: validityText(result),
    because: [
      ...result.invalidBecause.map((reason) => cell(reason.text, { evidence: reason.evidence })),
      ...(result.endedEarly === null ? [] : [cell(result.endedEarly)]),
    ],
    score: scoreText(result),
    objectives: result.objectives.map((objective) => objectiveCard(objective, result)),
    questions: (result.questions ?? []).map((row) => ({
      question: row.question,
      mark: ANSWER[row.answer],
      outcome: cell(row.outcome, { evidence: row.evidence }),
    })),
    facts: [
      { label: bi('Kind', '类型'), cell: cell(KIND[result.drill.kind]) },
      { label: bi('Incident level', '事件级别'), cell: cell(result.drill.level) },
      { label: bi('Environment', '环境'), cell: environmentCell(result) },
      { label: bi('Target', '目标'), cell: targetCell(result) },
      { label: bi('Started', '开始'), cell: cell(dates.full(result.startedAt)) },
      { label: bi('Ended', '结束'), cell: cell(dates.full(result.endedAt)) },
      { label: bi('Time zone', '时区'), cell: cell(result.timeZone) },
      { label: bi('Run', '运行编号'), cell: code(result.runId) },
    ],
  };
}

const validityText = ({ valid }: Result): Bilingual =>
  valid
    ? bi('This run is valid: what it measured may be judged.', '本次运行有效：测得的结果可用于评判。')
    : bi(
        'This run is not valid: what it measured is shown, but neither judged nor scored.',
        '本次运行无效：测得的结果仅供查看，不作评判，也不评分。',
      );

const sentence = ({ en, zh }: Bilingual): Bilingual =>
  bi(`${en.charAt(0).toUpperCase()}${en.slice(1).replace(/\.$/, '')}.`, `${zh.replace(/。$/, '')}。`);

export function scoreText({ score, noScore }: Result): Bilingual {
  if (score === null) return sentence(noScore ?? bi('no score', '未评分'));
  const parts = `${formatNumber(score.earned, 1)} / ${formatNumber(score.assessable, 1)}`;
  if (score.percent === null) {
    const why = sentence(noScore ?? bi('too few points could be assessed', '可评的分数太少'));
    return bi(`${parts} assessable points. ${why.en}`, `可评分数 ${parts}。${why.zh}`);
  }
  const percent = formatNumber(score.percent, 1);
  return bi(
    `${parts} assessable points = ${percent} of 100; pass mark ${score.passMark}`,
    `可评分数 ${parts}，折合 ${percent}／100；及格线 ${score.passMark}`,
  );
}

function environmentCell({ environment }: Result): Cell {
  const production = environment.production ? bi(' (production)', '（生产）') : bi('', '');
  return cell(bi(`${environment.name}${production.en}`, `${environment.name}${production.zh}`));
}

function targetCell({ environment: { target } }: Result): Cell {
  if (target === null) return cell(bi('none: no registry is touched', '无：不触碰注册中心'));
  const nodes = target.nodes.length;
  return cell(
    bi(`${target.product} ${target.version}, ${nodes} nodes`, `${target.product} ${target.version}，${nodes} 个节点`),
  );
}

const objectiveCard = (objective: ResultObjective, result: Result): ObjectiveCard => ({
  title: objectiveTitle(objective, result.drill.kind),
  value: measuredText(objective),
  target: targetText(objective),
  mark: verdictMark(objective, result),
});

/** What a run that is not valid measured is shown, and judged neither way. */
export const verdictMark = ({ verdict }: ResultObjective, { valid }: Result): Mark =>
  valid || verdict === 'unknown' ? VERDICT[verdict] : plain(bi('not judged', '不作评判'));

const ESTIMATED = bi('Estimated recovery time (RTO)', '估计恢复时间（RTO）');

/** In a tabletop nothing recovers: its recovery time is what the players estimate. */
export function objectiveTitle({ id, operation }: ResultObjective, kind: DrillKind): Bilingual {
  const title = id === 'rto' && kind === 'tabletop' ? ESTIMATED : OBJECTIVE[id];
  const named = operationName(operation);
  return named === null ? title : bi(`${title.en}, ${named.en}`, `${title.zh}·${named.zh}`);
}

function operationName(operation: string | undefined): Bilingual | null {
  if (operation === undefined) return null;
  return operation === 'register' || operation === 'renew' || operation === 'discover'
    ? OPERATION[operation]
    : bi(operation, operation);
}

export function measuredText(objective: ResultObjective): Bilingual {
  if (objective.id === 'rpo.records') return count(objective.measured ?? null);
  return spanWithError(objective.measuredMs ?? null, objective.errorMs ?? null);
}

export function targetText(objective: ResultObjective): Bilingual {
  const limit = objective.id === 'rpo.records' ? count(objective.limit ?? null) : span(objective.limitMs ?? null);
  return bi(`at most ${limit.en}`, `不超过 ${limit.zh}`);
}
