import { pollUntil } from '../../core/clock.js';
import { showDuration } from '../../core/duration.js';
import { invariant, WorldError } from '../../core/errors.js';
import { agreedLeader, readMembers } from '../../core/members.js';
import type { Entry } from '../../core/registry.js';
import { listSite } from '../../core/sites.js';
import type { Cluster } from '../../core/target.js';
import { type Bilingual, bi } from '../../core/text.js';
import { clusterOf, type Run } from '../context.js';
import { runCommand } from '../run-command.js';
import { SWITCH_SITE, stopReplication } from '../site-undo.js';
import { passed, type StepOf, type StepResult } from './result.js';

const READY_WITHIN_MS = 10_000;
const STATUS_LIMIT_MS = 1_000;
const LIST_LIMIT_MS = 10_000;
const SERVED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 25;

type ClusterStep = Extract<StepOf<'recover'>, { readonly on: null }>;

/**
 * Standby ready → undo on disk → replication off, or a primary that comes back would overwrite what is newer → the
 * drill's own program → clients go there → until it serves them. What the replication had not copied is lost, and counted.
 */
export async function switchSite(run: Run, step: ClusterStep, signal: AbortSignal): Promise<StepResult> {
  const { standby } = clusterOf(run);
  invariant(standby !== undefined, 'the plan refuses to switch to a standby that is not there');
  if (run.progress.switched) return { outcome: 'fail', reason: THERE_ALREADY };
  const unready = await whyNotReady(run, standby, signal);
  if (unready !== null) return { outcome: 'fail', reason: unready };
  const { command, back } = step;
  const data = { back: back ?? null, cwd: run.drillDir };
  await run.undo.arm({ undoer: SWITCH_SITE, step: step.id, nodes: [], data });
  run.progress.touched = true;
  const startedMs = run.services.clock.monotonicMs();
  await stopReplication({ cluster: clusterOf(run), clock: run.services.clock });
  signal.throwIfAborted();
  if (command !== undefined) {
    const failure = await runCommand(run, { step: step.id, argv: command, env: placesOf(run, standby), signal });
    if (failure !== null) return { outcome: 'fail', reason: failure };
  }
  const moved = await moveClients(run, { standby, step: step.id }, signal);
  const tookMs = run.services.clock.monotonicMs() - startedMs;
  const nodes = standby.registry.nodes;
  const outcome = moved.served ? 'pass' : 'fail';
  const detail = described({ ...moved, tookMs, nodes });
  const facts = { from: clusterOf(run).registry.nodes, to: nodes, held: moved.held, tookMs };
  run.journal.note({ type: 'recover.action', step: step.id, action: step.action, nodes: [], outcome, detail, facts });
  return moved.served ? { ...passed, reason: detail } : { outcome, reason: detail };
}

const THERE_ALREADY = bi('The clients are at the standby site already.', '客户端已在备用站点。');

/** It must have a leader before anything is changed. */
async function whyNotReady(run: Run, standby: Cluster, signal: AbortSignal): Promise<Bilingual | null> {
  const { value: views, reached } = await pollUntil(
    () => readMembers(standby.registry, { limitMs: STATUS_LIMIT_MS, signal }),
    (seen) => agreedLeader(seen) !== null,
    { clock: run.services.clock, withinMs: READY_WITHIN_MS, everyMs: LOOK_EVERY_MS, signal },
  );
  if (reached) return null;
  const seen = views.map(({ node, answer }) => `${node}: ${answer.outcome === 'ok' ? 'no leader' : answer.reason}`);
  return bi(
    `The standby site is not ready, so nothing was switched: ${seen.join('; ')}`,
    `备用站点未就绪，未做任何切换：${seen.join('；')}`,
  );
}

interface Moved {
  readonly held: number;
  readonly served: boolean;
}

/** Without canary clients the switch is that of the drill's own program alone. */
async function moveClients(
  run: Run,
  { standby, step }: { readonly standby: Cluster; readonly step: string },
  signal: AbortSignal,
): Promise<Moved> {
  const { clock } = run.services;
  const { traffic } = run.progress;
  const beforeMs = clock.monotonicMs();
  traffic?.leaveAlone();
  traffic?.switchTo(standby);
  run.progress.switched = true;
  const held = await contentOf(run, standby, signal);
  if (traffic === null) return { held: held.length, served: true };
  // Before the question what was lost is asked, the clients are told what the standby never got.
  traffic.acceptLoss(held, {
    step,
    node: standby.binding.nodes[0]?.site ?? standby.registry.nodes.join(', '),
    beforeMs,
  });
  const since = traffic.counts();
  const { reached } = await pollUntil(
    async () => traffic.counts(),
    (now) => now.register.ok > since.register.ok && now.discover.ok > since.discover.ok,
    { clock, withinMs: SERVED_WITHIN_MS, everyMs: LOOK_EVERY_MS, signal },
  );
  return { held: held.length, served: reached };
}

async function contentOf(run: Run, standby: Cluster, signal: AbortSignal): Promise<readonly Entry[]> {
  const answer = await listSite(standby, { clock: run.services.clock, limitMs: LIST_LIMIT_MS, signal });
  if (answer.outcome === 'ok') return answer.value;
  throw new WorldError({
    code: 'standby-unreadable',
    message: bi(
      `The standby site could not be read after the switch: ${answer.reason}`,
      `切换后无法读取备用站点：${answer.reason}`,
    ),
  });
}

const placesOf = (run: Run, standby: Cluster): Readonly<Record<string, string>> => ({
  FIREDRILL_FROM: clusterOf(run)
    .binding.nodes.map(({ url }) => url)
    .join(','),
  FIREDRILL_TO: standby.binding.nodes.map(({ url }) => url).join(','),
});

function described(on: Moved & { readonly tookMs: number; readonly nodes: readonly string[] }): Bilingual {
  const [took, nodes] = [showDuration(on.tookMs), on.nodes.join(', ')];
  return on.served
    ? bi(
        `clients went to the standby site (${nodes}), which held ${on.held} entries; it served them ${took} after the switch began`,
        `客户端已切换到备用站点（${nodes}），其中有 ${on.held} 个条目；自开始切换 ${took} 后恢复服务`,
      )
    : bi(
        `clients went to the standby site (${nodes}) and were not served there within ${took}`,
        `客户端已切换到备用站点（${nodes}），但在 ${took} 内未得到服务`,
      );
}
