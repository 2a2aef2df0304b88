/** Incident levels P0 to P3 (seed §6.2, §8.4). */
import { LEVELS } from '../core/drill.js';
import type { LevelSpec } from '../core/recovery-plan.js';
import { mapped, type Shape, text } from '../core/shape.js';
import { object, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { durationOr, span } from './words.js';

const WORKING_HOURS = 'working-hours';

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

const [P0, P1, P2, P3] = LEVELS;

export const levels = object(
  {
    [P0]: required(level, 'fatal', '致命'),
    [P1]: required(level, 'serious', '严重'),
    [P2]: required(level, 'normal', '一般'),
    [P3]: required(level, 'minor', '轻微'),
  },
  bi('the levels P0 to P3', 'P0 到 P3 四个级别'),
);
