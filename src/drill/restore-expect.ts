import { RESTORE_SUBSTEPS, type RestoreSubstep } from '../core/drill.js';
import { isMapValue, type Shape } from '../core/shape.js';
import { object, optional } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { anyDuration } from './words.js';

const planned = (en: string, zh: string) => optional(anyDuration, en, zh);

const substeps = {
  'check-archive': planned('the archive is checked before anything is stopped', '停机前检查归档'),
  stop: planned('the nodes are stopped', '停止节点'),
  clear: planned('the old data is moved aside', '清空（移开）旧数据'),
  restore: planned('the archive is put in place', '写入备份数据'),
  verify: planned('what was written is compared with the archive', '校验写入的数据与归档一致'),
  start: planned('the nodes are started', '启动节点'),
  registrations: planned('the registrations are there again', '确认注册信息恢复'),
} satisfies Record<RestoreSubstep, unknown>;

const bySubstep = object(
  substeps,
  bi('a duration, or a map with one per sub-step', '时长，或每个子步骤一个时长的映射'),
);

/** One duration for the whole restore, or one per sub-step. */
export const restoreExpectation: Shape<number | Readonly<Partial<Record<RestoreSubstep, number>>>> = {
  get schema() {
    return { anyOf: [anyDuration.schema, bySubstep.schema] };
  },
  read: (place) => (isMapValue(place.value) ? bySubstep.read(place) : anyDuration.read(place)),
};

export const plannedRestoreMs = (expect: Readonly<Partial<Record<RestoreSubstep, number>>>): number =>
  RESTORE_SUBSTEPS.reduce((sumMs, substep) => sumMs + (expect[substep] ?? 0), 0);
