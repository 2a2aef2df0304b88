import { type Clock, pollUntil } from '../core/clock.js';
import { type Drill, flatSteps } from '../core/drill.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import { type LiveTarget, lookAtTarget } from './members.js';

/** How a plan waits for an election to end; `say` is told once, before the waiting. */
export interface Patience {
  readonly clock: Clock;
  readonly say: (text: Bilingual) => void;
}

const ELECTED_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 100;

const WAITING = bi(
  `The nodes agree on no leader: waiting up to ${ELECTED_WITHIN_MS / 1_000} s for an election to end.`,
  `各节点尚无公认的主节点：最多等待 ${ELECTED_WITHIN_MS / 1_000} 秒，直到选举结束。`,
);

/** The target as it stands. An election under way says nothing of the drill, so one that matters to it is waited for. */
export async function lookWithLeader(
  cluster: Cluster,
  drill: Drill,
  patience: Patience | undefined,
): Promise<LiveTarget> {
  const first = await lookAtTarget(cluster);
  if (patience === undefined || !isElecting(first) || !choosesByLeader(drill)) return first;
  patience.say(WAITING);
  const { value } = await pollUntil(
    () => lookAtTarget(cluster),
    (live) => !isElecting(live),
    { clock: patience.clock, withinMs: ELECTED_WITHIN_MS, everyMs: LOOK_EVERY_MS },
  );
  return value;
}

/** Without a leader though every node runs; one that is gone or frozen is refused anyway. */
const isElecting = ({ leader, states }: LiveTarget): boolean =>
  leader === null && [...states.values()].every(({ state }) => state === 'running');

const choosesByLeader = (drill: Drill): boolean =>
  flatSteps(drill).some(({ step }) => {
    const by = 'on' in step ? step.on?.by : undefined;
    return by?.kind === 'role' && by.role !== 'any';
  });
