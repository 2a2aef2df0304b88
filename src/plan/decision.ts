/** The decision trees (seed §6.3). */
import { DECISION_FACTS, type DecisionQuestion, type DecisionTree } from '../core/plan-decision.js';
import { complain, mapped, nameOf, type Shape, text } from '../core/shape.js';
import { object, optional, recordOf, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { identifier, span } from './words.js';

const next = (en: string, zh: string) =>
  required(identifier, `${en}: a question or an outcome`, `${zh}：下一个问题或结论`);

const question: Shape<DecisionQuestion> = mapped(
  object(
    {
      ask: required(text, 'the question', '问题'),
      fact: required(
        nameOf(DECISION_FACTS, bi('a fact', '事实')),
        'what answers it: a live fact, or only a person',
        '由什么回答：实时事实，或仅由人员回答',
      ),
      within: optional(
        span,
        'of repairable-in-place: how long a repair may take',
        '用于 repairable-in-place：修复的时限',
      ),
      yes: next('if so', '是'),
      no: next('if not', '否'),
      unknown: next('if nobody can tell', '无法确定时'),
    },
    bi('a question { ask, fact, yes, no, unknown }', '问题 { ask, fact, yes, no, unknown }'),
  ),
  ({ ask, fact, within, yes, no, unknown }, place) => {
    const limited = fact === 'repairable-in-place';
    if (limited && within === undefined) return complain(place, NEEDS_LIMIT);
    if (!limited && within !== undefined) return complain(place, NO_LIMIT);
    const branches = { yes, no, unknown };
    return { ask, fact, branches, ...(within === undefined ? {} : { withinMs: within }) };
  },
);

const NEEDS_LIMIT = bi('the fact repairable-in-place needs “within”', '事实 repairable-in-place 需要“within”');
const NO_LIMIT = bi('only the fact repairable-in-place has “within”', '仅事实 repairable-in-place 可以有“within”');

const outcome = object(
  {
    title: required(text, 'what is done', '要做什么'),
    meaning: optional(text, 'what that means', '含义说明'),
  },
  bi('an outcome { title }', '结论 { title }'),
);

const tree: Shape<DecisionTree> = object(
  {
    title: required(text, 'what is decided', '决策内容'),
    by: required(identifier, 'the role that may override it', '可以推翻结论的角色'),
    start: required(identifier, 'the first question', '第一个问题'),
    questions: required(
      recordOf(question, { key: identifier, what: bi('questions by name', '以名称为键的问题') }),
      'the questions',
      '问题',
    ),
    outcomes: required(
      recordOf(outcome, { key: identifier, what: bi('outcomes by name', '以名称为键的结论') }),
      'where it ends',
      '结论',
    ),
  },
  bi('a decision tree { start, questions, outcomes, … }', '决策树 { start, questions, outcomes, … }'),
);

export const decision = recordOf(tree, { key: identifier, what: bi('decision trees by name', '以名称为键的决策树') });
