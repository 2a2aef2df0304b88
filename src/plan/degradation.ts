/** Degradation levels (seed §6.4). */
import {
  DEGRADATION_CLIENTS,
  DEGRADATION_LEVELS,
  type Degradation,
  type DegradationLevel,
  type DegradationNumber,
} from '../core/plan-decision.js';
import { complain, integer, mapped, nameOf, type Shape, text } from '../core/shape.js';
import { list, object, optional, required } from '../core/shape-object.js';
import { argv, word } from '../core/shape-words.js';
import { bi } from '../core/text.js';
import { span } from './words.js';

const number: Shape<DegradationNumber> = mapped(integer(1, DEGRADATION_LEVELS.length), (value) =>
  DEGRADATION_LEVELS.find((level) => level === value),
);

const programs = list(
  argv,
  bi('a list of programs, each a list [program, argument, …]', '程序列表，每项为 [程序, 参数, …]'),
);

const level: Shape<DegradationLevel> = mapped(
  object(
    {
      level: required(number, '1 is the lightest', '1 为最轻'),
      title: required(text, 'name of the level', '级别名称'),
      clients: required(
        nameOf(DEGRADATION_CLIENTS, bi('a way clients work', '客户端工作方式')),
        'how clients work then',
        '此时客户端的工作方式',
      ),
      means: required(text, 'what it means', '含义'),
      within: optional(span, 'time to reach it', '达到该级别的时间'),
      loses: required(text, 'what is lost meanwhile', '期间损失的功能'),
      for: optional(text, 'what it is for', '适用场景'),
      enter: optional(programs, 'your own programs that enter it, in order', '进入该级别的自有程序（按顺序执行）'),
      leave: optional(programs, 'your own programs that leave it, in order', '离开该级别的自有程序（按顺序执行）'),
    },
    bi('a level { level, title, clients, … }', '级别 { level, title, clients, … }'),
  ),
  ({ within, enter = [], leave = [], ...rest }, place) => {
    if (enter.length > 0 && leave.length === 0) return complain(place, NO_WAY_BACK);
    return { ...rest, enter, leave, ...(within === undefined ? {} : { withinMs: within }) };
  },
);

const NO_WAY_BACK = bi(
  'a level that is entered by programs needs programs that leave it',
  '有进入程序的级别必须有离开程序',
);

const fullRecovery = mapped(
  object(
    {
      within: required(span, 'time to reach it', '所需时间'),
      loses: required(text, 'what is lost', '损失的功能'),
      for: required(text, 'what it is for', '适用场景'),
    },
    bi('a full recovery { within, loses, for }', '完全恢复 { within, loses, for }'),
  ),
  ({ within, ...rest }) => ({ ...rest, withinMs: within }),
);

export const degradation: Shape<Degradation> = object(
  {
    coreServices: required(
      list(word, bi('a list of services', '服务列表')),
      'kept up at level 4; if they are down it is P0',
      '级别 4 时保障的服务；它们不可用即为 P0',
    ),
    levels: required(
      mapped(list(level, bi('a list of levels', '级别列表'), 1), (levels, place) =>
        levels.map((each) => each.level).join() === DEGRADATION_LEVELS.join()
          ? levels
          : complain(
              place,
              bi('the levels are 1, 2, 3 and 4, each once, in this order', '级别必须依次为 1、2、3、4，各一次'),
            ),
      ),
      'from the lightest to the heaviest',
      '从轻到重',
    ),
    fullRecovery: required(fullRecovery, 'for comparison', '用于对比'),
  },
  bi('a degradation { coreServices, levels, fullRecovery }', '降级 { coreServices, levels, fullRecovery }'),
);
