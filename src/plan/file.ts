/** The recovery plan file: what it may say, read and published from one place. */
import type { RecoveryPlan } from '../core/recovery-plan.js';
import { mapped, nameOf, type Shape, text } from '../core/shape.js';
import { object, optional, required } from '../core/shape-object.js';
import { word } from '../core/shape-words.js';
import { bi } from '../core/text.js';
import { calendar, drillFrequency, workingHours } from './calendar.js';
import { decision } from './decision.js';
import { degradation } from './degradation.js';
import { levels } from './levels.js';
import { objectiveClasses, presets, restoreEstimates } from './objectives.js';
import { confirmed, contacts, milestones, roles, thirdParties } from './people.js';
import { readiness, resources } from './resources.js';
import { distances, type SiteDraft, siteOf, sites, syncModes } from './sites.js';
import { encryption, type TierDraft, tierOf, tiers } from './tiers.js';

const version = nameOf(['firedrill/v1'], bi('a version of this format', '格式版本'));

const fields = object(
  {
    apiVersion: required(version, 'firedrill/v1', 'firedrill/v1'),
    version: required(word, 'version of this plan', '预案版本'),
    title: required(text, 'name of the plan', '预案名称'),
    confirmed: optional(confirmed, 'who last read all of it and found it right', '最近一次通读并确认无误的人与日期'),
    levels: required(levels, 'incident levels', '事件级别'),
    workingHours: optional(workingHours, 'what “within working hours” means', '“工作时间内”的含义'),
    roles: required(roles, 'roles', '角色'),
    contacts: required(contacts, 'who holds which role', '各角色的联系人'),
    thirdParties: optional(thirdParties, 'who else helps', '第三方支持'),
    resources: optional(resources, 'what the recovery needs to find', '恢复所需的资源'),
    milestones: required(milestones, 'what has happened by when', '各时间点应达成的状态'),
    presets: required(presets, 'objectives that a drill may name', '演练可引用的目标预设'),
    objectiveClasses: optional(objectiveClasses, 'what is usual, and what it costs', '常见档位及其成本'),
    distances: optional(distances, 'how far sites are apart', '站点间的距离类型'),
    syncModes: optional(syncModes, 'how sites are kept alike', '站点间的同步方式'),
    sites: optional(sites, 'where the registry runs', '注册中心所在的站点'),
    encryption: optional(encryption, 'of every tier that says nothing else', '未另行说明的层级所用的加密方式'),
    tiers: optional(tiers, 'where backups are kept; nearest first', '备份存放层级；由近到远'),
    calendar: optional(calendar, 'when backups are made', '备份日历'),
    restoreEstimates: optional(restoreEstimates, 'what a restore usually takes', '恢复的通常耗时'),
    decision: optional(decision, 'decision trees that a drill may name', '演练可引用的决策树'),
    degradation: optional(degradation, 'how to do with less', '业务降级'),
    drillFrequency: optional(drillFrequency, 'how often each kind of drill is due', '各类演练的频率'),
    readiness: optional(readiness, 'what must be in order', '就绪要求'),
  },
  bi('a recovery plan', '恢复预案'),
);

/** Everything but the names that must fit each other: `checkReferences` does those. */
export const planFile: Shape<RecoveryPlan> = mapped(fields, (read): RecoveryPlan => {
  const { encryption: ofPlan, tiers: tierDrafts, sites: siteDrafts, ...rest } = read;
  return {
    ...rest,
    ...(siteDrafts === undefined ? {} : { sites: mapRecord(siteDrafts, (draft: SiteDraft) => siteOf(draft, rest)) }),
    ...(tierDrafts === undefined ? {} : { tiers: mapRecord(tierDrafts, (draft: TierDraft) => tierOf(draft, ofPlan)) }),
  };
});

function mapRecord<A, B>(
  record: Readonly<Record<string, A>>,
  change: (value: A) => B | undefined,
): Readonly<Record<string, B>> {
  const changed = Object.entries(record).map(([name, value]) => [name, change(value)] as const);
  return Object.fromEntries(changed.filter((entry): entry is readonly [string, B & {}] => entry[1] !== undefined));
}
