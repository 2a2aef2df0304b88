import { showDuration } from '../../core/duration.js';
import { WorldError } from '../../core/errors.js';
import { askInTurn } from '../../core/members.js';
import type { OwnersBack } from '../../core/services.js';
import { type Bilingual, bi } from '../../core/text.js';
import { activeCluster, type Run } from '../context.js';
import { supersedeOwned } from '../lift-faults.js';
import { runCommand } from '../run-command.js';
import { passed, type StepOf, type StepResult } from './result.js';

const BACK_WITHIN_MS = 60_000;
const LIST_LIMIT_MS = 10_000;

type Asked = Pick<Extract<StepOf<'recover'>, { readonly on: null }>, 'id' | 'action' | 'command'>;

/**
 * The last resort of seed §5.4: no backup is left, and the owners of the instances register again. Ours do it themselves;
 * those of other services by the drill's own program. Both side by side, timed.
 */
export async function reRegister(run: Run, step: Asked, signal: AbortSignal): Promise<StepResult> {
  const { clock } = run.services;
  const { traffic } = run.progress;
  if (traffic === null && step.command === undefined) return { outcome: 'fail', reason: NOBODY };
  run.progress.touched = true;
  const missing = await missingNow(run, signal);
  const startedMs = clock.monotonicMs();
  const [back, failure] = await Promise.all([
    traffic?.registerAgain({ withinMs: BACK_WITHIN_MS, signal }) ?? NONE_OF_OURS,
    step.command === undefined
      ? null
      : runCommand(run, { step: step.id, argv: step.command, env: placeOf(run), signal }),
  ]);
  const tookMs = clock.monotonicMs() - startedMs;
  const owned = back.leased.owned + back.durable.owned;
  const returned = back.leased.back + back.durable.back;
  const detail = described({ owned, returned, missing, tookMs });
  const wrong = failure ?? (returned < owned ? detail : null);
  const outcome = wrong === null ? 'pass' : 'fail';
  const facts = { ...back, missing, tookMs };
  run.journal.note({ type: 'recover.action', step: step.id, action: step.action, nodes: [], outcome, detail, facts });
  if (wrong !== null) return { outcome, reason: wrong };
  await supersedeOwned(run, step.action);
  return { ...passed, reason: detail };
}

const NOBODY = bi(
  'There are no canary clients, and no “command” by which others register again: nobody would come back.',
  '没有探测客户端，也没有供其他所有者重新注册的“command”：不会有任何实例回来。',
);
const NONE_OF_OURS: OwnersBack = { leased: { owned: 0, back: 0 }, durable: { owned: 0, back: 0 } };

/** What is expected of ours and not there before it begins; null = it could not be read, or nothing is expected. */
async function missingNow(run: Run, signal: AbortSignal): Promise<number | null> {
  const expected = run.progress.traffic?.expected();
  if (expected === undefined) return null;
  const { clock } = run.services;
  const options = { clock, limitMs: LIST_LIMIT_MS, signal };
  const answer = await askInTurn(activeCluster(run).registry, (client, limits) => client.listOwn(limits), options);
  signal.throwIfAborted();
  if (answer.outcome !== 'ok') throw unreadable(answer.reason);
  const held = new Set(answer.value.map(({ service, instance }) => `${service}/${instance}`));
  return [...expected.must.keys()].filter((key) => !held.has(key)).length;
}

/** Where the owners register, for the drill's own program. */
function placeOf(run: Run): Readonly<Record<string, string>> {
  const { nodes, prefix, registry } = activeCluster(run).binding;
  return {
    FIREDRILL_REGISTRY: registry,
    FIREDRILL_ENDPOINTS: nodes.map(({ url }) => url).join(','),
    FIREDRILL_PREFIX: prefix,
  };
}

function described(on: {
  readonly owned: number;
  readonly returned: number;
  readonly missing: number | null;
  readonly tookMs: number;
}): Bilingual {
  const { owned, returned, missing } = on;
  const took = showDuration(on.tookMs);
  const were = missing === null ? bi('', '') : bi(`, ${missing} of them were missing`, `，其中此前缺失 ${missing} 个`);
  return bi(
    `${returned} of ${owned} instances registered again by their owners in ${took}${were.en}`,
    `所有者在 ${took} 内重新注册了 ${owned} 个实例中的 ${returned} 个${were.zh}`,
  );
}

const unreadable = (reason: string): WorldError =>
  new WorldError({
    code: 'registry-unreachable',
    message: bi(
      `No node could be read before the owners registered again: ${reason}`,
      `在所有者重新注册之前没有节点可读：${reason}`,
    ),
    hint: bi('Bring the nodes up first: recover: node.start.', '请先恢复节点：recover: node.start。'),
  });
