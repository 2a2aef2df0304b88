import type { Drill, JudgedOperation } from '../core/drill.js';
import { showDuration } from '../core/duration.js';
import type {
  FaultMeasurement,
  LossMeasurement,
  ObjectiveMeasurement,
  ObjectiveVerdict,
  RecoveryMeasurement,
} from '../core/measurement.js';
import { type Bilingual, bi } from '../core/text.js';
import { isConfirmed } from './faults.js';
import { describeLoss } from './loss.js';

interface Known {
  readonly faults: readonly FaultMeasurement[];
  readonly recovery: readonly RecoveryMeasurement[];
  readonly loss: LossMeasurement | null;
  readonly estimatedRecoveryMs: number | null;
  /** Nothing was broken on purpose or restored: a rehearsal has no recovery and no loss to judge. */
  readonly rehearsal: boolean;
  readonly asksForEstimates: boolean;
}

/** Only objectives that the drill sets are judged; one that is set and could not be measured is `unknown`. */
export function measureObjectives(drill: Drill, known: Known): readonly ObjectiveMeasurement[] {
  if (known.rehearsal) return [];
  if (drill.kind === 'tabletop') return known.asksForEstimates ? estimatedRto(drill, known.estimatedRecoveryMs) : [];
  return [...rto(drill, known), ...rpo(drill, known)];
}

/** `borderline` when the limit lies within the error; without an error the limit itself is still within. */
export function verdictOf(measured: number, error: number | null, limit: number): ObjectiveVerdict {
  if (error !== null && error > 0 && Math.abs(measured - limit) <= error) return 'borderline';
  return measured <= limit ? 'within' : 'missed';
}

function estimatedRto(drill: Drill, estimateMs: number | null): readonly ObjectiveMeasurement[] {
  const limit = drill.objectives.rtoMs;
  if (limit === null) return [];
  const verdict = estimateMs === null ? 'unknown' : verdictOf(estimateMs, null, limit);
  const why =
    estimateMs === null
      ? bi('an estimate is missing on the way to recovery', '恢复路径上缺少估计时间')
      : bi(
          `estimated by the players: ${showDuration(estimateMs)} along the slowest path`,
          `参演人员估计：最慢路径 ${showDuration(estimateMs)}`,
        );
  return [{ id: 'rto', limit, measured: estimateMs, error: null, verdict, why, evidence: [] }];
}

/** How bad a verdict is: a sure miss outweighs what could not be told. */
const WORST_FIRST: readonly ObjectiveVerdict[] = ['missed', 'unknown', 'borderline', 'within'];

function rto(drill: Drill, { faults, recovery }: Known): readonly ObjectiveMeasurement[] {
  const { rtoMs: limit, step } = drill.objectives;
  if (limit === null) return [];
  const confirmed = faults.filter((fault) => isConfirmed(fault) && (step === undefined || fault.step === step));
  const judged = confirmed.flatMap((fault) =>
    operationsFor(drill, fault).map((operation) =>
      judgeRecovery(
        limit,
        fault,
        recovery.find(
          (row) => row.step === fault.step && row.operation === operation && row.evidence[0] === fault.evidence[0],
        ) ?? operation,
      ),
    ),
  );
  const worst = judged.sort(
    (a, b) =>
      WORST_FIRST.indexOf(a.verdict) - WORST_FIRST.indexOf(b.verdict) ||
      (b.measured ?? Number.POSITIVE_INFINITY) - (a.measured ?? Number.POSITIVE_INFINITY),
  )[0];
  if (worst !== undefined) return [worst];
  const why = bi('no fault with confirmed effect to recover from', '没有确认生效的故障，无从谈恢复');
  return [{ id: 'rto', limit, measured: null, error: null, verdict: 'unknown', why, evidence: [] }];
}

/** After a fault on data an empty registry that takes writes is still down: discovery decides as well. */
function operationsFor(drill: Drill, fault: FaultMeasurement): readonly JudgedOperation[] {
  const { operation } = drill.objectives;
  if (operation === undefined) return ['register', 'discover'];
  return fault.scope === 'data' && operation !== 'discover' ? [operation, 'discover'] : [operation];
}

/** The operations that a drill is judged on after these faults, for its baseline. */
export const judgedOperations = (drill: Drill, faults: readonly FaultMeasurement[]): readonly JudgedOperation[] => {
  const { operation } = drill.objectives;
  const none = operation === undefined ? (['register', 'discover'] as const) : [operation];
  return [...new Set([...none, ...faults.flatMap((fault) => operationsFor(drill, fault))])];
};

function judgeRecovery(
  limit: number,
  fault: FaultMeasurement,
  found: RecoveryMeasurement | JudgedOperation,
): ObjectiveMeasurement {
  if (typeof found === 'string') {
    const why = bi(`no ${found} was tried after ${fault.step}`, `${fault.step} 之后没有尝试过 ${found}`);
    const base = { id: 'rto', operation: found, step: fault.step, limit, measured: null, error: null } as const;
    return { ...base, verdict: 'unknown', why, evidence: fault.evidence };
  }
  const { operation, recoveryMs: measured, errorMs: error, state, evidence } = found;
  const base = { id: 'rto', operation, step: fault.step, limit, measured, error, evidence } as const;
  if (state !== 'recovered' || measured === null) {
    if (state === 'unknown' && (found.leastMs ?? 0) > limit)
      return { ...base, verdict: 'missed', why: longerWhy(found) };
    const verdict = state === 'not-recovered' ? 'missed' : 'unknown';
    return { ...base, verdict, why: recoveryWhy(found) };
  }
  return { ...base, verdict: verdictOf(measured, error, limit), why: recoveryWhy(found) };
}

function recoveryWhy({ step, operation, recoveryMs, errorMs, why }: RecoveryMeasurement): Bilingual {
  if (recoveryMs === null)
    return bi(`${step}, ${operation}: ${why?.en ?? ''}`, `${step}，${operation}：${why?.zh ?? ''}`);
  const time = `${showDuration(recoveryMs)} ± ${showDuration(errorMs ?? 0)}`;
  const note = why === null ? bi('', '') : bi(`; ${why.en}`, `；${why.zh}`);
  return bi(
    `${operation} was back ${time} after ${step}${note.en}`,
    `${step} 之后 ${time}，${operation} 恢复${note.zh}`,
  );
}

/** Its time is not known, but that it was over the limit is. */
function longerWhy(found: RecoveryMeasurement): Bilingual {
  const still = showDuration(found.leastMs ?? 0);
  const why = recoveryWhy(found);
  return bi(`${why.en}; still failing ${still} after the fault`, `${why.zh}；故障 ${still} 之后仍在失败`);
}

function rpo(drill: Drill, { loss, faults }: Known): readonly ObjectiveMeasurement[] {
  const { rpoRecords, rpoTimeMs } = drill.objectives;
  const why = loss === null ? bi('no node could be read', '没有任何节点可读') : describeLoss(loss);
  const evidence = loss?.evidence ?? [];
  const rows: ObjectiveMeasurement[] = [];
  if (rpoRecords !== null) {
    const measured = loss?.records ?? null;
    const verdict = measured === null ? 'unknown' : verdictOf(measured, 0, rpoRecords);
    rows.push({ id: 'rpo.records', limit: rpoRecords, measured, error: 0, verdict, why, evidence });
  }
  if (rpoTimeMs !== null) {
    const measured = loss?.timeMs ?? null;
    const error = lossErrorMs(loss, faults);
    const verdict = measured === null ? 'unknown' : verdictOf(measured, error, rpoTimeMs);
    rows.push({ id: 'rpo.time', limit: rpoTimeMs, measured, error, verdict, why, evidence });
  }
  return rows;
}

/** A loss by a fault is known to within that fault's bracket. */
function lossErrorMs(loss: LossMeasurement | null, faults: readonly FaultMeasurement[]): number {
  if (loss === null || loss.lossAtMs === null) return 0;
  return faults.find((fault) => fault.effectiveAtMs === loss.lossAtMs)?.bracketMs ?? 0;
}
