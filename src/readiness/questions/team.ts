/** 16: whether the team knows the process: by what it did, never by what it says of itself. */
import { bi } from '../../core/text.js';
import { type Answered, allOf, answered, type Question, unread } from '../answer.js';
import type { RunRecord } from '../evidence.js';

/** Seed §8.1 holds 80 % against 0 %: what a rehearsed team reaches. */
const LEAST_ON_TIME = 0.8;
/** Ratings are 1, 3 and 5. */
const LEAST_RATING = 3;

export const team: Question = {
  number: 16,
  group: 'drill',
  ask: bi('Does the team know the process?', '团队是否熟悉流程？'),
  answer: ({ runs }) => {
    if (!runs.read) return unread(runs);
    // Answers out of a file prove the tool, not people.
    const byPeople = runs.value.filter(({ valid, scripted }) => valid && !scripted);
    return allOf([
      rated(
        byPeople.findLast(({ ratings }) => ratings.length > 0),
        runs.where,
      ),
      onTime(
        byPeople.findLast((run) => run.onTime.of > 0),
        runs.where,
      ),
    ]);
  },
};

function rated(run: RunRecord | undefined, where: string): Answered {
  if (run === undefined)
    return answered(
      'unknown',
      bi('no answer of people in a tabletop was rated', '没有桌面推演对人员的回答做过评分'),
      where,
    );
  const mean = run.ratings.reduce<number>((sum, rating) => sum + rating, 0) / run.ratings.length;
  const text = bi(
    `${run.ratings.length} answers rated ${mean.toFixed(1)} of 5 in ${run.drill}`,
    `${run.drill} 中 ${run.ratings.length} 个回答平均 ${mean.toFixed(1)} 分（满分 5）`,
  );
  return answered(mean >= LEAST_RATING ? 'yes' : 'no', text, run.where);
}

function onTime(run: RunRecord | undefined, where: string): Answered {
  if (run === undefined)
    return answered('unknown', bi('no run has timed what people did', '没有运行记录过人员操作的用时'), where);
  const { kept, of } = run.onTime;
  const percent = Math.round((kept / of) * 100);
  const text = bi(
    `${kept} of ${of} steps and milestones of people in time (${percent} %) in ${run.drill}`,
    `${run.drill} 中人员步骤与里程碑 ${of} 项按时完成 ${kept} 项（${percent}%）`,
  );
  return answered(kept / of >= LEAST_ON_TIME ? 'yes' : 'no', text, run.where);
}
