import type { DegradationMeasurement } from '../../core/measurement.js';
import type { Result } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import { formatNumber, moment, span } from '../text/format.js';
import { good, type Mark, OPERATION, plain, SERVED_BY, unsure, warn } from '../text/words.js';
import { type Block, cell, column, EVIDENCE_COLUMN, type Facts, marked, proof, type Section } from './model.js';

/** What the degradation levels kept working and what they cost; only where the drill used one. */
export function degradationSection({ result }: Facts): readonly Section[] {
  if (result.degradations.length === 0) return [];
  const blocks = [note, levelsTable(result), servedTable(result)];
  return [{ id: 'degradation', title: bi('Degradation', '业务降级'), blocks }];
}

const note: Block = {
  kind: 'text',
  text: bi(
    'What applications got at a level says nothing of the registry: beside them the drill went on asking the registry itself, and only those answers count for its recovery time.',
    '应用在降级期间得到的结果不代表注册中心：演练在旁边继续直接询问注册中心，只有这些应答计入其恢复时间。',
  ),
};

const levelsTable = ({ degradations }: Result): Block => ({
  kind: 'table',
  caption: bi('Levels: how soon, and what they cost', '各级别：到达时间与代价'),
  columns: [
    column('Level', '级别'),
    column('From', '起', { number: true }),
    column('To', '止', { number: true }),
    column('Reached after', '到达用时', { number: true }),
    column('Plan', '预案', { number: true }),
    column('In time', '是否按时'),
    column('Oldest list', '最旧列表', { number: true }),
    column('New ones not seen', '看不到的新实例', { number: true }),
    column('Listed but gone', '已失效的地址', { number: true }),
    column('Loses', '损失', { wide: true }),
    EVIDENCE_COLUMN,
  ],
  rows: degradations.map((stay) => [
    cell(bi(`${stay.level} ${stay.title.en}`, `${stay.level} ${stay.title.zh}`)),
    cell(moment(stay.enteredMs)),
    cell(stay.leftMs === null ? bi('the end', '结束') : moment(stay.leftMs)),
    stay.reachMs === null ? cell('–') : cell(span(stay.reachMs), { note: FROM[stay.reachFrom] }),
    cell(stay.planMs === null ? '–' : span(stay.planMs)),
    marked(timeMark(stay)),
    cell(stay.staleMs === null ? '–' : span(stay.staleMs)),
    cell(orDash(stay.unseen)),
    cell(orDash(stay.gone)),
    cell(stay.loses),
    proof(stay.evidence),
  ]),
  empty: bi('No level was entered.', '没有进入任何级别。'),
});

const FROM: Readonly<Record<DegradationMeasurement['reachFrom'], Bilingual>> = {
  fault: bi('since the fault', '自故障起'),
  step: bi('since the step began', '自步骤开始起'),
};

const orDash = (count: number | null): string => (count === null ? '–' : formatNumber(count));

function timeMark({ inTime, servedMs, planMs }: DegradationMeasurement): Mark {
  if (servedMs === null) return unsure(bi('nothing was served', '未提供任何服务'));
  if (planMs === null) return plain(bi('the plan names no time', '预案未规定时间'));
  return inTime === true ? good(bi('yes', '是')) : warn(bi('late', '超时'));
}

const servedTable = ({ degradations }: Result): Block => ({
  kind: 'table',
  caption: bi('What still worked at each level', '各级别下仍可用的操作'),
  columns: [
    column('Level', '级别'),
    column('Operation', '操作'),
    column('Served by', '由谁提供'),
    column('Attempts', '尝试', { number: true }),
    column('Succeeded', '成功', { number: true }),
  ],
  rows: degradations.flatMap((stay) => [
    ...stay.applications.map((row) => [
      cell(String(stay.level)),
      cell(OPERATION[row.operation]),
      cell(SERVED_BY[row.servedBy]),
      cell(formatNumber(row.attempts)),
      cell(formatNumber(row.ok)),
    ]),
    ...stay.registry.map((row) => [
      cell(String(stay.level)),
      cell(OPERATION[row.operation]),
      cell(bi('the registry, asked by the drill', '注册中心（由演练询问）')),
      cell(formatNumber(row.attempts)),
      cell(formatNumber(row.ok)),
    ]),
  ]),
  empty: bi('Nothing was tried.', '没有任何尝试。'),
});
