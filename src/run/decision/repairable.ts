/** Can the registry be repaired where it is, within the time the tree allows? */
import type { Finding } from '../../core/decision.js';
import { showDuration } from '../../core/duration.js';
import type { DecisionAnswer } from '../../core/plan-decision.js';
import { type Bilingual, bi } from '../../core/text.js';
import { runProbe } from '../check.js';
import { clusterOf, type Run } from '../context.js';
import { type Measured, measuredTime } from './measured.js';
import { type NodeCondition, nodeConditions } from './node-condition.js';

/** Seed §6.3. */
const USUAL_LIMIT_MS = 15 * 60_000;

export async function repairable(run: Run, withinMs = USUAL_LIMIT_MS, signal: AbortSignal): Promise<Finding> {
  const nodes = await nodeConditions(run, signal);
  const quorum = run.plan.target?.quorum ?? Math.floor(clusterOf(run).binding.nodes.length / 2) + 1;
  const serves = nodes.filter(({ is }) => is === 'serving').length >= quorum;
  // Without a majority nobody can be asked, and a probe that waits for answers costs the time it is all about.
  const discovery = serves ? await runProbe(run, 'discovery.complete', signal) : null;
  const repair = repairNeeded({ nodes, quorum, complete: discovery?.value ?? null });
  const measured = repair === 'restart' || repair === 'restore' ? measuredTime(run, repair) : null;
  const { answer, why } = judged({ repair, measured, withinMs, nodes, quorum });
  const states = nodes.map(({ node, is, why: detail }) => [node, `${is}: ${detail}`] as const);
  return {
    answer,
    why,
    values: {
      ...Object.fromEntries(states),
      quorum,
      ...(serves ? { 'discovery.complete %': discovery?.value ?? null } : {}),
      repair,
      measuredMs: measured === null ? null : Math.round(measured.tookMs),
      limitMs: withinMs,
    },
    where: bi(
      `state and status of each node${serves ? ', probe discovery.complete' : ''}${measured === null ? '' : `, ${measured.where.en}`}`,
      `各节点的进程状态与应答${serves ? '、探针 discovery.complete' : ''}${measured === null ? '' : `、${measured.where.zh}`}`,
    ),
    evidence: measured?.evidence ?? [],
  };
}

/** Null = it cannot be repaired here: too few nodes can serve again with their data. */
function repairNeeded(seen: {
  readonly nodes: readonly NodeCondition[];
  readonly quorum: number;
  readonly complete: unknown;
}): 'nothing' | 'restart' | 'restore' | 'unseen' | null {
  const count = (...wanted: readonly NodeCondition['is'][]): number =>
    seen.nodes.filter(({ is }) => wanted.includes(is)).length;
  if (count('serving') >= seen.quorum) {
    // It answers, and yet not all that must be there is: only a backup brings that back.
    return typeof seen.complete === 'number' && seen.complete < 100 ? 'restore' : 'nothing';
  }
  if (count('serving', 'startable') >= seen.quorum) return 'restart';
  if (count('serving', 'startable', 'unseen') >= seen.quorum) return 'unseen';
  if (count('serving', 'startable', 'data-lost') >= seen.quorum) return 'restore';
  return null;
}

function judged(on: {
  readonly repair: ReturnType<typeof repairNeeded>;
  readonly measured: Measured | null;
  readonly withinMs: number;
  readonly nodes: readonly NodeCondition[];
  readonly quorum: number;
}): { readonly answer: DecisionAnswer; readonly why: Bilingual } {
  const { repair, measured, withinMs, nodes, quorum } = on;
  const limit = showDuration(withinMs);
  const lost = nodes.filter(({ is }) => is === 'beyond' || is === 'data-lost').map(({ node }) => node);
  switch (repair) {
    case null:
      return {
        answer: 'no',
        why: bi(
          `${lost.join(', ')} cannot be brought back here; fewer than the ${quorum} needed are left`,
          `${lost.join('、')} 无法在原地恢复；剩余节点不足所需的 ${quorum} 个`,
        ),
      };
    case 'unseen':
      return { answer: 'unknown', why: bi('not every node could be looked at', '并非所有节点都能查看') };
    case 'nothing':
      return { answer: 'yes', why: bi('a majority serves already', '多数节点已在提供服务') };
    case 'restart':
    case 'restore': {
      const act = repair === 'restart' ? bi('a restart', '重启') : bi('a restore', '数据恢复');
      if (measured === null) {
        return {
          answer: 'unknown',
          why: bi(`${act.en} would help, but none was ever measured`, `${act.zh}可行，但从未测得其用时`),
        };
      }
      const took = showDuration(measured.tookMs);
      return measured.tookMs <= withinMs
        ? {
            answer: 'yes',
            why: bi(
              `${act.en} took ${took}, at most ${limit} is allowed`,
              `${act.zh}实测用时 ${took}，不超过 ${limit}`,
            ),
          }
        : {
            answer: 'no',
            why: bi(`${act.en} took ${took}, longer than ${limit}`, `${act.zh}实测用时 ${took}，超过 ${limit}`),
          };
    }
  }
}
