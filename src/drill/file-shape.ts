/** The top level of a drill file. What is left out is filled in by build.ts. */
import { CLIENT_MODES, DRILL_KINDS, type Step } from '../core/drill.js';
import { boolean, duration, integer, nameOf, type Shape, text } from '../core/shape.js';
import { list, object, oneOrMore, optional, recordOf, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import type { DrillCatalogs } from './catalogs.js';
import { objectives } from './objectives-shape.js';
import { level } from './people-shapes.js';
import { phasesShape } from './phases-shape.js';
import { probeSpec } from './probe-spec.js';
import { targetShape } from './target-shape.js';
import { anyDuration, drillId, name, rate, stepId, timeZone, word } from './words.js';

const environment = object(
  {
    name: required(
      name,
      'asked for before anything outside a lab is broken',
      '在破坏练习集群以外的环境之前会要求确认此名称',
    ),
    production: optional(boolean, 'default false', '默认 false'),
  },
  bi('an environment { name, production }', '环境 { name, production }'),
);

const why = object(
  {
    hypothesis: optional(text, 'what we believe will happen', '我们预期会发生什么'),
    risk: optional(word, 'the risk that is looked into, such as R-12', '所关注的风险，例如 R-12'),
  },
  bi('{ hypothesis, risk }', '{ hypothesis, risk }'),
);

const people = oneOrMore(name, bi('a name, or a list of names', '姓名，或姓名列表'));

const traffic = object(
  {
    services: optional(integer(1, 1_000), 'canary services; default 5', '探测服务数；默认 5'),
    coreServices: optional(
      integer(1, 1_000),
      'how many of them stand for core services, which degradation level 4 keeps up; default 1',
      '其中代表核心服务的个数（降级级别 4 只保这些）；默认 1',
    ),
    instances: optional(integer(1, 10_000), 'leased instances kept alive; default 20', '持续续约的实例数；默认 20'),
    writes: optional(
      rate,
      'durable registrations, with one removal for every ten; default 20/s',
      '持久注册的速率，每十次另有一次注销；默认 20/s',
    ),
    reads: optional(rate, 'discoveries; default 20/s', '服务发现速率；默认 20/s'),
    requestLimit: optional(anyDuration, 'no attempt waits longer; default 500ms', '单次请求最长等待；默认 500ms'),
    lease: optional(
      duration({ minMs: 2_000 }),
      'lease of an instance, renewed every third of it; default 15s',
      '实例租约，每三分之一周期续约一次；默认 15s',
    ),
    client: optional(
      nameOf(CLIENT_MODES, bi('a client mode', '客户端模式')),
      'how clients use the endpoints; default failover',
      '客户端如何使用多个端点；默认 failover',
    ),
    maxEntries: optional(
      integer(10, 1_000_000),
      'then values are overwritten; default 10000',
      '达到后改为覆盖旧值；默认 10000',
    ),
    settle: optional(
      duration({ minMs: 0 }),
      'pause before every node is read; default 5s',
      '逐节点读取之前的等待；默认 5s',
    ),
  },
  bi('traffic { services, instances, writes, reads, … }', '流量 { services, instances, writes, reads, … }'),
);

const safety = object(
  {
    maxDuration: optional(
      anyDuration,
      'the drill is stopped and undone after this; default 30m',
      '超过此时长即停止并撤销；默认 30m',
    ),
    maxTargets: optional(
      integer(1, 1_000),
      'most nodes with a fault at one time; default 1',
      '同时带故障的最多节点数；默认 1',
    ),
    allowQuorumLoss: optional(
      boolean,
      'the majority may be lost on purpose; default false',
      '允许有意失去多数；默认 false',
    ),
  },
  bi('safety { maxDuration, maxTargets, allowQuorumLoss }', '安全 { maxDuration, maxTargets, allowQuorumLoss }'),
);

const scoring = object(
  {
    rubric: optional(nameOf(['default'], bi('a rubric', '评分表')), 'default', 'default（默认）'),
    pass: optional(integer(0, 100), 'pass mark; default 80', '及格线；默认 80'),
  },
  bi('scoring { rubric, pass }', '评分 { rubric, pass }'),
);

/** Everything a drill file may say. */
const drillFileFields = (catalogs: DrillCatalogs, step: Shape<Step>) => ({
  apiVersion: required(
    nameOf(['firedrill/v1'], bi('a version of this format', '格式版本')),
    'firedrill/v1',
    'firedrill/v1',
  ),
  id: required(drillId, 'stable: history and issues hang on it', '保持不变：历史与问题都以它为准'),
  title: required(text, 'name of the drill', '演练名称'),
  kind: required(
    nameOf(DRILL_KINDS, bi('a kind of drill', '演练类型')),
    DRILL_KINDS.join(', '),
    '桌面推演、局部、全流程、故障注入',
  ),
  level: required(level, 'incident level that is simulated', '模拟的事件级别'),
  recoveryPlan: optional(
    word,
    'path of the recovery plan relative to this file; default: the built-in one',
    '恢复预案相对于本文件的路径；默认使用内置预案',
  ),
  timeZone: optional(timeZone, 'of due dates and displayed times; default UTC', '截止日期与显示时间所用时区；默认 UTC'),
  environment: optional(environment, 'where the drill takes place', '演练所在环境'),
  why: optional(why, 'what we believe will happen, and why we look', '我们的预期，以及为何要演练'),
  objectives: optional(objectives, 'what must be reached', '须达到的目标'),
  roles: optional(
    recordOf(people, {
      key: stepId,
      what: bi('roles { role: name or names, unavailable: names }', '角色 { 角色: 姓名, unavailable: 姓名 }'),
    }),
    'who has which role; “unavailable” names people who are out of this drill',
    '各角色的人员；“unavailable”列出本次不参加的人',
  ),
  target: optional(targetShape(catalogs), 'the registry under drill', '被演练的注册中心'),
  traffic: optional(
    traffic,
    'canary clients, from the end of prepare to the end of verify; {} for the defaults',
    '探测客户端，从准备结束运行到验证结束；{} 表示全部用默认值',
  ),
  steadyState: optional(
    list(probeSpec(catalogs.probes), bi('a list of checks { probe: … }', '检查 { probe: … } 的列表')),
    'must hold before the first fault, and again at the end',
    '首个故障前必须成立，结束时再次检查',
  ),
  safety: optional(safety, 'limits', '限制'),
  phases: required(phasesShape(catalogs, step), 'the steps of the five phases', '五个阶段的步骤'),
  scoring: optional(scoring, 'how it is scored', '如何评分'),
});

export const drillFile = (catalogs: DrillCatalogs, step: Shape<Step>) =>
  object(
    drillFileFields(catalogs, step),
    bi(
      'a drill: a map with apiVersion, id, title, kind, level, phases',
      '演练：包含 apiVersion、id、title、kind、level、phases 的映射',
    ),
  );

export type DrillFile = NonNullable<ReturnType<ReturnType<typeof drillFile>['read']>>;
