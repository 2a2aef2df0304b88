import { PHASES, type PhaseName, type PhaseSpec, type Step } from '../core/drill.js';
import { type JsonSchema, refTo, type Shape } from '../core/shape.js';
import { list, object, optional } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import type { DrillCatalogs } from './catalogs.js';
import { probeSpec } from './probe-spec.js';

const PHASE_ABOUT = {
  prepare: ['backups, checks; canary traffic starts at its end', '备份与检查；阶段结束时启动探测流量'],
  kickoff: ['briefing, roles, goals', '说明、角色与目标'],
  execute: ['faults and recovery', '故障与恢复'],
  verify: ['integrity and function', '完整性与功能'],
  review: ['what was learned', '复盘'],
} as const;

export const phaseDefinition = (catalogs: DrillCatalogs, step: Shape<Step>): JsonSchema => {
  const { steps, whole } = phaseForms(catalogs, step);
  return { anyOf: [steps.schema, whole.schema] };
};

function phaseForms(catalogs: DrillCatalogs, step: Shape<Step>) {
  const steps = list(step, bi('a list of steps', '步骤列表'));
  const whole = object(
    {
      gate: optional(
        list(probeSpec(catalogs.probes), bi('a list of checks { probe: … }', '检查 { probe: … } 的列表')),
        'must hold before the next phase begins',
        '进入下一阶段前必须成立',
      ),
      steps: optional(steps, 'the steps in order', '按顺序执行的步骤'),
    },
    bi('a list of steps, or { gate, steps }', '步骤列表，或 { gate, steps }'),
  );
  return { steps, whole };
}

function phaseShape(catalogs: DrillCatalogs, step: Shape<Step>): Shape<PhaseSpec> {
  const { steps, whole } = phaseForms(catalogs, step);
  return {
    schema: refTo('phase'),
    read: (place) => {
      if (!Array.isArray(place.value)) {
        const read = whole.read(place);
        return read === undefined ? undefined : { gate: read.gate ?? [], steps: read.steps ?? [] };
      }
      const read = steps.read(place);
      return read === undefined ? undefined : { gate: [], steps: read };
    },
  };
}

/** The five phases, each a list of steps or `{ gate, steps }`. */
export function phasesShape(catalogs: DrillCatalogs, step: Shape<Step>) {
  const shape = phaseShape(catalogs, step);
  const field = (phase: PhaseName) => {
    const [en, zh] = PHASE_ABOUT[phase];
    return optional(shape, en, zh);
  };
  return object(
    {
      prepare: field('prepare'),
      kickoff: field('kickoff'),
      execute: field('execute'),
      verify: field('verify'),
      review: field('review'),
    },
    bi(`phases { ${PHASES.join(', ')} }`, `阶段 { ${PHASES.join(', ')} }`),
  );
}
