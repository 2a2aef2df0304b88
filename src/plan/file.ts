/** The recovery plan file: what it may say, read and published from one place. */
import { LEVELS } from '../core/drill.js';
import { parseDuration } from '../core/duration.js';
import type { Contact, LevelSpec, Milestone, ObjectivePreset, RecoveryPlan } from '../core/recovery-plan.js';
import { complain, duration, line, mapped, nameOf, type Shape, text, wrongType } from '../core/shape.js';
import { list, object, optional, recordOf, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';

const word = line(bi('a text', '文本'));
const identifier = line(bi('a name of letters, digits and dashes', '由字母、数字和短横线组成的名称'), {
  pattern: '^[A-Za-z0-9][A-Za-z0-9_-]*$',
  maxLength: 80,
});

const WORKING_HOURS = 'working-hours';
const span = duration();

/** A duration, or one of a few words that stand for something that is no fixed span. */
function durationOr<const W extends string>(words: readonly W[]): Shape<number | W> {
  const wanted = bi(`a duration like 30m, or ${words.join(', ')}`, `时长（例如 30m），或 ${words.join('、')}`);
  return {
    schema: { anyOf: [{ enum: [...words] }, span.schema] },
    read: (place) => {
      const known = words.find((name) => name === place.value);
      if (known !== undefined) return known;
      const ms = typeof place.value === 'string' ? parseDuration(place.value) : null;
      return ms === null ? wrongType(place, wanted) : span.read(place);
    },
  };
}

const response = object(
  {
    limit: required(
      durationOr<typeof WORKING_HOURS>([WORKING_HOURS]),
      `a duration, or ${WORKING_HOURS}`,
      `时长，或 ${WORKING_HOURS}（工作时间内）`,
    ),
    text: required(text, 'the same in words', '文字表述'),
  },
  bi('a response time { limit, text }', '响应时间 { limit, text }'),
);

const levelFields = {
  title: required(text, 'name of the level', '级别名称'),
  scope: required(text, 'what is hit', '影响范围'),
  response: required(response, 'how soon somebody acts', '响应时间'),
  recoveryTarget: required(span, 'how soon it works again', '恢复目标'),
  owner: required(text, 'who answers for it', '负责人'),
  deadline: required(
    durationOr<keyof typeof DEADLINES>(['1 month', 'none']),
    'by when a problem of this priority is solved, from the end of the run: a duration, 1 month, or none',
    '此优先级问题的解决期限（自运行结束起）：时长、1 month（一个自然月）或 none（不限）',
  ),
  example: required(text, 'an example and how it is handled', '示例与处理方式'),
};

const DEADLINES = { '1 month': { kind: 'month' }, none: { kind: 'none' } } as const;

const level: Shape<LevelSpec> = mapped(
  object(levelFields, bi('a level { title, scope, response, … }', '级别 { title, scope, response, … }')),
  ({ response: answer, recoveryTarget, deadline, ...texts }) => ({
    ...texts,
    responseMs: answer.limit === WORKING_HOURS ? null : answer.limit,
    response: answer.text,
    recoveryTargetMs: recoveryTarget,
    deadline: typeof deadline === 'number' ? { kind: 'span', ms: deadline } : DEADLINES[deadline],
  }),
);

const role = object(
  { title: required(text, 'name of the role', '角色名称'), duty: required(text, 'what it does', '职责') },
  bi('a role { title, duty }', '角色 { title, duty }'),
);

const isoDate = mapped(
  line(bi('a date like 2026-01-31', '日期，例如 2026-01-31'), { pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
  (value, place) => {
    const read = new Date(`${value}T00:00:00Z`);
    const real = !Number.isNaN(read.getTime()) && read.toISOString().startsWith(value);
    return real
      ? value
      : complain(place, bi(`${quoted(value)} is no date of the calendar`, `${quoted(value)}不是真实存在的日期`));
  },
);

const contact: Shape<Contact> = object(
  {
    name: required(word, 'who', '姓名'),
    role: required(identifier, 'a role of this plan', '本预案中的角色'),
    reach: required(word, 'telephone, chat or mail', '电话、即时通讯或邮箱'),
    confirmedAt: optional(isoDate, 'when this was last confirmed', '最近一次确认的日期'),
  },
  bi('a contact { name, role, reach }', '联系人 { name, role, reach }'),
);

/** `T+10m` says when; `T+0` is the alarm. */
const milestoneId = line(bi('a milestone like T+0, T+5m or T+2h', '里程碑，例如 T+0、T+5m 或 T+2h'), {
  pattern: '^T\\+(?:0|\\d+(?:ms|s|m|h|d))$',
});

const milestone: Shape<Milestone> = mapped(
  object(
    {
      id: required(milestoneId, 'time since the alarm', '自告警起的时间'),
      title: required(text, 'what has happened by then', '此时应已发生的事'),
    },
    bi('a milestone { id, title }', '里程碑 { id, title }'),
  ),
  ({ id, title }, place) => {
    const atMs = id === 'T+0' ? 0 : parseDuration(id.slice(2));
    return atMs === null ? complain(place, bi('this milestone has no time', '该里程碑没有时间')) : { id, atMs, title };
  },
);

const preset: Shape<ObjectivePreset> = mapped(
  object(
    {
      title: required(text, 'what it is meant for', '适用对象'),
      rto: required(span, 'recovery time objective', '恢复时间目标'),
      rpo: required(duration({ minMs: 0 }), 'recovery point objective', '恢复点目标'),
      cost: optional(text, 'cost against a plain set-up, and complexity', '相对基础方案的成本与复杂度'),
    },
    bi('a preset { title, rto, rpo }', '目标预设 { title, rto, rpo }'),
  ),
  ({ rto, rpo, ...rest }) => ({ ...rest, rtoMs: rto, rpoMs: rpo }),
);

const [P0, P1, P2, P3] = LEVELS;

export const planFile: Shape<RecoveryPlan> = object(
  {
    apiVersion: required(
      nameOf(['firedrill/v1'], bi('a version of this format', '格式版本')),
      'firedrill/v1',
      'firedrill/v1',
    ),
    version: required(word, 'version of this plan', '预案版本'),
    title: required(text, 'name of the plan', '预案名称'),
    levels: required(
      object(
        {
          [P0]: required(level, 'fatal', '致命'),
          [P1]: required(level, 'serious', '严重'),
          [P2]: required(level, 'normal', '一般'),
          [P3]: required(level, 'minor', '轻微'),
        },
        bi('the levels P0 to P3', 'P0 到 P3 四个级别'),
      ),
      'incident levels',
      '事件级别',
    ),
    roles: required(
      recordOf(role, { key: identifier, what: bi('roles by name', '以名称为键的角色') }),
      'roles',
      '角色',
    ),
    contacts: required(list(contact, bi('a list of contacts', '联系人列表')), 'who holds which role', '各角色的联系人'),
    milestones: required(
      list(milestone, bi('a list of milestones', '里程碑列表'), 1),
      'what has happened by when',
      '各时间点应达成的状态',
    ),
    presets: required(
      recordOf(preset, { key: identifier, what: bi('objective presets by name', '以名称为键的目标预设') }),
      'objectives that a drill may name',
      '演练可引用的目标预设',
    ),
  },
  bi('a recovery plan', '恢复预案'),
);
