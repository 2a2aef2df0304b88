import type { Step } from '../core/drill.js';
import { boolean, nameOf, type Shape, text } from '../core/shape.js';
import { list, optional, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import type { DrillCatalogs } from './catalogs.js';
import { decisionVerbs } from './decision-verbs.js';
import { anyParams, readParams } from './params.js';
import { document, problem, situation } from './people-shapes.js';
import { judged, judgingFields, paramRules, probeName } from './probe-spec.js';
import { recoverVerb } from './recover-verb.js';
import { restoreVerb } from './restore-verb.js';
import { selector } from './selector.js';
import { type VerbSpec, verbSpec } from './verb.js';
import { anyDuration, innerPath, name, placePath, stepId, word } from './words.js';

/** Where backups of a drill go when it says nothing: a folder of the run's archives. */
const DEFAULT_BACKUP_FOLDER = 'backups';

/** The verb table: loading, the JSON Schema and the help all come from it. `step` is the shape of a member of a group. */
export function verbTable(catalogs: DrillCatalogs, step: Shape<Step>): readonly VerbSpec[] {
  return [
    ...faultVerbs(catalogs),
    ...dataVerbs,
    ...decisionVerbs,
    checkVerb(catalogs),
    ...peopleVerbs,
    verbSpec({
      verb: 'parallel',
      about: bi('steps side by side; it ends with the slowest', '并行执行的步骤；以最慢者结束为准'),
      fields: { parallel: required(list(step, bi('a list of steps', '步骤列表'), 1), 'the steps', '步骤') },
      build: (read) => ({ verb: 'parallel', steps: read.parallel }),
    }),
    ...otherVerbs,
  ];
}

const faultVerbs = ({ faults }: DrillCatalogs): readonly VerbSpec[] => [
  verbSpec({
    verb: 'inject',
    about: bi('turns a fault on', '注入故障'),
    fields: {
      inject: required(nameOf(faults.names, bi('a fault', '故障')), 'the fault to turn on', '要注入的故障'),
      on: optional(selector, 'which nodes', '作用于哪些节点'),
      for: optional(
        anyDuration,
        'turns the fault off again after this time; the steps go on meanwhile',
        '到时自动解除故障；期间后续步骤照常进行',
      ),
      with: optional(anyParams, 'settings of the fault', '故障的设置'),
    },
    rules: () => paramRules('inject', faults.all),
    build: (read, place) => {
      const fault = faults.find(read.inject);
      const params = fault === undefined ? undefined : readParams(place, fault.params);
      if (params === undefined) return undefined;
      const forMs = read.for === undefined ? {} : { forMs: read.for };
      return { verb: 'inject', fault: read.inject, on: read.on ?? null, params, ...forMs };
    },
  }),
  verbSpec({
    verb: 'heal',
    about: bi('turns off the fault that an earlier step turned on', '解除先前步骤注入的故障'),
    fields: { heal: required(stepId, 'id of the inject step', 'inject 步骤的标识') },
    build: (read) => ({ verb: 'heal', step: read.heal }),
  }),
  recoverVerb,
];

const dataVerbs: readonly VerbSpec[] = [
  verbSpec({
    verb: 'backup',
    about: bi('takes a backup in five steps, full or incremental', '按五个步骤做一次备份：全量或增量'),
    fields: {
      backup: required(
        nameOf(['full', 'incremental'], bi('a kind of backup', '备份类型')),
        '“full”, or “incremental”: what changed since the newest archive of the folder (a full one where that cannot be known)',
        '“full”（全量），或“incremental”（增量）：自该目录最近归档以来的变更（无法得知时改为全量）',
      ),
      to: optional(
        innerPath,
        `folder inside the run’s archives; default ${DEFAULT_BACKUP_FOLDER}`,
        `本次运行归档中的目录；默认 ${DEFAULT_BACKUP_FOLDER}`,
      ),
      emptyIsRight: optional(
        boolean,
        'write it although the registry holds nothing and the newest backup of the folder does',
        '即使注册中心为空而该目录最近的备份不为空，也照样写出',
      ),
      encryptTo: optional(
        placePath,
        'file of the age recipients (public keys) that it is encrypted to; default: the key of the tier, else plain',
        '加密所用的 age 收件人公钥文件；默认使用该层级的密钥，没有则不加密',
      ),
      tier: optional(
        name,
        'a tier of the recovery plan: the archive, and all it stands on, are copied there and checked',
        '恢复预案中的备份层级：归档及其依赖的归档复制到该处并核对',
      ),
    },
    build: (read) => ({
      verb: 'backup',
      mode: read.backup,
      to: read.to ?? DEFAULT_BACKUP_FOLDER,
      ...(read.emptyIsRight === true && { emptyIsRight: true as const }),
      ...(read.encryptTo !== undefined && { encryptTo: read.encryptTo }),
      ...(read.tier !== undefined && { tier: read.tier }),
    }),
  }),
  restoreVerb,
];

const checkVerb = ({ probes }: DrillCatalogs): VerbSpec =>
  verbSpec({
    verb: 'check',
    about: bi('looks with a probe and judges what it sees', '用探针检查并判定结果'),
    fields: {
      check: required(probeName(probes), 'the probe to look with', '使用的探针'),
      within: optional(
        anyDuration,
        'polls until the tolerance holds or this time is over; without it one look',
        '轮询直到满足容差或超过此时间；不写则只看一次',
      ),
      ...judgingFields,
    },
    rules: () => paramRules('check', probes.all),
    build: (read, place) => {
      const spec = judged({ place, probe: probes.find(read.check), withinMs: read.within ?? 0 }, read);
      return spec === undefined ? undefined : { verb: 'check', ...spec };
    },
  });

const peopleVerbs: readonly VerbSpec[] = [
  verbSpec({
    verb: 'manual',
    about: bi('a person does or confirms something', '由人完成或确认的事项'),
    fields: {
      manual: required(text, 'what the person is asked to do or confirm', '请人完成或确认的内容'),
      evidence: optional(text, 'what has to be seen for it to count as done', '判定完成所需的证据'),
    },
    build: (read) => {
      const evidence = read.evidence === undefined ? {} : { evidence: read.evidence };
      return { verb: 'manual', text: read.manual, ...evidence };
    },
  }),
  verbSpec({
    verb: 'document',
    about: bi('document review: paths, contacts, commands, questions', '文档评审：路径、联系人、命令、问题'),
    fields: {
      document: required(list(document, bi('a list of documents', '文档列表'), 1), 'what is looked at', '评审的文档'),
    },
    build: (read) => ({ verb: 'document', documents: read.document }),
  }),
  verbSpec({
    verb: 'situation',
    about: bi(
      'tabletop: what the players are told, and what a good answer holds',
      '桌面推演：告知参演者的情况，以及好的回答应包含的内容',
    ),
    fields: { situation: required(situation, 'the situation', '情况') },
    build: (read) => ({ verb: 'situation', situation: read.situation }),
  }),
  verbSpec({
    verb: 'problem',
    about: bi('records a problem that was met, or that it was solved', '记录遇到的问题或其解决'),
    fields: { problem: required(problem, 'the problem', '问题') },
    build: (read) => ({ verb: 'problem', problem: read.problem }),
  }),
];

const otherVerbs: readonly VerbSpec[] = [
  verbSpec({
    verb: 'run',
    about: bi('runs a program, without a shell', '运行程序（不经过 shell）'),
    fields: {
      run: required(
        list(word, bi('a list: the program and its arguments', '列表：程序及其参数'), 1),
        'the program and its arguments, one list item each; {archives} is the folder of this run’s archives, {private} one for keys that is gone after the run',
        '程序及其参数，每项一个；{archives} 为本次运行的归档目录，{private} 为存放密钥的目录，运行结束后即删除',
      ),
    },
    build: (read) => ({ verb: 'run', argv: read.run }),
  }),
  verbSpec({
    verb: 'wait',
    about: bi('a pause', '等待'),
    fields: { wait: required(anyDuration, 'how long', '等待时长') },
    build: (read) => ({ verb: 'wait', waitMs: read.wait }),
  }),
];
