/** Objectives and what they cost (seed §7), and what restores usually take (§5.2). */
import type { ObjectivePreset, RestoreEstimate, RpoClass, RtoClass } from '../core/recovery-plan.js';
import { complain, duration, mapped, type Shape, text } from '../core/shape.js';
import { list, object, optional, recordOf, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { identifier, size, span } from './words.js';

const rpo = duration({ minMs: 0 });

const preset: Shape<ObjectivePreset> = mapped(
  object(
    {
      title: required(text, 'what it is meant for', '适用对象'),
      rto: required(span, 'recovery time objective', '恢复时间目标'),
      rpo: required(rpo, 'recovery point objective', '恢复点目标'),
      cost: optional(text, 'cost against a plain set-up, and complexity', '相对基础方案的成本与复杂度'),
    },
    bi('a preset { title, rto, rpo }', '目标预设 { title, rto, rpo }'),
  ),
  ({ rto: rtoMs, rpo: rpoMs, ...rest }) => ({ ...rest, rtoMs, rpoMs }),
);

export const presets = recordOf(preset, {
  key: identifier,
  what: bi('objective presets by name', '以名称为键的目标预设'),
});

const rtoClass: Shape<RtoClass> = mapped(
  object(
    {
      rto: required(span, 'recovery time objective', '恢复时间目标'),
      means: required(text, 'how it is reached', '技术方案'),
      cost: required(text, 'against a plain set-up', '相对基础方案的成本'),
      complexity: required(text, 'how complex it is', '复杂度'),
    },
    bi('a class { rto, means, cost, complexity }', '档位 { rto, means, cost, complexity }'),
  ),
  ({ rto: rtoMs, ...rest }) => ({ rtoMs, ...rest }),
);

const rpoClass: Shape<RpoClass> = mapped(
  object(
    {
      rpo: required(rpo, 'recovery point objective', '恢复点目标'),
      means: required(text, 'how it is reached', '技术方案'),
    },
    bi('a class { rpo, means }', '档位 { rpo, means }'),
  ),
  ({ rpo: rpoMs, means }) => ({ rpoMs, means }),
);

export const objectiveClasses = object(
  {
    rto: required(list(rtoClass, bi('a list of classes', '档位列表'), 1), 'of recovery time', '恢复时间档位'),
    rpo: required(list(rpoClass, bi('a list of classes', '档位列表'), 1), 'of recovery point', '恢复点档位'),
  },
  bi('classes { rto, rpo }', '档位 { rto, rpo }'),
);

const restoreEstimate: Shape<RestoreEstimate> = mapped(
  object(
    {
      upTo: optional(size, 'largest size of this row; absent: any larger one', '该行的最大数据量；缺省为更大的任意值'),
      from: required(text, 'from where', '恢复来源'),
      least: required(span, 'the least it takes', '最短耗时'),
      most: required(span, 'the most it takes', '最长耗时'),
    },
    bi('an estimate { upTo, from, least, most }', '估算 { upTo, from, least, most }'),
  ),
  ({ upTo, from, least, most }, place) =>
    least <= most
      ? { upToBytes: upTo ?? null, from, leastMs: least, mostMs: most }
      : complain(place, bi('“least” is longer than “most”', '“least”大于“most”')),
);

export const restoreEstimates = list(restoreEstimate, bi('a list of estimates', '估算列表'), 1);
