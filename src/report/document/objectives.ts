import { bi } from '../../core/text.js';
import { cell, code, column, EVIDENCE_COLUMN, type Facts, marked, proof, type Section } from './model.js';
import { measuredText, objectiveTitle, targetText, verdictMark } from './verdict.js';

export const objectivesSection = ({ result }: Facts): Section => ({
  id: 'objectives',
  title: bi('Objectives', '目标'),
  blocks: [
    ...(result.drill.why.hypothesis === null
      ? []
      : [
          {
            kind: 'text',
            text: bi(`Hypothesis: ${result.drill.why.hypothesis.en}`, `假设：${result.drill.why.hypothesis.zh}`),
          } as const,
        ]),
    {
      kind: 'table',
      caption: bi('Objectives, measured against their targets', '目标与实测'),
      columns: [
        column('Objective', '目标项'),
        column('Target', '目标值', { number: true }),
        column('Measured', '实测', { number: true }),
        column('Verdict', '结论'),
        column('Judged on', '判定依据'),
        column('Why', '原因', { wide: true }),
        EVIDENCE_COLUMN,
      ],
      rows: result.objectives.map((objective) => [
        cell(objectiveTitle(objective, result.drill.kind)),
        cell(targetText(objective)),
        cell(measuredText(objective)),
        marked(verdictMark(objective, result)),
        objective.step === undefined ? cell('–') : code(objective.step),
        cell(objective.why),
        proof(objective.evidence),
      ]),
      empty: bi('This drill sets no measurable objective.', '本次演练未设可测量的目标。'),
    },
  ],
});
