import { JUDGED_OPERATIONS } from '../core/drill.js';
import { duration, integer, isMapValue, nameOf, type Shape } from '../core/shape.js';
import { object, optional } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { anyDuration, name, share, stepId } from './words.js';

const rpoFields = object(
  {
    time: optional(
      duration({ minMs: 0 }),
      'oldest acknowledged write that may be lost',
      '允许丢失的最早已确认写入距今的时间',
    ),
    records: optional(
      integer(0, 1_000_000_000),
      'how many acknowledged writes may be lost',
      '允许丢失的已确认写入条数',
    ),
  },
  bi('a duration, or { time, records }', '时长，或 { time, records }'),
);

const rpo: Shape<{ readonly time?: number; readonly records?: number }> = {
  get schema() {
    return { anyOf: [anyDuration.schema, rpoFields.schema] };
  },
  read: (place) => {
    if (isMapValue(place.value)) return rpoFields.read(place);
    const time = duration({ minMs: 0 }).read(place);
    return time === undefined ? undefined : { time };
  },
};

export const objectives = object(
  {
    preset: optional(name, 'objectives of the recovery plan by name', '恢复预案中的目标预设'),
    rto: optional(anyDuration, 'recovery time objective', '恢复时间目标（RTO）'),
    rpo: optional(
      rpo,
      'recovery point objective: a duration, or { time, records }',
      '恢复点目标（RPO）：时长，或 { time, records }',
    ),
    operation: optional(
      nameOf(JUDGED_OPERATIONS, bi('an operation', '操作')),
      'what the RTO is judged on; default: the slower of register and discover',
      'RTO 按哪种操作判定；默认取 register 与 discover 中较慢者',
    ),
    step: optional(
      stepId,
      'the inject step that the RTO is judged on; default: the worst',
      'RTO 按哪个 inject 步骤判定；默认取最差者',
    ),
    stableFor: optional(
      anyDuration,
      'recovered once it stays good for so long; default 5s',
      '持续正常达到此时长才算恢复；默认 5s',
    ),
    requiredRate: optional(
      share,
      'share of good answers that counts as good; default 99%',
      '视为正常的成功率；默认 99%',
    ),
  },
  bi('objectives { preset, rto, rpo, … }', '目标 { preset, rto, rpo, … }'),
);
