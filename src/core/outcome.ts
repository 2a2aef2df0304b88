import { type Bilingual, bi } from './text.js';

/** What became of a step, a check, a criterion or a run. Absence of evidence is `unknown`, never `pass`. */
export const OUTCOMES = ['error', 'fail', 'unknown', 'pass', 'skipped', 'not-applicable'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The worst outcome of a list, in the order of OUTCOMES. Nothing to judge is `unknown`. */
export function worstOutcome(outcomes: readonly Outcome[]): Outcome {
  return OUTCOMES.find((outcome) => outcomes.includes(outcome)) ?? 'unknown';
}

/** The only table of exit codes, in order of precedence: the first that is true decides. */
export const EXIT_CODES = [
  {
    code: 6,
    id: 'still-on',
    when: bi(
      'something that Firedrill changed is still on; run `firedrill recover`',
      '有 Firedrill 造成的改动尚未撤销；请运行 `firedrill recover`',
    ),
  },
  { code: 130, id: 'second-interrupt', when: bi('second interrupt', '第二次中断') },
  {
    code: 5,
    id: 'stopped',
    when: bi(
      'stopped after the first fault; undone and clean; the report is written',
      '首个故障之后被停止；已全部撤销且干净；报告已写出',
    ),
  },
  {
    code: 7,
    id: 'not-valid',
    when: bi(
      'ran to the end but is not valid: no confirmed effect, too few samples, an objective unknown, or an error of ours',
      '运行结束但无效：故障未确认生效、样本不足、目标未知或工具自身出错',
    ),
  },
  {
    code: 4,
    id: 'refused',
    when: bi(
      'refused before the first fault: pre-check, steady state, changed target, guard, lock',
      '首个故障之前被拒绝：预检、稳态、目标变化、保护或锁',
    ),
  },
  { code: 3, id: 'file-invalid', when: bi('the drill or plan file is not valid', '演练或预案文件无效') },
  { code: 2, id: 'usage', when: bi('wrong usage of the command line', '命令行用法错误') },
  {
    code: 1,
    id: 'missed',
    when: bi(
      'valid, and an objective missed, the score below the pass mark, or fewer than 60 points assessable; also the "no" of yes-or-no commands',
      '有效，但未达目标、低于及格线或可评分不足 60；也是是非类命令的“否”',
    ),
  },
  { code: 8, id: 'output-failed', when: bi('passed, but an output failed', '通过，但某个输出失败') },
  { code: 0, id: 'passed', when: bi('valid and passed', '有效且通过') },
] as const satisfies readonly { code: number; id: string; when: Bilingual }[];

export type ExitId = (typeof EXIT_CODES)[number]['id'];
export type ExitCode = (typeof EXIT_CODES)[number]['code'];

/** The exit code of the first true condition of EXIT_CODES; `passed` holds when nothing else does. */
export function exitCodeOf(conditions: ReadonlySet<ExitId>): ExitCode {
  return EXIT_CODES.find((row) => conditions.has(row.id))?.code ?? 0;
}
