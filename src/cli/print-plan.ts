import type { RestartPolicy } from '../core/abilities.js';
import { systemClock } from '../core/clock.js';
import { formatDuration } from '../core/duration.js';
import type { Plan, Refusal } from '../core/plan.js';
import { type Bilingual, bi } from '../core/text.js';
import type { Patience } from '../drill/index.js';
import type { Context } from './context.js';
import { table } from './table.js';

/** Every reason against the plan, before anything is broken. */
export function printRefusals(refusals: readonly Refusal[], ctx: Context): void {
  ctx.err(
    ctx.say(
      bi(
        `Refused: nothing was broken. ${refusals.length} reason(s):`,
        `已拒绝：未破坏任何东西。共 ${refusals.length} 条原因：`,
      ),
    ),
  );
  for (const refusal of refusals) {
    ctx.err(`  ✗ ${refusal.step === null ? '' : `${refusal.step}: `}${ctx.say(refusal.message)}`);
    if (refusal.hint !== undefined) ctx.err(`    ${ctx.say(refusal.hint)}`);
  }
}

/** A plan made during an election waits for its end, and says so. */
export const patienceOf = (ctx: Context): Patience => ({ clock: systemClock, say: (text) => ctx.err(ctx.say(text)) });

/** The plan as a person reads it: target, steps, what is undone and what cannot be. */
export function planText(plan: Plan, ctx: Context): string {
  const say = (en: string, zh: string): string => ctx.say(bi(en, zh));
  return [
    ...targetLines(plan, ctx),
    '',
    ...stepLines(plan, ctx),
    '',
    ...irreversibleLines(plan, ctx),
    ...plan.warnings.map((text) => `! ${ctx.say(text)}`),
    say(`Estimated: ${formatDuration(plan.estimateMs)}`, `预计用时：${formatDuration(plan.estimateMs)}`),
  ].join('\n');
}

function targetLines(plan: Plan, ctx: Context): readonly string[] {
  const { target } = plan;
  if (target === null) return [ctx.say(bi('No target: nothing is touched.', '无目标：不触碰任何系统。'))];
  const { binding } = target;
  const head = ctx.say(
    bi(
      `Target: ${binding.product} ${binding.version}${binding.lab === null ? '' : ` (lab ${binding.lab})`}; ${target.voters} voters, quorum ${target.quorum}`,
      `目标：${binding.product} ${binding.version}${binding.lab === null ? '' : `（练习集群 ${binding.lab}）`}；投票成员 ${target.voters}，法定数 ${target.quorum}`,
    ),
  );
  const managed = target.members.some(({ restartPolicy }) => restartPolicy !== undefined);
  const columns = [
    bi('node', '节点'),
    bi('address', '地址'),
    bi('process', '进程'),
    bi('role', '角色'),
    ...(managed ? [bi('brought back by the engine', '引擎是否自动拉起')] : []),
  ].map((text) => ctx.say(text));
  const rows = target.members.map((member) => [
    member.node,
    member.url,
    String(member.pid ?? '-'),
    ctx.say(member.leader ? bi('leader', '主节点') : bi('follower', '从节点')),
    ...(managed ? [ctx.say(broughtBack(member.restartPolicy))] : []),
  ]);
  return [head, table([columns, ...rows])];
}

/** A kill through the engine switches the policy off for that container, whatever it says. */
function broughtBack(policy: RestartPolicy | undefined): Bilingual {
  if (policy === undefined || !policy.bringsBack) return bi('never', '从不');
  return bi(
    `after a crash or a kill in place (${policy.name}); not after node.kill or node.stop`,
    `崩溃或就地杀死后会（${policy.name}）；node.kill、node.stop 后不会`,
  );
}

function stepLines(plan: Plan, ctx: Context): readonly string[] {
  const none = '-';
  const columns = [
    bi('phase', '阶段'),
    bi('step', '步骤'),
    bi('what happens', '内容'),
    bi('nodes', '节点'),
    bi('votes left', '剩余票数'),
    bi('undo', '撤销方式'),
  ].map((text) => ctx.say(text));
  const rows = plan.steps.map((step) => [
    step.phase,
    step.id,
    ctx.say(step.summary),
    step.nodes.join(', ') || none,
    step.votersLeft === null ? none : String(step.votersLeft),
    step.undo === null ? none : ctx.say(step.undo),
  ]);
  return [table([columns, ...rows])];
}

function irreversibleLines(plan: Plan, ctx: Context): readonly string[] {
  return plan.steps
    .filter((step): step is typeof step & { readonly irreversible: Bilingual } => step.irreversible !== null)
    .map((step) => `${ctx.say(bi('Cannot be undone', '不可撤销'))}: ${step.id}: ${ctx.say(step.irreversible)}`);
}
