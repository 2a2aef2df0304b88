import { type Drill, flatSteps, type PhaseName, type Verb } from '../core/drill.js';
import type { Evidence, Measurements, StepMeasurement } from '../core/measurement.js';
import type { Review } from '../core/review.js';
import { type Bilingual, bi } from '../core/text.js';
import type { EventIndex } from './event-index.js';

interface Scene {
  readonly index: EventIndex;
  readonly drill: Drill;
  readonly steps: readonly StepMeasurement[];
  readonly review: Review | null;
}

interface Content {
  readonly id: string;
  readonly phase: PhaseName;
  readonly text: Bilingual;
  readonly applies: (scene: Scene) => boolean;
  /** Event numbers that show it; none = it is missing. */
  readonly seen: (scene: Scene) => readonly number[];
}

const onCluster = ({ drill }: Scene): boolean => drill.kind !== 'tabletop';
const breaks = ({ drill }: Scene): boolean => flatSteps(drill).some(({ step }) => step.verb === 'inject');
const keepsData = ({ drill }: Scene): boolean => drill.kind === 'full-flow' || drill.traffic !== undefined;

/** A probe cannot hold a briefing or a review. */
const BY_PEOPLE: readonly Verb[] = ['manual', 'document', 'situation'];

const run = ({ steps }: Scene, phase: PhaseName, verbs?: readonly Verb[]): readonly number[] =>
  steps
    .filter((step) => step.phase === phase && step.outcome !== 'skipped' && (verbs?.includes(step.verb) ?? true))
    .flatMap((step) => step.evidence);
const checked = ({ index }: Scene, fits: (probe: string, place: string) => boolean): readonly number[] =>
  index
    .of('check.sampled')
    .filter((check) => fits(check.probe, check.place))
    .map((check) => check.seq);

/** Seed §8.3, the contents of the five phases, as far as a journal can show them. */
const CONTENTS: readonly Content[] = [
  {
    id: 'documents-reviewed',
    phase: 'prepare',
    text: bi('review of the documents', '审阅预案文档'),
    applies: ({ drill }) => drill.kind === 'tabletop',
    seen: ({ index }) => index.of('document.reviewed').map((event) => event.seq),
  },
  {
    id: 'environment-ready',
    phase: 'prepare',
    text: bi('environment checked before the drill', '准备并检查演练环境'),
    applies: onCluster,
    seen: (scene) => [
      ...checked(scene, (_, place) => place === 'steady-before' || place === 'gate'),
      ...run(scene, 'prepare', ['check']),
    ],
  },
  {
    id: 'backup-checked',
    phase: 'prepare',
    text: bi('backup made or checked', '检查备份数据'),
    applies: ({ drill }) => flatSteps(drill).some(({ step }) => step.verb === 'restore'),
    seen: (scene) => [
      ...scene.index.of('backup.written').map((event) => event.seq),
      ...checked(scene, (probe) => probe.startsWith('backup.')),
    ],
  },
  {
    id: 'briefing',
    phase: 'kickoff',
    text: bi('briefing: roles and goals confirmed', '启动：召开动员会、确认角色与目标'),
    applies: () => true,
    seen: (scene) => run(scene, 'kickoff', BY_PEOPLE),
  },
  {
    id: 'fault-simulated',
    phase: 'execute',
    text: bi('a fault or a situation', '模拟故障发生'),
    applies: (scene) => !onCluster(scene) || breaks(scene),
    seen: ({ index }) => [...index.of('fault.injected'), ...index.of('situation.played')].map((event) => event.seq),
  },
  {
    id: 'recovery-executed',
    phase: 'execute',
    text: bi('recovery by the plan', '按预案执行恢复'),
    applies: breaks,
    seen: ({ index }) => [
      ...index.of('recover.action').map((event) => event.seq),
      ...index.of('restore.substep').map((event) => event.seq),
      ...index
        .of('undo.reverted')
        .filter(({ cause }) => cause === 'for' || cause === 'heal')
        .map((event) => event.seq),
    ],
  },
  {
    id: 'availability-verified',
    phase: 'verify',
    text: bi('availability checked afterwards', '检查服务可用性'),
    applies: onCluster,
    seen: (scene) => [...checked(scene, (_, place) => place === 'steady-after'), ...run(scene, 'verify', ['check'])],
  },
  {
    id: 'integrity-verified',
    phase: 'verify',
    text: bi('data integrity checked by count, hash and function', '验证数据完整性（数量、哈希、功能）'),
    applies: keepsData,
    seen: (scene) => {
      const probes = ['integrity.count', 'integrity.hash', 'integrity.functional'];
      const each = probes.map((wanted) => checked(scene, (probe) => probe === wanted));
      return each.some((found) => found.length === 0) ? [] : each.flat();
    },
  },
  {
    id: 'review-held',
    phase: 'review',
    text: bi('review held', '总结复盘'),
    applies: () => true,
    seen: (scene) => [...run(scene, 'review', BY_PEOPLE), ...heldLater(scene.index, scene.review)],
  },
];

const REVIEW_WITHIN_MS = 3 * 86_400_000;

/** Held after the run: somebody who was there is on record, within the three days that seed §8.3 gives. */
function heldLater({ all }: EventIndex, review: Review | null): Evidence {
  const last = all.at(-1);
  if (review === null || last === undefined) return [];
  const held = review.attendance.some(
    ({ present, at }) => present && Date.parse(at) - Date.parse(last.at) <= REVIEW_WITHIN_MS,
  );
  return held ? [last.seq] : [];
}

export function measureContents(
  index: EventIndex,
  steps: readonly StepMeasurement[],
  review: Review | null,
): Measurements['contents'] {
  if (index.opened === null) return [];
  const scene = { index, steps, drill: index.opened.drill, review };
  return CONTENTS.filter((content) => content.applies(scene)).map((content) => {
    const evidence = content.seen(scene);
    return { id: content.id, phase: content.phase, text: content.text, present: evidence.length > 0, evidence };
  });
}
