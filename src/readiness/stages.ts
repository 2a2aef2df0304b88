/** The three stages of seed §9.3, derived from the answers: which one is reached, and the next step to take. */
import { type Bilingual, bi } from '../core/text.js';
import type { Answer } from './answer.js';
import type { ReadinessEvidence } from './evidence.js';

export interface Stage {
  readonly number: 1 | 2 | 3;
  readonly title: Bilingual;
  readonly steps: readonly { readonly text: Bilingual; readonly answer: Answer }[];
}

export interface StageFinding {
  /** The last stage of which every step is a yes; 0 = none. */
  readonly reached: 0 | 1 | 2 | 3;
  readonly stages: readonly Stage[];
  /** Null = all three are reached. */
  readonly next: Bilingual | null;
}

export type AnswerOf = (question: number) => Answer;

export function stageOf(answer: AnswerOf, evidence: ReadinessEvidence): StageFinding {
  const stages: readonly Stage[] = [
    {
      number: 1,
      title: bi('basic backups', '建立基础备份'),
      steps: [
        { text: bi('back up on schedule (question 1)', '按计划备份（问题 1）'), answer: answer(1) },
        { text: bi('keep at least the last 7 days', '保留最近 7 天'), answer: keepsAWeek(evidence) },
        {
          text: bi(
            'learn to restore: a partial or full-flow drill (question 6)',
            '学会恢复：局部或全流程演练（问题 6）',
          ),
          answer: answer(6),
        },
      ],
    },
    {
      number: 2,
      title: bi('redundancy', '增加冗余保护'),
      steps: [
        {
          text: bi('take increments between the full backups', '用增量备份优化空间'),
          answer: takesIncrements(evidence),
        },
        { text: bi('copy to a second store', '复制到第二处存储'), answer: onSeveralTiers(evidence) },
        {
          text: bi('verify every chain automatically (question 2)', '自动校验每条备份链（问题 2）'),
          answer: answer(2),
        },
      ],
    },
    {
      number: 3,
      title: bi('disaster recovery', '容灾能力建设'),
      steps: [
        { text: bi('keep copies in another place (question 3)', '异地保存副本（问题 3）'), answer: answer(3) },
        {
          text: bi('decide the switch by the tree, in a drill (question 10)', '在演练中按决策树切换（问题 10）'),
          answer: answer(10),
        },
        { text: bi('drill every quarter (question 13)', '每季度演练（问题 13）'), answer: answer(13) },
      ],
    },
  ];
  const open = stages.findIndex(({ steps }) => steps.some((step) => step.answer !== 'yes'));
  const reached = open === -1 ? 3 : stages[open - 1]?.number;
  return {
    reached: reached ?? 0,
    stages,
    next: stages[open]?.steps.find((step) => step.answer !== 'yes')?.text ?? null,
  };
}

const WEEK_MS = 7 * 86_400_000;

/** An archive that old is the proof; younger ones alone prove nothing. */
function keepsAWeek({ tiers, nowMs }: ReadinessEvidence): Answer {
  const times = tiers.flatMap(({ archives }) => (archives.read ? archives.value.map(({ takenMs }) => takenMs) : []));
  if (times.length === 0) return 'unknown';
  // The oldest one is up to a day younger than what was removed last.
  if (nowMs - Math.min(...times) >= WEEK_MS - 86_400_000) return 'yes';
  return tiers.every(({ archives }) => archives.read) ? 'no' : 'unknown';
}

function takesIncrements({ tiers }: ReadinessEvidence): Answer {
  const archives = tiers.flatMap(({ archives: of }) => (of.read ? of.value : []));
  if (archives.some(({ type }) => type === 'incremental')) return 'yes';
  return archives.length === 0 || tiers.some(({ archives: of }) => !of.read) ? 'unknown' : 'no';
}

function onSeveralTiers({ tiers }: ReadinessEvidence): Answer {
  if (tiers.filter(({ archives }) => archives.read && archives.value.length > 0).length > 1) return 'yes';
  return tiers.length > 1 && tiers.some(({ archives }) => !archives.read) ? 'unknown' : 'no';
}
