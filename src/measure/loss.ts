import { showDuration } from '../core/duration.js';
import type { FaultMeasurement, LossMeasurement, RestoreMeasurement } from '../core/measurement.js';
import { type Bilingual, bi } from '../core/text.js';
import type { EventIndex } from './event-index.js';
import { isConfirmed } from './faults.js';
import type { JudgedEntry, Ledger } from './ledger.js';

/** Something that took acknowledged data away. */
interface LossEvent {
  readonly atMs: number;
  readonly cause: Bilingual;
  readonly evidence: readonly number[];
}

interface Loss {
  readonly acknowledgedMs: number;
  readonly event: LossEvent;
}

export function measureLoss(
  index: EventIndex,
  ledger: Ledger | null,
  world: { readonly faults: readonly FaultMeasurement[]; readonly restores: readonly RestoreMeasurement[] },
): LossMeasurement | null {
  if (ledger === null) return null;
  const events = lossEvents(world);
  const fallback = latestFault(world.faults, ledger);
  const losses = ledger.gone.map((entry) => lossOf(entry, events, fallback));
  const worst = losses.reduce<Loss | null>((a, b) => (a === null || spanMs(b) > spanMs(a) ? b : a), null);
  const faultMs = damagingFaultMs(world.faults);
  return {
    records: ledger.gone.length,
    lostUpdates: ledger.gone.filter(({ verdict }) => verdict.lostUpdate).length,
    timeMs: worst === null ? 0 : spanMs(worst),
    lossAtMs: worst?.event.atMs ?? null,
    cause: worst?.event.cause ?? null,
    afterFault: losses.filter((loss) => loss.acknowledgedMs > faultMs).length,
    recoveryPointAgeMs: recoveryPointAge(index, world),
    evidence: [...ledger.measurement.evidence, ...(worst?.event.evidence ?? [])],
  };
}

const spanMs = (loss: Loss): number => Math.max(0, loss.event.atMs - loss.acknowledgedMs);

/** When data was first damaged on purpose; without such a fault, when anything was first broken. */
function damagingFaultMs(faults: readonly FaultMeasurement[]): number {
  const confirmed = faults.filter(isConfirmed);
  const onData = confirmed.filter((fault) => fault.scope === 'data');
  return Math.min(...(onData.length > 0 ? onData : confirmed).map((fault) => fault.effectiveAtMs));
}

function lossOf({ history }: JudgedEntry, events: readonly LossEvent[], fallback: LossEvent): Loss {
  const acknowledgedMs = history.must?.endedMs ?? 0;
  return { acknowledgedMs, event: events.find((event) => event.atMs >= acknowledgedMs) ?? fallback };
}

/** In order of time: faults on data, and the moment at which a restore puts the old data out of the way. */
function lossEvents({
  faults,
  restores,
}: {
  readonly faults: readonly FaultMeasurement[];
  readonly restores: readonly RestoreMeasurement[];
}): readonly LossEvent[] {
  const wipes = faults
    .filter(isConfirmed)
    .filter((fault) => fault.scope === 'data')
    .map((fault) => ({
      atMs: fault.effectiveAtMs,
      cause: bi(`fault ${fault.name} (${fault.step})`, `故障 ${fault.name}（${fault.step}）`),
      evidence: fault.evidence,
    }));
  const overwritten = restores.flatMap((restore) => {
    const name = restore.scope === 'all' ? 'clear' : 'restore';
    const substep = restore.substeps.find((row) => row.name === name);
    if (substep === undefined) return [];
    const cause = bi(`restore (${restore.step}): ${name}`, `恢复（${restore.step}）：${name}`);
    return [{ atMs: substep.startMs, cause, evidence: substep.evidence }];
  });
  return [...wipes, ...overwritten].sort((a, b) => a.atMs - b.atMs);
}

/** When nothing that deletes data explains a loss, the latest fault before the reading is named. */
function latestFault(faults: readonly FaultMeasurement[], ledger: Ledger): LossEvent {
  const readAtMs = ledger.readAtMs ?? Number.POSITIVE_INFINITY;
  const before = faults.filter(isConfirmed).filter((fault) => fault.effectiveAtMs <= readAtMs);
  const latest = before.sort((a, b) => b.effectiveAtMs - a.effectiveAtMs)[0];
  if (latest === undefined) {
    const cause = bi('no fault explains it; found when the nodes were read', '没有故障可以解释；在读取节点时发现');
    return { atMs: ledger.readAtMs ?? 0, cause, evidence: ledger.measurement.evidence };
  }
  const cause = bi(
    `latest fault before the reading: ${latest.name} (${latest.step})`,
    `读取之前最近的故障：${latest.name}（${latest.step}）`,
  );
  return { atMs: latest.effectiveAtMs, cause, evidence: latest.evidence };
}

/** What a return to the archive costs: from its newest state to the fault that made the restore necessary. */
function recoveryPointAge(
  index: EventIndex,
  world: { readonly faults: readonly FaultMeasurement[]; readonly restores: readonly RestoreMeasurement[] },
): number | null {
  const restore = world.restores.at(-1);
  const [first] = restore?.substeps ?? [];
  if (restore === undefined || first === undefined) return null;
  const cause = lossEvents({ faults: world.faults, restores: [] }).findLast((event) => event.atMs <= first.startMs);
  const momentMs = cause?.atMs ?? lossEvents({ faults: [], restores: [restore] })[0]?.atMs ?? first.startMs;
  const pointMs = archivePointMs(index, restore);
  return pointMs === null ? null : Math.max(0, momentMs - pointMs);
}

/** On the run's clock; for an archive made before the run only the wall time it carries is known. */
function archivePointMs(index: EventIndex, restore: RestoreMeasurement): number | null {
  const chosen = index.of('restore.chosen').findLast((event) => event.step === restore.step);
  const own = index.of('backup.written').find((event) => event.sha256 === chosen?.sha256);
  if (own !== undefined) return own.pointMs;
  const pointMs = Date.parse(restore.backupTimeUtc) - Date.parse(index.opened?.at ?? '');
  return Number.isNaN(pointMs) ? null : pointMs;
}

export const describeLoss = (loss: LossMeasurement): Bilingual =>
  loss.records === 0
    ? bi('nothing that was acknowledged is missing', '已确认的数据无一缺失')
    : bi(
        `${loss.records} acknowledged writes lost (${loss.lostUpdates} of them updates), the oldest ${showDuration(loss.timeMs)} before the loss`,
        `丢失 ${loss.records} 条已确认写入（其中更新 ${loss.lostUpdates} 条），最早的一条早于丢失时刻 ${showDuration(loss.timeMs)}`,
      );
