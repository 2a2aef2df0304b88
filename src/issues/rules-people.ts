import { flatSteps, type PhaseName } from '../core/drill.js';
import { bi } from '../core/text.js';
import { fine, type IssueRule, type Judgement } from './rule.js';

const PHASE_ZH: Readonly<Record<PhaseName, string>> = {
  prepare: '准备',
  kickoff: '启动',
  execute: '执行',
  verify: '验证',
  review: '总结',
};

/** Rules about people, documents, decisions and the contents of the phases. */
export const PEOPLE_RULES: readonly IssueRule[] = [
  {
    id: 'decision-without-decider',
    priority: 'P1',
    retestable: false,
    judge: ({ m }) =>
      m.problems
        .filter((problem) => problem.solvedMs !== null)
        .filter((problem) => problem.decision === null || problem.decision.by.trim() === '')
        .map((problem): Judgement => {
          const title = bi('solved without a decider on record', '问题已解决，但没有记录决策人');
          return { found: true, step: problem.id, title, detail: problem.title, evidence: problem.evidence };
        }),
  },
  {
    id: 'wrong-person',
    priority: 'P2',
    judge: ({ m }) => {
      if (m.people.scripted) return [];
      return m.people.manual.flatMap(({ step, by, answeredBy, rightPerson, evidence }): readonly Judgement[] => {
        if (rightPerson === null) return [];
        if (rightPerson) return [fine(step)];
        const title = bi(`step ${step} was not done by its role`, `步骤 ${step} 不是由指定角色完成`);
        const detail = bi(`for ${by}, answered by ${answeredBy}`, `应由 ${by}，实际由 ${answeredBy} 完成`);
        return [{ found: true, step, title, detail, evidence }];
      });
    },
  },
  {
    id: 'role-unfilled',
    priority: 'P2',
    judge: ({ opened }) => {
      const { assigned, unavailable } = opened.drill.roles;
      const named = new Set(flatSteps(opened.drill).flatMap(({ step }) => (step.by === undefined ? [] : [step.by])));
      return Object.entries(assigned)
        .filter(([role]) => named.has(role))
        .map(([role, people]): Judgement => {
          if (people.some((person) => !unavailable.includes(person))) return fine(role);
          const title = bi(`nobody available for the role ${role}`, `角色 ${role} 无人可用`);
          const names = people.join(', ');
          const detail = bi(`unavailable: ${names}`, `不可用：${names}`);
          return { found: true, step: role, title, detail, evidence: [opened.seq] };
        });
    },
  },
  {
    id: 'document-outdated',
    priority: 'P2',
    judge: ({ m }) =>
      m.people.documents.map((document): Judgement => {
        const { step, title: what, path, exists, question, answer, note, evidence } = document;
        const key = `${step}/${what.en}`;
        if (exists !== false && answer === 'yes') return fine(key);
        const title = bi(`document out of date or unclear: ${what.en}`, `文档过期或不清晰：${what.zh}`);
        const gone = exists === false ? bi(`${path} does not exist; `, `${path} 不存在；`) : bi('', '');
        const said = note === null ? answer : `${answer} (${note})`;
        const detail = bi(`${gone.en}${question.en} – ${said}`, `${gone.zh}${question.zh} – ${said}`);
        return { found: true, step: key, title, detail, evidence };
      }),
  },
  {
    id: 'situation-weak',
    priority: 'P2',
    judge: ({ m }) => {
      if (m.people.scripted) return [];
      return m.people.situations.flatMap((situation): readonly Judgement[] => {
        if (situation.rating === null) return [];
        if (situation.rating !== 1) return [fine(situation.step)];
        const title = bi(`weak answer to situation ${situation.step}`, `情景 ${situation.step} 应对薄弱`);
        const detail = bi(`expected: ${situation.expected.en}`, `期望：${situation.expected.zh}`);
        return [{ found: true, step: situation.step, title, detail, evidence: situation.evidence }];
      });
    },
  },
  {
    id: 'situation-not-played',
    priority: 'P2',
    judge: ({ m }) =>
      m.people.situations.map((situation): Judgement => {
        if (situation.played) return fine(situation.step);
        const title = bi(`situation ${situation.step} was not played`, `情景 ${situation.step} 未推演`);
        const reason = situation.notPlayedBecause ?? '–';
        return { found: true, step: situation.step, title, detail: bi(reason, reason), evidence: situation.evidence };
      }),
  },
  {
    id: 'phase-incomplete',
    priority: 'P2',
    judge: ({ m }) => {
      if (m.run.endedEarly) return [];
      return m.contents.map(({ id, phase, text, present, evidence }): Judgement => {
        if (present) return fine(id);
        const title = bi(`left out in phase ${phase}: ${text.en}`, `${PHASE_ZH[phase]}阶段遗漏：${text.zh}`);
        const detail = bi('a drill of this kind contains it (seed §8.3)', '此类演练应包含该内容（种子 §8.3）');
        return { found: true, step: id, title, detail, evidence };
      });
    },
  },
  {
    id: 'problem-recorded',
    priority: 'P2',
    retestable: false,
    judge: ({ m }) =>
      m.problems
        .filter((problem) => problem.openedBy !== 'firedrill')
        .map(({ id, title, priority, solution, evidence }): Judgement => {
          const detail =
            solution === null
              ? bi('not solved in the drill', '演练中未解决')
              : bi(
                  `solved in the drill: ${solution.en}; its root cause is open`,
                  `演练中已解决：${solution.zh}；根本原因待查`,
                );
          return { found: true, step: id, title, detail, evidence, priority };
        }),
  },
  {
    id: 'could-be-automated',
    priority: 'P3',
    judge: ({ m }) =>
      m.steps
        .filter((step) => step.phase === 'execute' && step.outcome === 'pass')
        .map((step): Judgement => {
          if (step.verb !== 'manual' || step.by !== 'technical') return fine(step.id);
          const title = bi(`manual step ${step.id} could be automated`, `人工步骤 ${step.id} 可以自动化`);
          const detail = bi('done by hand during the recovery', '恢复过程中由人工完成');
          return { found: true, step: step.id, title, detail, evidence: step.evidence };
        }),
  },
];
