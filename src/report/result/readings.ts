import type { Measurements } from '../../core/measurement.js';
import type { Score } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import type { Sources } from './build.js';
import { undoneAtTheEnd } from './questions.js';

/** A reading of the seed (plan-data.md), and when it decided something in a run. */
interface Reading {
  readonly decided: (sources: Sources) => boolean;
  readonly text: Bilingual;
}

const objective = (m: Measurements, id: string) => m.objectives.find((candidate) => candidate.id === id);
const criteria = (score: Score | null) => (score?.dimensions ?? []).flatMap((dimension) => dimension.criteria);

const READINGS: readonly Reading[] = [
  {
    decided: ({ measurements: m }) =>
      objective(m, 'rto') !== undefined && m.faults.some((fault) => fault.scope === 'data' && fault.confirmed),
    text: bi(
      'In a drill that loses data, recovery ends when discovery is complete again, not when an empty registry accepts writes.',
      '在会丢失数据的演练中，恢复以“发现”重新完整为终点，而不是空的注册中心能够接受写入。',
    ),
  },
  {
    decided: ({ measurements: m }) => objective(m, 'rto')?.verdict === 'borderline',
    text: bi(
      'A recovery time within its own error of the limit is borderline: it passes, and gets the lower of the two grades.',
      '恢复时间与目标之差不超过自身误差即为临界：视为通过，但按两档中较低的一档给分。',
    ),
  },
  {
    decided: ({ measurements: m }) => m.loss !== null && m.loss.records > 0 && objective(m, 'rpo.records')?.limit === 0,
    text: bi(
      'With a target of no lost records, the grade "lost within RPO" is judged by time.',
      '当目标为零丢失时，“丢失在 RPO 之内”一档按时间判定。',
    ),
  },
  {
    decided: ({ measurements: m }) =>
      m.loss?.records === 0 &&
      [m.integrity.count, m.integrity.hash, m.integrity.functional].some((outcome) => outcome !== 'pass'),
    text: bi(
      'Full marks for data integrity need the checks by count, by hash and by function.',
      '数据完整性要得满分，数量、哈希和功能三项检查缺一不可。',
    ),
  },
  {
    decided: ({ measurements: m }) =>
      m.faults.some((fault) => undoneAtTheEnd(fault.revertedBy)) && m.recovery.some((row) => row.state !== 'recovered'),
    text: bi('What only the final undo repaired counts as not recovered.', '只靠最后的撤销才修好的，一律算作未恢复。'),
  },
  {
    decided: ({ measurements: m, score }) =>
      m.people.scripted && criteria(score).some((criterion) => criterion.state === 'not-assessed'),
    text: bi(
      'Scripted answers prove the tool, not people: points that depend on people are not assessed.',
      '脚本化的回答只能证明工具，不能证明人：取决于人的分项不予评分。',
    ),
  },
  {
    decided: ({ measurements: m, score }) =>
      m.problems.length === 0 && criteria(score).some((criterion) => criterion.state === 'not-applicable'),
    text: bi(
      'No problem was recorded: points for handling problems are not applicable, neither earned nor lost.',
      '未记录任何问题：问题处理的分数不适用，既不得分也不失分。',
    ),
  },
  {
    decided: ({ score }) => score !== null && score.percent === null,
    text: bi(
      'Too few points could be assessed for a total; only the parts are shown.',
      '可评的分数太少，不给总分，只列出各分项。',
    ),
  },
  {
    decided: ({ measurements: m }) => m.milestones.some((milestone) => milestone.state === 'open'),
    text: bi(
      'A milestone after the end of the run stays open until it is recorded.',
      '晚于运行结束的里程碑在记录之前保持“待记录”。',
    ),
  },
];

export const readings = (sources: Sources): readonly Bilingual[] =>
  READINGS.filter((reading) => reading.decided(sources)).map((reading) => reading.text);
