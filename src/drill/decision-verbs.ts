/** The verbs of deciding and degrading; their trees and levels are the recovery plan's. */
import { DEGRADATION_LEVELS, type DegradationNumber } from '../core/plan-decision.js';
import { type Shape, wrongType } from '../core/shape.js';
import { optional, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { type VerbSpec, verbSpec } from './verb.js';
import { stepId, word } from './words.js';

const OFF = 'off';

const level: Shape<{ readonly to: DegradationNumber | null }> = {
  schema: { enum: [...DEGRADATION_LEVELS, OFF] },
  read: (place) => {
    if (place.value === OFF || place.value === false) return { to: null };
    const known = DEGRADATION_LEVELS.find((number) => number === place.value);
    if (known !== undefined) return { to: known };
    const list = DEGRADATION_LEVELS.join(', ');
    return wrongType(place, bi(`a level (${list}) or off`, `级别（${list}）或 off`));
  },
};

export const decisionVerbs: readonly VerbSpec[] = [
  verbSpec({
    verb: 'decide',
    about: bi(
      'evaluates a decision tree of the recovery plan over what is seen now; later steps follow by “when: { decision, is }”; the role that the tree or “by” names may override on the terminal or in the answers file',
      '按当前实际情况执行恢复预案中的决策树；后续步骤用“when: { decision, is }”跟随其结果；决策树或“by”指定的角色可在终端或答案文件中改判',
    ),
    fields: {
      decide: required(
        stepId,
        'a decision tree of the recovery plan, such as switchover',
        '恢复预案中的决策树，例如 switchover',
      ),
      archive: optional(
        word,
        'what counts as a backup at hand, as in restore: “latest” (default), or a path relative to the drill',
        '可用备份的来源，写法同 restore：“latest”（默认），或相对于演练文件的路径',
      ),
    },
    build: (read) => ({ verb: 'decide', tree: read.decide, archive: read.archive ?? 'latest' }),
  }),
  verbSpec({
    verb: 'degrade',
    about: bi(
      'enters a degradation level of the recovery plan with the plan’s own commands, or leaves it (off)',
      '用恢复预案自带的命令进入降级级别，或退出降级（off）',
    ),
    fields: {
      degrade: required(
        level,
        '1 read-only, 2 local cache, 3 static list, 4 core services only, or off',
        '1 只读、2 本地缓存、3 静态列表、4 仅核心服务，或 off（退出）',
      ),
    },
    build: (read) => ({ verb: 'degrade', level: read.degrade.to }),
  }),
];
