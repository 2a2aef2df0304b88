import { CLUSTER_RECOVERIES, NODE_RECOVERIES, type StepAction } from '../core/drill.js';
import { complain, nameOf, type Place } from '../core/shape.js';
import { optional, required } from '../core/shape-object.js';
import { argv } from '../core/shape-words.js';
import { bi } from '../core/text.js';
import { selector } from './selector.js';
import { verbSpec } from './verb.js';

const fields = {
  recover: required(
    nameOf([...NODE_RECOVERIES, ...CLUSTER_RECOVERIES], bi('a recovery action', '恢复动作')),
    'what to do',
    '恢复动作',
  ),
  on: optional(selector, 'which nodes; needed by what is done with nodes', '作用于哪些节点；对节点的动作必须写'),
  command: optional(
    argv,
    're-register: your own program by which the owners of your services register again; switch-site: the one by which your clients go to the standby',
    're-register：让你的服务所有者重新注册的程序；switch-site：让你的客户端切换到备用站点的程序',
  ),
  back: optional(argv, 'switch-site: your own program that takes “command” back', 'switch-site：撤销“command”的程序'),
};

export const recoverVerb = verbSpec({
  verb: 'recover',
  about: bi(
    'a timed recovery action, on nodes or on the registry as a whole',
    '计时的恢复动作，作用于节点或整个注册中心',
  ),
  fields,
  rules: () => [
    {
      if: { required: ['recover'], properties: { recover: { enum: [...NODE_RECOVERIES] } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { required: ['on'], allOf: [{ not: { required: ['command'] } }, { not: { required: ['back'] } }] },
    },
    {
      if: { required: ['recover'], properties: { recover: { enum: [...CLUSTER_RECOVERIES] } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { not: { required: ['on'] } },
    },
  ],
  build: ({ recover, on, command, back }, place): StepAction | undefined => {
    const action = NODE_RECOVERIES.find((name) => name === recover);
    if (action !== undefined) {
      if (on === undefined)
        return complain(place, bi(`${action} needs “on”: which nodes`, `${action} 需要“on”：哪些节点`));
      if (command !== undefined || back !== undefined)
        return notBoth(place, action, command === undefined ? 'back' : 'command');
      return { verb: 'recover', action, on };
    }
    const whole = CLUSTER_RECOVERIES.find((name) => name === recover);
    if (whole === undefined) return undefined;
    if (on !== undefined) return notBoth(place, whole, 'on');
    if (whole === 're-register' && back !== undefined) return notBoth(place, whole, 'back');
    return { verb: 'recover', action: whole, on: null, ...(command && { command }), ...(back && { back }) };
  },
});

const notBoth = (place: Place, action: string, key: string): undefined =>
  complain(place, bi(`${action} takes no “${key}”`, `${action} 不接受“${key}”`));
