/** The answers file of a review: everything that the prompts ask, for where nobody can be asked. */
import { InputError, invariant } from '../core/errors.js';
import { CHANGED_THINGS, type ReviewBody } from '../core/review.js';
import { boolean, complain, line, mapped, nameOf, type Shape } from '../core/shape.js';
import { list, object, optional, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { type InputFile, inOrder, openYaml } from '../core/yaml-document.js';
import { checkDraft, type ReviewDraft, type ReviewFacts } from './check.js';

const word = line(bi('a text', '文本'));

/** Throws InputError with every problem of the file. */
export function readReviewAnswers(input: InputFile, facts: ReviewFacts): readonly ReviewBody[] {
  const { document } = openYaml(input);
  const read = answersShape(facts).read({ document, path: [], value: document.value });
  if (document.problems.length > 0) throw new InputError(inOrder(document.problems));
  invariant(read !== undefined, 'answers without problems were not read');
  const { rootCauses = [], actions = [], changed = [], kept = [], milestones = [], attendance = [] } = read;
  return [...rootCauses, ...actions, ...changed, ...kept, ...milestones, ...attendance];
}

function answersShape(facts: ReviewFacts) {
  const entry = <T>(shape: Shape<T>, draftOf: (value: T) => ReviewDraft): Shape<ReviewBody> =>
    mapped(shape, (value, place) => {
      const checked = checkDraft(draftOf(value), facts);
      return 'body' in checked ? checked.body : complain(place, checked.wrong);
    });
  const of = (one: Shape<ReviewBody>) => list(one, bi('a list', '列表'));
  return object(
    {
      rootCauses: optional(
        of(entry(rootCause, (value) => ({ type: 'root-cause', ...value }))),
        'root causes',
        '根本原因',
      ),
      actions: optional(
        of(entry(action, ({ do: what, ...rest }) => ({ type: 'action', action: what, ...rest }))),
        'an action per issue',
        '每个问题的改进措施',
      ),
      changed: optional(of(entry(changed, (value) => ({ type: 'changed', ...value }))), 'what was changed', '变更内容'),
      kept: optional(
        of(entry(word, (text) => ({ type: 'kept', text }))),
        'what is kept as a standard',
        '固化为标准的做法',
      ),
      milestones: optional(
        of(entry(milestone, ({ id, at }) => ({ type: 'milestone', milestone: id, at }))),
        'milestones reached after the run',
        '运行结束后达成的里程碑',
      ),
      attendance: optional(
        of(
          entry(attendee, ({ name, present = true, ...rest }) => ({
            type: 'attended',
            person: name,
            present,
            ...rest,
          })),
        ),
        'who took part in the review',
        '复盘参加人员',
      ),
    },
    bi(
      'a review { rootCauses, actions, changed, kept, milestones, attendance }',
      '复盘 { rootCauses, actions, changed, kept, milestones, attendance }',
    ),
  );
}

const rootCause = object(
  {
    issue: optional(word, 'the issue (left out: the run as a whole)', '问题编号（省略：针对整次运行）'),
    text: required(word, 'the cause', '原因'),
  },
  bi('a root cause { issue, text }', '根本原因 { issue, text }'),
);
const action = object(
  {
    issue: required(word, 'the issue', '问题编号'),
    do: required(word, 'what is done about it', '采取的措施'),
    owner: optional(word, 'who does it (left out: the owner of the issue)', '负责人（省略：问题的负责人）'),
    due: optional(word, 'until when (left out: the issue’s deadline)', '截止时间（省略：问题的期限）'),
  },
  bi('an action { issue, do, owner, due }', '改进措施 { issue, do, owner, due }'),
);
const changed = object(
  {
    what: required(
      nameOf(CHANGED_THINGS, bi('a changed thing', '变更对象')),
      CHANGED_THINGS.join(', '),
      CHANGED_THINGS.join('、'),
    ),
    text: required(word, 'what was changed', '变更内容'),
    where: optional(word, 'document and place in it', '文档及章节'),
  },
  bi('a change { what, text, where }', '变更 { what, text, where }'),
);
const milestone = object(
  {
    id: required(word, 'a milestone that the run left open', '运行后仍未达成的里程碑'),
    at: required(word, 'when it was reached', '达成时间'),
  },
  bi('a milestone { id, at }', '里程碑 { id, at }'),
);
const attendee = object(
  {
    name: required(word, 'who', '姓名'),
    role: optional(word, 'role of the drill or the recovery plan', '演练或预案中的角色'),
    present: optional(boolean, 'false: invited and absent', 'false：受邀但缺席'),
  },
  bi('a person { name, role, present }', '人员 { name, role, present }'),
);
