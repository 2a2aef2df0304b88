import type { CheckMeasurement } from '../../core/measurement.js';
import { type Bilingual, bi } from '../../core/text.js';
import { moment } from '../text/format.js';
import { OUTCOME } from '../text/words.js';
import { cell, code, column, EVIDENCE_COLUMN, type Facts, marked, proof, type Section } from './model.js';

const PLACE: Readonly<Record<CheckMeasurement['place'], Bilingual>> = {
  'steady-before': bi('steady state before', '稳态（之前）'),
  'steady-after': bi('steady state after', '稳态（之后）'),
  gate: bi('gate', '关口'),
  step: bi('step', '步骤'),
};

export const checksSection = ({ result }: Facts): Section => ({
  id: 'steady-state',
  title: bi('Steady state and checks', '稳态与检查'),
  blocks: [
    {
      kind: 'table',
      caption: bi('Every check in the order it was made', '按时间排列的全部检查'),
      columns: [
        column('When', '场合'),
        column('Check', '检查'),
        column('Must be', '应为'),
        column('Was', '实为'),
        column('Outcome', '结果'),
        column('At', '时刻', { number: true }),
        column('Detail', '说明', { wide: true }),
        EVIDENCE_COLUMN,
      ],
      rows: result.checks.map((check) => [
        check.step === null ? cell(PLACE[check.place]) : cell(PLACE[check.place], { note: bi(check.step, check.step) }),
        code(check.probe),
        cell(check.tolerance),
        cell(check.value),
        marked(OUTCOME[check.outcome]),
        cell(check.atMs === null ? bi('–', '–') : moment(check.atMs)),
        cell(check.detail),
        proof(check.evidence),
      ]),
      empty: bi('No check was made.', '没有做任何检查。'),
    },
  ],
});
