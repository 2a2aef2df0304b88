import type { DrillKind } from '../../core/drill.js';
import type { Measurements, ObjectiveMeasurement } from '../../core/measurement.js';
import { type Bilingual, bi } from '../../core/text.js';
import { count, formatNumber, span, spanWithError } from '../text/format.js';
import { verdictWord } from '../text/verdict-word.js';
import type { Sources } from './build.js';

/** The run in one sentence: for the first line of the page, a notification, a subject line. */
export function headline(sources: Sources): Bilingual {
  const verdict = verdictWord(sources).text;
  const parts = sources.measurements.validity.valid
    ? [
        ...sources.measurements.objectives.map((objective) => objectiveClause(objective, sources.opened.drill.kind)),
        ...lossClause(sources.measurements),
        scoreClause(sources),
      ]
    : [invalidClause(sources.measurements)];
  const said = [...parts, ...untouched(sources), ...cleanClause(sources.measurements)];
  return bi(
    `${verdict.en}. ${said.map((p) => capital(p.en)).join('. ')}.`,
    `${verdict.zh}：${said.map((p) => p.zh).join('；')}。`,
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, '');

function invalidClause({ validity, run }: Measurements): Bilingual {
  const [first] = validity.because;
  if (first !== undefined) return bi(first.text.en, first.text.zh.replace(/。$/, ''));
  return run.endedEarly
    ? bi('the run ended early and has no verdict', '运行提前结束，没有结论')
    : bi('the run has no verdict', '本次运行没有结论');
}

function objectiveClause(objective: ObjectiveMeasurement, kind: DrillKind): Bilingual {
  if (objective.measured === null) {
    return objective.id === 'rto'
      ? bi(`recovery: ${objective.why.en}`, `恢复：${objective.why.zh.replace(/。$/, '')}`)
      : bi(`data loss: ${objective.why.en}`, `数据丢失：${objective.why.zh.replace(/。$/, '')}`);
  }
  if (objective.id === 'rpo.records') return lostClause(objective.measured, objective.limit);
  const limit = span(objective.limit);
  if (objective.id === 'rpo.time') {
    const lost = span(objective.measured);
    return bi(`time of data lost ${lost.en} (target ${limit.en})`, `数据丢失时长 ${lost.zh}（目标 ${limit.zh}）`);
  }
  const took = spanWithError(objective.measured, objective.error);
  if (kind === 'tabletop') {
    return bi(`recovery estimated at ${took.en} (target ${limit.en})`, `恢复时间估计为 ${took.zh}（目标 ${limit.zh}）`);
  }
  return bi(`recovered in ${took.en} (target ${limit.en})`, `恢复用时 ${took.zh}（目标 ${limit.zh}）`);
}

/** A loss is told even where no objective judges it. */
const lossClause = ({ loss, objectives }: Measurements): readonly Bilingual[] =>
  loss === null || objectives.some((objective) => objective.id === 'rpo.records')
    ? []
    : [lostClause(loss.records, null)];

function lostClause(lost: number, limit: number | null): Bilingual {
  if (lost === 0) return bi('no acknowledged record was lost', '已确认的写入无一丢失');
  const amount = formatNumber(lost);
  const target =
    limit === null ? bi('', '') : bi(` (target at most ${count(limit).en})`, `（目标不超过 ${count(limit).zh} 条）`);
  return bi(
    `${amount} acknowledged ${lost === 1 ? 'record was' : 'records were'} lost${target.en}`,
    `丢失 ${amount} 条已确认的写入${target.zh}`,
  );
}

function scoreClause({ score, noScore }: Sources): Bilingual {
  if (score === null || score.percent === null) return noScore ?? bi('no score', '未评分');
  const points = formatNumber(score.percent, 1);
  return bi(`${points} of 100 points (pass mark ${score.passMark})`, `得分 ${points}／100（及格线 ${score.passMark}）`);
}

const untouched = ({ exitCode }: Sources): readonly Bilingual[] =>
  exitCode === 4 ? [bi('nothing was broken', '没有注入任何故障')] : [];

function cleanClause({ residue }: Measurements): readonly Bilingual[] {
  if (residue.left.length === 0) return [];
  const left = formatNumber(residue.left.length);
  return [bi(`${left} of its changes still on`, `仍有 ${left} 处改动未撤销`)];
}
