import type { DecisionMeasurement, Evidence, Measurements } from '../../core/measurement.js';
import type { DecisionFact } from '../../core/plan-decision.js';
import type { Result } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import { span } from '../text/format.js';
import { ANSWER } from '../text/words.js';

type Question = NonNullable<Result['questions']>[number];

/** Seed §6.3: repair in place counts when it takes no longer than this. */
const REPAIR_LIMIT_MS = 15 * 60_000;

/** The three questions of seed §9.2, answered from what this run showed. */
export const threeQuestions = (measurements: Measurements): readonly Question[] => [
  withDecision(repairInPlace(measurements), decided(measurements, 'repairable-in-place')),
  withDecision(reliableBackup(measurements), decided(measurements, 'usable-backup')),
  withDecision(standbyReady, decided(measurements, 'standby-ready')),
];

type Decided = { readonly decision: DecisionMeasurement; readonly answer: DecisionMeasurement['answers'][number] };

/** What the newest decision found when it asked this; null = none asked. */
function decided({ decisions }: Measurements, fact: DecisionFact): Decided | null {
  const asked = decisions.flatMap((decision) =>
    decision.answers.filter((answer) => answer.fact === fact).map((answer) => ({ decision, answer })),
  );
  return asked.at(-1) ?? null;
}

/** What the run showed stands; where it could not show it, what a decision found does. Its outcome is told in any case. */
function withDecision(question: Question, found: Decided | null): Question {
  if (found === null) return question;
  const { decision, answer } = found;
  const came = decision.outcomeTitle;
  const told = bi(
    `At the decision ${decision.step}: ${ANSWER[answer.answer].text.en} (${answer.why.en}); it came to: ${came.en}.`,
    `决策 ${decision.step} 时：${ANSWER[answer.answer].text.zh}（${answer.why.zh}）；决策结果：${came.zh}。`,
  );
  const evidence = [...question.evidence, ...answer.evidence, ...decision.evidence.slice(-1)];
  if (question.answer === 'unknown') return { ...question, answer: answer.answer, outcome: told, evidence };
  return {
    ...question,
    outcome: bi(`${question.outcome.en} ${told.en}`, `${question.outcome.zh}${told.zh}`),
    evidence,
  };
}

function repairInPlace({ recovery, faults }: Measurements): Question {
  const question = bi('Can it be repaired in place within 15 minutes?', '15 分钟内能否原地修复？');
  const evidence = recovery.flatMap((row) => row.evidence);
  const answer = (value: Question['answer'], outcome: Bilingual): Question => ({
    question,
    answer: value,
    outcome,
    evidence,
  });
  const unlifted = faults.filter((fault) => fault.confirmed && undoneAtTheEnd(fault.revertedBy));
  if (recovery.some((row) => row.state === 'not-recovered') || unlifted.length > 0) {
    return answer('no', bi('The run did not recover by its own steps.', '演练自身的步骤未能恢复服务。'));
  }
  const times = recovery.map((row) => row.recoveryMs);
  if (times.length === 0) return answer('unknown', bi('No recovery was measured.', '未测得任何恢复。'));
  if (times.includes(null)) {
    return answer('unknown', bi('Not every recovery time could be measured.', '并非每项恢复时间都测得出来。'));
  }
  const worstMs = Math.max(...times.map((time) => time ?? 0));
  const worst = span(worstMs);
  return worstMs <= REPAIR_LIMIT_MS
    ? answer(
        'yes',
        bi(`Repair in place: the slowest recovery took ${worst.en}.`, `原地修复：最慢一次恢复用时 ${worst.zh}。`),
      )
    : answer('no', bi(`The slowest recovery took ${worst.en}.`, `最慢一次恢复用时 ${worst.zh}。`));
}

/** Only the final undo put it right: that is not a recovery (semantics.md, Recovery time). */
export const undoneAtTheEnd = (cause: string | null): boolean =>
  cause === 'final' || cause === 'stop' || cause === 'recover-command';

function reliableBackup({ restores, backups }: Measurements): Question {
  const question = bi('Is there a reliable backup?', '是否有可靠的备份？');
  const newest = restores.at(-1);
  if (newest === undefined) {
    const evidence: Evidence = backups.flatMap((backup) => backup.evidence);
    return {
      question,
      answer: 'unknown',
      outcome: bi(
        'No archive was restored in this run: a backup is proven by its restore.',
        '本次未恢复任何归档：备份要靠恢复来证明。',
      ),
      evidence,
    };
  }
  const outcomes = newest.substeps.map((substep) => substep.outcome);
  const evidence = newest.evidence;
  if (outcomes.includes('fail') || outcomes.includes('error')) {
    const outcome = bi('The restore failed: services would have to register again.', '恢复失败：只能让服务重新注册。');
    return { question, answer: 'no', outcome, evidence };
  }
  if (outcomes.length === 0 || outcomes.some((outcome) => outcome !== 'pass' && outcome !== 'not-applicable')) {
    const outcome = bi('The restore has steps without a known end.', '恢复过程中有步骤结果未知。');
    return { question, answer: 'unknown', outcome, evidence };
  }
  const outcome = bi(
    `Yes: ${newest.file} was checked, restored and verified.`,
    `有：${newest.file} 已校验、恢复并验证。`,
  );
  return { question, answer: 'yes', outcome, evidence };
}

const standbyReady: Question = {
  question: bi('Is a standby site ready?', '备用站点是否就绪？'),
  answer: 'unknown',
  outcome: bi('This drill has no standby site.', '本次演练没有备用站点。'),
  evidence: [],
};
