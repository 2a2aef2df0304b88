/** What the recovery needs to find (seed §6.1, §8.1), and what `readiness` asks for. */
import { QUESTIONS, type QuestionNumber, type ReadinessSpec, type Resource } from '../core/recovery-plan.js';
import { complain, integer, mapped, type Shape, text } from '../core/shape.js';
import { list, object, optional, required } from '../core/shape-object.js';
import { argv, word } from '../core/shape-words.js';
import { bi } from '../core/text.js';
import { identifier, span } from './words.js';

const WAYS = ['runbook', 'path', 'command', 'address'] as const;

const fields = object(
  {
    title: required(text, 'what it is', '资源名称'),
    runbook: optional(word, 'path of a document that says how to recover', '恢复文档的路径'),
    path: optional(word, 'a path that must exist', '必须存在的路径'),
    command: optional(argv, 'a program that prints its version', '输出自身版本的程序'),
    version: optional(word, 'of the command: 3.5 fits 3.5.16', '命令的版本：3.5 匹配 3.5.16'),
    address: optional(word, 'an address or number', '地址或号码'),
  },
  bi(
    'a resource { title, runbook | path | command, version | address }',
    '资源 { title, runbook | path | command, version | address }',
  ),
);

const resource: Shape<Resource> = mapped(fields, ({ title, version, ...ways }, place): Resource | undefined => {
  const given = WAYS.filter((way) => ways[way] !== undefined);
  if (given.length !== 1) return complain(place, ONE_WAY);
  const { runbook, path, command, address } = ways;
  if ((command === undefined) !== (version === undefined)) return complain(place, BOTH);
  if (runbook !== undefined) return { kind: 'runbook', title, path: runbook };
  if (path !== undefined) return { kind: 'path', title, path };
  if (command !== undefined && version !== undefined) return { kind: 'command', title, argv: command, version };
  return address === undefined ? undefined : { kind: 'address', title, address };
});

const ONE_WAY = bi(
  'exactly one of runbook, path, command and address',
  'runbook、path、command、address 必须恰好给出一个',
);
const BOTH = bi('a command and its version go together', 'command 与 version 必须一起给出');

export const resources = list(resource, bi('a list of resources', '资源列表'));

const question: Shape<QuestionNumber> = mapped(integer(1, QUESTIONS.length), (value) =>
  QUESTIONS.find((number) => number === value),
);

export const readiness: Shape<ReadinessSpec> = mapped(
  object(
    {
      required: required(
        list(question, bi('a list of question numbers', '问题编号列表')),
        'questions of which a “no” is a failure',
        '回答为“否”即判为不通过的问题',
      ),
      confirmedWithin: required(span, 'older confirmations do not count', '超过此时长的确认不再有效'),
      objective: required(identifier, 'the preset this registry must keep to', '本注册中心须满足的目标预设'),
    },
    bi('readiness { required, confirmedWithin, objective }', '就绪检查 { required, confirmedWithin, objective }'),
  ),
  ({ required: numbers, confirmedWithin, objective }) => ({
    required: QUESTIONS.filter((number) => numbers.includes(number)),
    confirmedWithinMs: confirmedWithin,
    objective,
  }),
);
