/** Who does what by when (seed §6.1, §6.2), and whom else to call. */
import { parseDuration } from '../core/duration.js';
import type { Contact, Milestone, ThirdParty } from '../core/recovery-plan.js';
import { complain, line, mapped, type Shape, text } from '../core/shape.js';
import { list, object, optional, recordOf, required } from '../core/shape-object.js';
import { word } from '../core/shape-words.js';
import { bi } from '../core/text.js';
import { identifier, isoDate } from './words.js';

const role = object(
  { title: required(text, 'name of the role', '角色名称'), duty: required(text, 'what it does', '职责') },
  bi('a role { title, duty }', '角色 { title, duty }'),
);

export const roles = recordOf(role, { key: identifier, what: bi('roles by name', '以名称为键的角色') });

const contact: Shape<Contact> = object(
  {
    name: required(word, 'who', '姓名'),
    role: required(identifier, 'a role of this plan', '本预案中的角色'),
    reach: required(word, 'telephone, chat or mail', '电话、即时通讯或邮箱'),
    confirmedAt: optional(isoDate, 'when this was last confirmed', '最近一次确认的日期'),
  },
  bi('a contact { name, role, reach }', '联系人 { name, role, reach }'),
);

export const contacts = list(contact, bi('a list of contacts', '联系人列表'));

const thirdParty: Shape<ThirdParty> = object(
  {
    name: required(word, 'who', '名称'),
    for: required(text, 'what they help with', '可提供的支持'),
    reach: required(word, 'telephone, chat or mail', '电话、即时通讯或邮箱'),
    confirmedAt: optional(isoDate, 'when this was last confirmed', '最近一次确认的日期'),
  },
  bi('a third party { name, for, reach }', '第三方 { name, for, reach }'),
);

export const thirdParties = list(thirdParty, bi('a list of third parties', '第三方列表'));

export const confirmed = object(
  {
    at: required(isoDate, 'the day', '日期'),
    by: required(word, 'who read it', '确认人'),
  },
  bi('a confirmation { at, by }', '确认 { at, by }'),
);

/** `T+10m` says when; `T+0` is the alarm. */
const milestoneId = line(bi('a milestone like T+0, T+5m or T+2h', '里程碑，例如 T+0、T+5m 或 T+2h'), {
  pattern: '^T\\+(?:0|\\d+(?:ms|s|m|h|d))$',
});

const action = object(
  {
    title: required(text, 'what is done', '要做的事'),
    by: required(identifier, 'the role that does it', '执行的角色'),
  },
  bi('an action { title, by }', '动作 { title, by }'),
);

const milestone: Shape<Milestone> = mapped(
  object(
    {
      id: required(milestoneId, 'time since the alarm', '自告警起的时间'),
      title: required(text, 'what has happened by then', '此时应已发生的事'),
      by: optional(identifier, 'the role that answers for it', '负责的角色'),
      actions: optional(
        list(action, bi('a list of actions', '动作列表'), 1),
        'what is then done, all side by side',
        '随后并行执行的动作',
      ),
    },
    bi('a milestone { id, title }', '里程碑 { id, title }'),
  ),
  ({ id, ...rest }, place) => {
    const atMs = id === 'T+0' ? 0 : parseDuration(id.slice(2));
    return atMs === null
      ? complain(place, bi('this milestone has no time', '该里程碑没有时间'))
      : { id, atMs, ...rest };
  },
);

export const milestones = list(milestone, bi('a list of milestones', '里程碑列表'), 1);
