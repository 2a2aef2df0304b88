import { type Drill, flatSteps } from '../core/drill.js';
import type { Json } from '../core/fault.js';
import type { EventOf } from '../core/journal.js';
import type { FaultMeasurement, Measurements, ObjectiveMeasurement, RestoreMeasurement } from '../core/measurement.js';
import { isIdentity } from '../core/roles.js';
import { type Bilingual, bi } from '../core/text.js';
import { baselineReasons } from './baseline.js';
import type { EventIndex } from './event-index.js';
import { beginning } from './run.js';

export interface Reason {
  readonly code: string;
  readonly text: Bilingual;
  readonly evidence: readonly number[];
}

interface Known {
  readonly run: Measurements['run'];
  readonly faults: readonly FaultMeasurement[];
  readonly restores: readonly RestoreMeasurement[];
  readonly objectives: readonly ObjectiveMeasurement[];
  readonly ledgerKnown: boolean;
  readonly rehearsal: boolean;
}

/** The table "What counts as a valid run" of semantics.md; every reason that holds is listed. */
export function measureValidity(index: EventIndex, known: Known): Measurements['validity'] {
  const because = reasonsAgainst(index, known);
  return { valid: because.length === 0, because };
}

function reasonsAgainst(index: EventIndex, known: Known): readonly Reason[] {
  const { opened } = index;
  if (opened === null) {
    const text = bi('the journal does not begin with run.opened', '日志不以 run.opened 开头');
    return [{ code: 'no-drill', text, evidence: [] }];
  }
  const ended = endedReasons(index, known);
  if (ended.some((reason) => reason.code === 'not-begun')) return ended;
  const { drill } = opened;
  const bite = biteReasons(known.faults);
  if (known.run.endedEarly) return [...ended, ...bite];
  return [...ended, ...bite, ...kindReasons(index, drill, known), ...unknownReasons(drill, known)];
}

function endedReasons(index: EventIndex, { run }: Known): readonly Reason[] {
  const reasons: Reason[] = [];
  const last = index.all.at(-1)?.seq;
  const evidence = last === undefined ? [] : [last];
  const stopping = index.of('run.stopping')[0];
  const why = stopping?.detail ?? ENDINGS[run.ending];
  if (run.endedEarly && beginning(index) === null) {
    const text = bi(`the run ended before anything was broken: ${why.en}`, `运行在造成任何故障之前结束：${why.zh}`);
    reasons.push({ code: 'not-begun', text, evidence: stopping === undefined ? evidence : [stopping.seq] });
  } else if (run.endedEarly) {
    const text = bi(`the run ended before its plan did: ${why.en}`, `运行早于计划结束：${why.zh}`);
    reasons.push({ code: 'ended-early', text, evidence: stopping === undefined ? evidence : [stopping.seq] });
  }
  for (const error of index.of('run.error')) {
    const text = bi(
      `an error of Firedrill in ${error.where}: ${error.message.en}`,
      `Firedrill 自身在 ${error.where} 出错：${error.message.zh}`,
    );
    reasons.push({ code: 'tool-error', text, evidence: [error.seq] });
  }
  return reasons;
}

const ENDINGS: Readonly<Record<Measurements['run']['ending'], Bilingual>> = {
  completed: bi('completed', '已完成'),
  refused: bi('refused by a check', '被检查拒绝'),
  stopped: bi('stopped', '被停止'),
  error: bi('an error of Firedrill', 'Firedrill 自身出错'),
  cut: bi('the journal breaks off', '日志中断'),
};

function biteReasons(faults: readonly FaultMeasurement[]): readonly Reason[] {
  return faults
    .filter((fault) => !fault.confirmed)
    .map((fault) => ({
      code: 'effect-not-confirmed',
      text: bi(
        `${fault.step}: the effect of ${fault.name} was not confirmed (${fault.detail.en})`,
        `${fault.step}：${fault.name} 的效果未得到确认（${fault.detail.zh}）`,
      ),
      evidence: fault.evidence,
    }));
}

function kindReasons(index: EventIndex, drill: Drill, known: Known): readonly Reason[] {
  switch (drill.kind) {
    case 'fault-injection':
      return [...injectReasons(known), ...baselineReasons(index, drill, known.faults)];
    case 'full-flow':
      return [
        ...injectReasons(known),
        ...baselineReasons(index, drill, known.faults),
        ...sixStepReasons(known.restores),
      ];
    case 'partial':
      return partialReasons(index, known);
    case 'tabletop':
      return tabletopReasons(index, drill);
  }
}

function injectReasons({ faults }: Known): readonly Reason[] {
  if (faults.some((fault) => fault.confirmed)) return [];
  const text = bi('no fault with confirmed effect was injected', '没有注入任何确认生效的故障');
  return [{ code: 'no-fault', text, evidence: [] }];
}

function sixStepReasons(restores: readonly RestoreMeasurement[]): readonly Reason[] {
  if (restores.some((restore) => restore.sixSteps)) return [];
  const text =
    restores.length === 0
      ? bi(
          'a full-flow drill needs a restore from an archive in six steps; there was none',
          '全流程演练必须包含六步恢复；本次没有',
        )
      : bi(
          'no restore passed all six steps with process ids and file hashes',
          '没有一次恢复完整通过六个步骤并留下进程号与文件哈希',
        );
  return [{ code: 'no-six-step-restore', text, evidence: restores.flatMap((restore) => restore.evidence) }];
}

/** One thing really done, with its effect seen: a confirmed fault, a restore or a recovery action that passed. */
function partialReasons(index: EventIndex, { faults, restores, rehearsal }: Known): readonly Reason[] {
  const recovered = index.of('recover.action').some((event) => event.outcome === 'pass' && hasNewProcess(event.facts));
  const restored = restores.some(isDone);
  if (rehearsal || recovered || restored || faults.some((fault) => fault.confirmed)) return [];
  const text = bi('no inject, restore or recover step took effect', '没有任何注入、恢复数据或恢复操作的步骤真正生效');
  return [{ code: 'nothing-took-effect', text, evidence: [] }];
}

/**
 * A drill starts on running nodes: without a fault, which counts by itself, only another process is proof that the
 * action did something.
 */
function hasNewProcess({ before, after }: EventOf<'recover.action'>['facts']): boolean {
  const pidsIn = (fact: Json | undefined): ReadonlyMap<string, Json> =>
    new Map(typeof fact === 'object' && fact !== null ? Object.entries(fact) : []);
  const earlier = pidsIn(before);
  return [...pidsIn(after)].some(
    ([node, pid]) => typeof pid === 'number' && earlier.has(node) && earlier.get(node) !== pid,
  );
}

function isDone({ substeps }: RestoreMeasurement): boolean {
  const own = substeps.filter(({ name, outcome }) => name !== 'check-archive' && outcome !== 'not-applicable');
  const outcomes = own.map((substep) => substep.outcome);
  return outcomes.length > 0 && outcomes.every((outcome) => outcome === 'pass');
}

function tabletopReasons(index: EventIndex, drill: Drill): readonly Reason[] {
  const played = index.of('situation.played');
  const asked = new Set(played.map((event) => event.step));
  const planned = flatSteps(drill).filter(({ step, conditional }) => step.verb === 'situation' && !conditional);
  const unanswered = planned.map(({ step }) => step.id).filter((id) => !asked.has(id));
  const nameless = played.filter((event) => event.played && !isIdentity(drill.roles, event.answeredBy ?? ''));
  const noReason = played.filter((event) => !event.played && !event.notPlayedBecause);
  const reasons: Reason[] = [];
  if (planned.length === 0) {
    const text = bi('the tabletop has no situation', '桌面推演没有任何情景');
    reasons.push({ code: 'no-situation', text, evidence: [] });
  }
  for (const step of unanswered) {
    const text = bi(
      `situation ${step} was neither played nor marked as not played`,
      `情景 ${step} 既未推演也未说明未推演的原因`,
    );
    reasons.push({ code: 'situation-not-played', text, evidence: [] });
  }
  for (const { step, seq } of noReason) {
    const text = bi(`situation ${step} was not played, without a reason`, `情景 ${step} 未推演且没有原因`);
    reasons.push({ code: 'situation-without-reason', text, evidence: [seq] });
  }
  for (const { step, seq } of nameless) {
    const text = bi(`the answer to situation ${step} has no name`, `情景 ${step} 的回答没有署名`);
    reasons.push({ code: 'answer-without-name', text, evidence: [seq] });
  }
  return reasons;
}

function unknownReasons(drill: Drill, known: Known): readonly Reason[] {
  const unknown = known.objectives
    .filter((objective) => objective.verdict === 'unknown')
    .map((objective) => ({
      code: 'objective-unknown',
      text: bi(
        `objective ${objective.id} is unknown: ${objective.why.en}`,
        `目标 ${objective.id} 未知：${objective.why.zh}`,
      ),
      evidence: objective.evidence,
    }));
  if (drill.traffic === undefined || known.ledgerKnown) return unknown;
  const text = bi('no node could be read for the ledger', '没有任何节点可供账本核对');
  return [...unknown, { code: 'ledger-unknown', text, evidence: [] }];
}
