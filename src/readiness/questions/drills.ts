/** 13, 14, 15: what the recorded runs and their issues say. */
import { periodOf } from '../../core/drill-calendar.js';
import { bi } from '../../core/text.js';
import { answered, type Question, showTime, unread } from '../answer.js';
import { zoneOf } from '../zone.js';

const NO_RUNS = bi('no run is recorded', '没有任何运行记录');

export const thisQuarter: Question = {
  number: 13,
  group: 'drill',
  ask: bi('Was there a drill this quarter?', '本季度是否演练过？'),
  answer: (evidence) => {
    const { runs, nowMs } = evidence;
    if (!runs.read) return unread(runs);
    const newest = runs.value.findLast(({ valid }) => valid);
    if (newest === undefined) {
      return runs.value.length === 0
        ? answered('unknown', NO_RUNS, runs.where)
        : answered(
            'no',
            bi(`none of ${runs.value.length} recorded runs is valid`, `${runs.value.length} 次运行记录均无效`),
            runs.where,
          );
    }
    const quarter = periodOf(nowMs, 'quarterly', zoneOf(evidence));
    const text = bi(
      `the last valid run is ${newest.drill}, ${showTime(newest.startedMs)}`,
      `最近一次有效运行是 ${newest.drill}（${showTime(newest.startedMs)}）`,
    );
    return answered(newest.startedMs >= quarter.startMs ? 'yes' : 'no', text, newest.where);
  },
};

export const solved: Question = {
  number: 14,
  group: 'drill',
  ask: bi('Were the problems of the last drill solved?', '上次演练问题是否解决？'),
  answer: ({ runs, issues, nowMs }) => {
    if (!runs.read) return unread(runs);
    if (!issues.read) return unread(issues);
    const ours = issues.value.filter(({ elsewhere }) => !elsewhere);
    if (runs.value.length === 0 && ours.length === 0) return answered('unknown', NO_RUNS, runs.where);
    const open = ours.filter((issue) => issue.open);
    const late = open.filter(({ dueMs }) => dueMs !== null && dueMs < nowMs);
    if (late.length === 0)
      return answered(
        'yes',
        bi(`${open.length} issues are open, none past due`, `${open.length} 个问题未关闭，均未过期`),
        issues.where,
      );
    const names = late
      .slice(0, 5)
      .map(({ id, priority }) => `${id} (${priority})`)
      .join(', ');
    return answered(
      'no',
      bi(`${late.length} issues are past due: ${names}`, `${late.length} 个问题已过期：${names}`),
      issues.where,
    );
  },
};

export const reported: Question = {
  number: 15,
  group: 'drill',
  ask: bi('Is there a summary report of the drill?', '是否有演练总结报告？'),
  answer: ({ runs }) => {
    if (!runs.read) return unread(runs);
    const last = runs.value.at(-1);
    if (last === undefined) return answered('unknown', NO_RUNS, runs.where);
    const where = last.where;
    if (!last.hasReport) return answered('no', bi('the last run has no report', '最近一次运行没有报告'), where);
    return last.signedBy === null
      ? answered(
          'no',
          bi('the report of the last run is not reviewed and signed by anybody', '最近一次运行的报告尚无人复盘并签字'),
          where,
        )
      : answered(
          'yes',
          bi(`the report of the last run is signed by ${last.signedBy}`, `最近一次运行的报告由 ${last.signedBy} 签字`),
          where,
        );
  },
};
