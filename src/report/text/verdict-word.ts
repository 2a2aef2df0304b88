import { EXIT_CODES, type ExitId } from '../../core/outcome.js';
import type { Result } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import { bad, good, type Mark, OUTCOME, unsure, warn } from './words.js';

export interface VerdictWord extends Mark {
  /** The outline of the large sign: each has its own. */
  readonly shape: 'circle-check' | 'octagon-cross' | 'triangle' | 'circle-question';
}

const word = (shape: VerdictWord['shape'], make: (text: Bilingual) => Mark, text: Bilingual): VerdictWord => ({
  ...make(text),
  shape,
});

const BY_EXIT: Readonly<Partial<Record<ExitId, VerdictWord>>> = {
  'still-on': word('octagon-cross', bad, bi('Still on', '改动未撤销')),
  'second-interrupt': word('triangle', warn, bi('Interrupted', '被中断')),
  stopped: word('triangle', warn, bi('Stopped', '被停止')),
  'not-valid': word('circle-question', unsure, bi('Not valid', '无效')),
  refused: word('triangle', warn, bi('Refused', '已拒绝')),
  missed: word('octagon-cross', bad, bi('Not passed', '未通过')),
  'output-failed': word('circle-check', good, bi('Passed', '通过')),
  passed: word('circle-check', good, bi('Passed', '通过')),
};

/** The one word of the first screen. The exit code decides, because it already knows what outweighs what. */
export function verdictWord(result: Pick<Result, 'exitCode' | 'outcome'>): VerdictWord {
  const row = EXIT_CODES.find((candidate) => candidate.code === result.exitCode);
  const known = row === undefined ? undefined : BY_EXIT[row.id];
  return known ?? { ...OUTCOME[result.outcome], shape: 'circle-question' };
}
