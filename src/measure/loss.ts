import { showDuration } from '../core/duration.js';
import type { LossMeasurement, RestoreMeasurement } from '../core/measurement.js';
import { type Bilingual, bi } from '../core/text.js';
import type { EventIndex } from './event-index.js';
import type { JudgedEntry, Ledger } from './ledger.js';
import { breakingFaults, inOrder, type LossEvent, lossEvents, type World } from './loss-events.js';

interface Loss {
  readonly acknowledgedMs: number;
  readonly event: LossEvent;
  /** When data was first damaged on purpose where this entry lived; without such a fault, when anything was first broken. */
  readonly faultMs: number;
}

/** What happened in a run that a loss may come from, each list in order of time. */
interface LossHistory {
  /** Faults on data and restores. */
  readonly taking: readonly LossEvent[];
  /** Faults on nodes. */
  readonly breaking: readonly LossEvent[];
  readonly ledger: Ledger;
}

export function measureLoss(index: EventIndex, ledger: Ledger | null, world: World): LossMeasurement | null {
  if (ledger === null) return null;
  const history = { taking: lossEvents(index, world), breaking: breakingFaults(world.faults), ledger };
  const losses = ledger.gone.map((entry) => lossOf(entry, history));
  const worst = losses.reduce<Loss | null>((a, b) => (a === null || spanMs(b) > spanMs(a) ? b : a), null);
  return {
    records: ledger.gone.length,
    lostUpdates: ledger.gone.filter(({ verdict }) => verdict.lostUpdate).length,
    timeMs: worst === null ? 0 : spanMs(worst),
    lossAtMs: worst?.event.atMs ?? null,
    cause: worst?.event.cause ?? null,
    afterFault: losses.filter((loss) => loss.acknowledgedMs > loss.faultMs).length,
    recoveryPointAgeMs: recoveryPointAge(index, world),
    evidence: [...ledger.measurement.evidence, ...(worst?.event.evidence ?? [])],
  };
}

const spanMs = (loss: Loss): number => Math.max(0, loss.event.atMs - loss.acknowledgedMs);

/** The first that took data away once it was there; else the latest of all that can have touched it; else unknown. */
function lossOf({ history: { entry }, verdict }: JudgedEntry, { taking, breaking, ledger }: LossHistory): Loss {
  const acknowledgedMs = verdict.must?.endedMs ?? 0;
  const service = entry.slice(0, entry.lastIndexOf('/'));
  const reaches = (event: LossEvent): boolean => event.service === null || event.service === service;
  const taken = taking.filter(reaches);
  const readAtMs = ledger.readAtMs ?? Number.POSITIVE_INFINITY;
  const latest = inOrder([...taken, ...breaking]).findLast((event) => event.atMs <= readAtMs);
  return {
    acknowledgedMs,
    event: taken.find((event) => event.atMs >= acknowledgedMs) ?? (latest && asLatest(latest)) ?? unexplained(ledger),
    faultMs: (taken.find((event) => event.isFault) ?? breaking[0])?.atMs ?? Number.POSITIVE_INFINITY,
  };
}

/** Nothing that takes data away explains it, so what came last before the reading is named. */
const asLatest = (event: LossEvent): LossEvent => ({
  ...event,
  cause: bi(
    `latest before the reading that can explain it: ${event.cause.en}`,
    `读取之前最近的可能原因：${event.cause.zh}`,
  ),
});

/** Its moment is not known either: the reading is the latest that it can be. */
const unexplained = ({ readAtMs, measurement }: Ledger): LossEvent => ({
  step: null,
  isFault: false,
  atMs: readAtMs ?? 0,
  service: null,
  cause: bi(
    'unknown: nothing that was done explains it; found when the nodes were read',
    '未知：没有任何操作可以解释；在读取节点时发现',
  ),
  evidence: measurement.evidence,
});

/** What a return to the archive costs: from its newest state to the fault that made the restore necessary. */
function recoveryPointAge(index: EventIndex, world: World): number | null {
  const restore = world.restores.at(-1);
  const [first] = restore?.substeps ?? [];
  if (restore === undefined || first === undefined) return null;
  const damage = lossEvents(index, { faults: world.faults, restores: [] });
  const repairs = ({ service }: LossEvent): boolean =>
    restore.service === null || service === null || service === restore.service;
  const cause = damage.filter(repairs).findLast((event) => event.atMs <= first.startMs);
  const momentMs = cause?.atMs ?? lossEvents(index, { faults: [], restores: [restore] })[0]?.atMs ?? first.startMs;
  const pointMs = archivePointMs(index, restore);
  // An archive newer than the damage it repairs (another machine's clock) has no age that could be told.
  return pointMs === null || momentMs < pointMs ? null : momentMs - pointMs;
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
