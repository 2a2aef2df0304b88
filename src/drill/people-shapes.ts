/** What a drill says to and about people: documents, situations, problems. */
import { type DocumentSpec, LEVELS, type ProblemSpec, type SituationSpec } from '../core/drill.js';
import { boolean, complain, mapped, nameOf, type Shape, text } from '../core/shape.js';
import { object, optional, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { stepId, word } from './words.js';

export const level = nameOf(LEVELS, bi('an incident level', '事件级别'));

export const document: Shape<DocumentSpec> = object(
  {
    title: required(text, 'name of the document', '文档名称'),
    path: optional(
      word,
      'path relative to the drill; its existence is checked',
      '相对于演练文件的路径；会检查其是否存在',
    ),
    question: required(text, 'what must be true of it', '需要确认的问题'),
  },
  bi('a document { title, question, path }', '文档 { title, question, path }'),
);

const situationFields = {
  tell: required(text, 'what the players are told', '告知参演者的内容'),
  at: optional(word, 'time in the story, such as T+5m', '情节中的时间，例如 T+5m'),
  channel: optional(text, 'by which channel they hear it', '通过什么渠道得知'),
  expected: required(text, 'what a good answer holds', '好的回答应包含的内容'),
  rate: optional(
    boolean,
    'the evaluator rates the answer 1, 3 or 5; default true',
    '由评估员按 1、3、5 评分；默认 true',
  ),
  estimate: optional(
    boolean,
    'the players estimate how long it takes; counts into the estimated recovery time; default false',
    '参演者估计所需时间，计入估计恢复时间；默认 false',
  ),
};

export const situation: Shape<SituationSpec> = mapped(
  object(situationFields, bi('a situation { tell, expected, … }', '情况 { tell, expected, … }')),
  ({ rate = true, estimate = false, ...rest }) => ({ ...rest, rate, estimate }),
);

const STATES = ['open', 'solved'] as const;
const FALLBACKS = ['worked', 'failed'] as const;

const decision = object(
  {
    by: required(stepId, 'role that decided', '做出决策的角色'),
    reason: required(text, 'why', '理由'),
  },
  bi('a decision { by, reason }', '决策 { by, reason }'),
);

const problemFields = {
  id: required(stepId, 'the same id opens and solves it', '用同一标识记录与解决'),
  title: required(text, 'the problem in a sentence', '一句话描述问题'),
  priority: required(level, 'priority of the problem', '问题优先级'),
  state: optional(nameOf(STATES, bi('a state', '状态')), 'open (default) or solved', 'open（默认）或 solved'),
  solution: optional(text, 'how it was solved', '解决办法'),
  fallback: optional(
    nameOf(FALLBACKS, bi('an outcome of a fallback', '后备方案的结果')),
    'a fallback or degradation was at hand: worked or failed',
    '有后备或降级方案：worked（有效）或 failed（无效）',
  ),
  decision: optional(decision, 'who decided, and why', '谁做的决策，理由是什么'),
};

export const problem: Shape<ProblemSpec> = mapped(
  object(problemFields, bi('a problem { id, title, priority, … }', '问题 { id, title, priority, … }')),
  ({ state = 'open', ...rest }, place) => {
    const tooEarly = (['solution', 'fallback', 'decision'] as const).filter((key) => rest[key] !== undefined);
    if (state === 'solved' || tooEarly.length === 0) return { ...rest, state };
    const keys = tooEarly.join(', ');
    return complain(
      place,
      bi(`${keys}: only of a solved problem`, `${keys}：仅用于已解决的问题`),
      bi('write “state: solved”, or leave them out', '请写“state: solved”，或删去这些键'),
    );
  },
);
