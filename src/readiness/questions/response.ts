/** 9, 10: levels that are complete, and a decision tree that was used. */
import { LEVELS, type Level } from '../../core/drill.js';
import { type Bilingual, bi, bilingual, type Text } from '../../core/text.js';
import { answered, planPlace, type Question, showTime, unread } from '../answer.js';
import type { ReadinessEvidence } from '../evidence.js';
import { isPlaceholder } from '../placeholder.js';

export const graded: Question = {
  number: 9,
  group: 'plan',
  ask: bi('Is there a graded response?', '是否有分级响应机制？'),
  answer: (evidence) => {
    const where = planPlace(evidence);
    const lacks = LEVELS.flatMap((level) => lacksOf(level, evidence));
    if (lacks.length > 0) {
      const list = (lang: 'en' | 'zh'): string => lacks.map((text) => text[lang]).join('; ');
      return answered('no', bi(list('en'), list('zh')), where);
    }
    return evidence.planFile === null
      ? answered(
          'unknown',
          bi('these are the built-in levels: nobody has made them their own', '这是内置的级别：尚无人采用为自己的预案'),
          where,
        )
      : answered(
          'yes',
          bi(
            'P0 to P3 each have a response time, a recovery target and an owner',
            'P0 到 P3 均有响应时间、恢复目标与负责人',
          ),
          where,
        );
  },
};

function lacksOf(level: Level, { plan }: ReadinessEvidence): readonly Bilingual[] {
  const { owner, responseMs, recoveryTargetMs } = plan.levels[level];
  const graver = LEVELS.slice(0, LEVELS.indexOf(level));
  return [
    ...(isUnnamed(owner) ? [bi(`${level} has no owner`, `${level} 没有负责人`)] : []),
    ...(responseMs === null && plan.workingHours === undefined
      ? [
          bi(
            `${level} responds within working hours, which the plan does not tell`,
            `${level} 在工作时间内响应，但预案未写明工作时间`,
          ),
        ]
      : []),
    ...graver
      .filter((worse) => plan.levels[worse].recoveryTargetMs > recoveryTargetMs)
      .map((worse) => bi(`${worse} may take longer than ${level}`, `${worse} 的恢复目标比 ${level} 更长`)),
  ];
}

const isUnnamed = (text: Text): boolean => Object.values(bilingual(text)).some(isPlaceholder);

export const decided: Question = {
  number: 10,
  group: 'plan',
  ask: bi('Is there a clear decision flow?', '是否有明确的决策流程？'),
  answer: (evidence) => {
    const { plan, runs } = evidence;
    if (Object.keys(plan.decision ?? {}).length === 0) {
      return answered('no', bi('the plan has no decision tree', '预案中没有决策树'), planPlace(evidence));
    }
    if (!runs.read) return unread(runs);
    const used = runs.value.findLast((run) => run.decided.length > 0);
    return used === undefined
      ? answered(
          'unknown',
          bi('the plan has a decision tree; no recorded run has used it', '预案中有决策树；尚无运行使用过它'),
          runs.where,
        )
      : answered(
          'yes',
          bi(
            `the decision tree was used in ${used.drill}, ${showTime(used.startedMs)}`,
            `决策树已在 ${used.drill} 中使用（${showTime(used.startedMs)}）`,
          ),
          used.where,
        );
  },
};
