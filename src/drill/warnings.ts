/** What a plan says before a drill that may run but can disappoint. */
import type { Catalog } from '../core/catalog.js';
import type { Drill, Step } from '../core/drill.js';
import { formatDuration } from '../core/duration.js';
import type { Fault } from '../core/fault.js';
import { type Bilingual, bi } from '../core/text.js';
import type { StepBinding } from './guard.js';
import type { LiveTarget } from './members.js';
import { estimateOf } from './summary.js';

export interface Planned {
  readonly drill: Drill;
  readonly bindings: readonly StepBinding[];
  readonly faults: Catalog<Fault>;
  readonly live: LiveTarget | null;
}

export function warningsOf(planned: Planned): readonly Bilingual[] {
  const { drill } = planned;
  return [
    ...production(drill),
    ...noObjective(drill),
    ...tooCoarse(drill),
    ...onlyChecks(planned),
    ...sequence(planned).flatMap((stretch) => [...tooShort(drill, stretch), ...tooSlow(planned, stretch)]),
    ...unmeetableLoss(planned),
    ...stillDegraded(planned),
    ...tooLong(planned),
  ];
}

const production = ({ environment, kind }: Drill): readonly Bilingual[] =>
  environment.production && (kind === 'partial' || kind === 'full-flow')
    ? [
        bi(
          `A ${kind} drill belongs in a test environment; “${environment.name}” is production.`,
          `${kind} 演练应在测试环境进行；“${environment.name}”是生产环境。`,
        ),
      ]
    : [];

const noObjective = ({ objectives, kind }: Drill): readonly Bilingual[] =>
  objectives.rtoMs === null && objectives.rpoTimeMs === null && objectives.rpoRecords === null && kind !== 'partial'
    ? [bi('No objective is set: nothing can be reached or missed.', '未设置任何目标：无从判断是否达标。')]
    : [];

/** A time cannot be measured finer than one request follows the other. */
function tooCoarse({ objectives, traffic }: Drill): readonly Bilingual[] {
  if (traffic === undefined || objectives.rtoMs === null) return [];
  const gapMs = Math.ceil(1_000 / Math.min(traffic.writesPerSecond, traffic.readsPerSecond));
  if (objectives.rtoMs > 2 * gapMs) return [];
  const [rto, gap] = [formatDuration(objectives.rtoMs), formatDuration(gapMs)];
  return [
    bi(
      `An RTO of ${rto} cannot be judged by requests ${gap} apart: raise traffic.writes and traffic.reads.`,
      `请求间隔为 ${gap}，无法判定 ${rto} 的 RTO：请提高 traffic.writes 与 traffic.reads。`,
    ),
  ];
}

const onlyChecks = ({ drill, bindings }: Planned): readonly Bilingual[] =>
  drill.kind === 'partial' && !bindings.some(({ step }) => ['inject', 'restore', 'recover'].includes(step.verb))
    ? [bi('Nothing is broken or recovered: this is a rehearsal.', '既不破坏也不恢复：这只是一次预演。')]
    : [];

interface Stretch {
  readonly inject: StepBinding;
  /** Top-level steps after it, up to the next inject or the end of execute. */
  readonly after: readonly StepBinding[];
}

/** Each fault with the steps up to the next one: writers stop after execute, so recovery must show before. */
function sequence({ bindings }: Planned): readonly Stretch[] {
  const steps = bindings.filter(({ phase, inGroup }) => phase === 'execute' && !inGroup);
  return steps.flatMap((inject, index) => {
    if (inject.step.verb !== 'inject') return [];
    const rest = steps.slice(index + 1);
    const next = rest.findIndex(({ step }) => step.verb === 'inject');
    return [{ inject, after: next < 0 ? rest : rest.slice(0, next) }];
  });
}

function tooShort({ objectives }: Drill, { inject, after }: Stretch): readonly Bilingual[] {
  const plannedMs = sumOf(after.map(({ step }) => step)) + (inject.step.expectMs ?? 0);
  if (plannedMs >= objectives.stableForMs || objectives.rtoMs === null) return [];
  const { id } = inject.step;
  const [planned, needed] = [formatDuration(plannedMs), formatDuration(objectives.stableForMs)];
  return [
    bi(
      `After ${id} the drill plans ${planned} before the next fault or the end of execute; recovery counts only once it was stable for ${needed}. Add a wait.`,
      `步骤 ${id} 之后到下一个故障或 execute 结束只计划了 ${planned}；须稳定 ${needed} 才算恢复。请加上等待。`,
    ),
  ];
}

/** What only a step can lift lasts at least as long as the steps until then are planned to take. */
function tooSlow({ drill, faults, live }: Planned, { inject, after }: Stretch): readonly Bilingual[] {
  const { step, votersLeft } = inject;
  const { rtoMs } = drill.objectives;
  if (step.verb !== 'inject' || rtoMs === null) return [];
  const isData = faults.find(step.fault)?.scope === 'data';
  const noQuorum = votersLeft !== null && live !== null && votersLeft < live.quorum;
  if (!isData && !noQuorum) return [];
  const lift = after.findIndex((other) => lifts(other.step, step.id, isData));
  if (lift < 0) return [];
  const plannedMs = sumOf(after.slice(0, lift + 1).map((other) => other.step));
  if (plannedMs <= rtoMs) return [];
  const [planned, rto] = [formatDuration(plannedMs), formatDuration(rtoMs)];
  return [
    bi(
      `The RTO of ${rto} cannot be met: from ${step.id} to its recovery the drill itself plans ${planned}.`,
      `无法达到 ${rto} 的 RTO：从步骤 ${step.id} 到其恢复，演练本身就计划了 ${planned}。`,
    ),
  ];
}

const lifts = (step: Step, fault: string, isData: boolean): boolean =>
  isData
    ? step.verb === 'restore' || (step.verb === 'recover' && step.action === 're-register')
    : step.verb === 'recover' || (step.verb === 'heal' && step.step === fault);

/** Writes go on between the backup and the loss: what they wrote is in no backup. */
function unmeetableLoss({ drill, bindings, faults }: Planned): readonly Bilingual[] {
  const { rpoRecords, rpoTimeMs } = drill.objectives;
  const wipe = bindings.find(({ step }) => step.verb === 'inject' && step.fault === 'registry.wipe');
  const writes = drill.traffic?.writesPerSecond;
  const restores = bindings.some(({ step }) => step.verb === 'restore' && step.services === undefined);
  if (wipe === undefined || !restores || writes === undefined || faults.find('registry.wipe') === undefined) return [];
  if (rpoRecords === 0 || rpoTimeMs === 0) {
    return [
      bi(
        `A loss of nothing cannot be met: ${writes} writes a second go on between the last backup and ${wipe.step.id}.`,
        `无法做到零丢失：最后一次备份到步骤 ${wipe.step.id} 之间仍有每秒 ${writes} 次写入。`,
      ),
    ];
  }
  return [];
}

/** Writers end after execute: a level that is on until then hides whether clients would be well without it. */
function stillDegraded({ bindings }: Planned): readonly Bilingual[] {
  const levels = bindings.flatMap(({ step, phase }) => (step.verb === 'degrade' && phase !== 'verify' ? [step] : []));
  const last = levels.at(-1);
  if (last === undefined || last.level === null) return [];
  return [
    bi(
      `Degradation level ${last.level} of ${last.id} is still on at the end of execute: only the final undo leaves it. Add “degrade: off”.`,
      `步骤 ${last.id} 的降级级别 ${last.level} 在 execute 结束时仍未退出，只能靠最终撤销退出。请加上“degrade: off”。`,
    ),
  ];
}

function tooLong({ drill, bindings }: Planned): readonly Bilingual[] {
  const plannedMs = sumOf(bindings.filter(({ inGroup }) => !inGroup).map(({ step }) => step));
  const { maxDurationMs } = drill.safety;
  if (plannedMs <= maxDurationMs) return [];
  const [planned, max] = [formatDuration(plannedMs), formatDuration(maxDurationMs)];
  return [
    bi(
      `The steps plan ${planned}; the drill is stopped after ${max} (safety.maxDuration).`,
      `各步骤共计划 ${planned}；演练将在 ${max} 后被停止（safety.maxDuration）。`,
    ),
  ];
}

const sumOf = (steps: readonly Step[]): number => steps.reduce((sumMs, step) => sumMs + estimateOf(step), 0);
