/** What codes are called on the page, and which mark stands beside them: a shape and a word, never colour alone. */
import type { DrillKind, PhaseName } from '../../core/drill.js';
import type { DegradedSource, TrafficOperation } from '../../core/journal.js';
import type {
  LedgerClass,
  MilestoneMeasurement,
  ObjectiveMeasurement,
  ObjectiveVerdict,
  RecoveryMeasurement,
} from '../../core/measurement.js';
import type { Outcome } from '../../core/outcome.js';
import type { ScoreCriterion } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';

export type Tone = 'good' | 'bad' | 'warn' | 'unknown' | 'plain';
export interface Mark {
  readonly icon: string;
  readonly tone: Tone;
  readonly text: Bilingual;
}

const mark = (icon: string, tone: Tone, text: Bilingual): Mark => ({ icon, tone, text });
export const good = (text: Bilingual): Mark => mark('✓', 'good', text);
export const bad = (text: Bilingual): Mark => mark('✗', 'bad', text);
export const warn = (text: Bilingual): Mark => mark('!', 'warn', text);
export const unsure = (text: Bilingual): Mark => mark('?', 'unknown', text);
export const plain = (text: Bilingual): Mark => mark('–', 'plain', text);

export const OUTCOME: Readonly<Record<Outcome, Mark>> = {
  pass: good(bi('passed', '通过')),
  fail: bad(bi('failed', '失败')),
  error: bad(bi('error', '出错')),
  unknown: unsure(bi('unknown', '未知')),
  skipped: plain(bi('skipped', '跳过')),
  'not-applicable': plain(bi('not applicable', '不适用')),
};

export const VERDICT: Readonly<Record<ObjectiveVerdict, Mark>> = {
  within: good(bi('within target', '达标')),
  borderline: mark('≈', 'warn', bi('borderline', '临界')),
  missed: bad(bi('missed', '未达标')),
  unknown: unsure(bi('unknown', '未知')),
};

export const CRITERION_STATE: Readonly<Record<ScoreCriterion['state'], Mark>> = {
  assessed: good(bi('assessed', '已评')),
  'not-assessed': unsure(bi('not assessed', '未评')),
  'not-applicable': plain(bi('not applicable', '不适用')),
};

export const RECOVERY_STATE: Readonly<Record<RecoveryMeasurement['state'], Mark>> = {
  recovered: good(bi('recovered', '已恢复')),
  'not-recovered': bad(bi('not recovered', '未恢复')),
  unknown: unsure(bi('unknown', '未知')),
};

export const MILESTONE_STATE: Readonly<Record<MilestoneMeasurement['state'], Mark>> = {
  'on-time': good(bi('on time', '按时')),
  late: warn(bi('late', '延迟')),
  open: plain(bi('open', '待记录')),
  overdue: warn(bi('overdue, not recorded', '已过时限，未记录')),
  'not-in-drill': plain(bi('not in this drill', '本次演练未涉及')),
};

export const ANSWER: Readonly<Record<'yes' | 'no' | 'unknown', Mark>> = {
  yes: good(bi('yes', '是')),
  no: bad(bi('no', '否')),
  unknown: unsure(bi('unknown', '未知')),
};

export const PHASE: Readonly<Record<PhaseName, Bilingual>> = {
  prepare: bi('prepare', '准备'),
  kickoff: bi('kick-off', '启动'),
  execute: bi('execute', '执行'),
  verify: bi('verify', '验证'),
  review: bi('review', '总结'),
};

export const KIND: Readonly<Record<DrillKind, Bilingual>> = {
  tabletop: bi('tabletop', '桌面推演'),
  partial: bi('partial', '局部演练'),
  'full-flow': bi('full-flow', '全流程演练'),
  'fault-injection': bi('fault injection', '混沌工程'),
};

export const OPERATION: Readonly<Record<TrafficOperation, Bilingual>> = {
  register: bi('register', '注册'),
  renew: bi('renew', '续约'),
  discover: bi('discover', '发现'),
  deregister: bi('deregister', '注销'),
};

export const OBJECTIVE: Readonly<Record<ObjectiveMeasurement['id'], Bilingual>> = {
  rto: bi('Recovery time (RTO)', '恢复时间（RTO）'),
  'rpo.records': bi('Records lost (RPO)', '丢失记录数（RPO）'),
  'rpo.time': bi('Time of data lost (RPO)', '数据丢失时长（RPO）'),
};

export const LEDGER_CLASS: Readonly<Record<LedgerClass, Bilingual>> = {
  lost: bi('lost', '丢失'),
  stale: bi('stale', '陈旧'),
  ghost: bi('ghost', '幽灵'),
  resurrected: bi('resurrected', '复活'),
  divergent: bi('divergent', '分歧'),
};

/** What answered an application at a degradation level. */
export const SERVED_BY: Readonly<Record<DegradedSource, Bilingual>> = {
  node: bi('one node’s own copy', '单个节点的本地副本'),
  cache: bi('its cache', '本地缓存'),
  static: bi('fixed addresses', '静态地址'),
  registry: bi('the registry', '注册中心'),
  none: bi('nobody', '未处理'),
};
