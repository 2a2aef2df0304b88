import type { Plan, Refusal } from '../core/plan.js';
import { bi } from '../core/text.js';

/** What must be the same when a plan that was written to a file is run: `what it is about` → `how it was`. */
export type FixedPlan = Readonly<Record<string, string>>;

/** A leader counts as it is chosen: a plan that was read with n1 in that place is another plan with n2. */
export function fixedPlan({ drillSha256, target, steps }: Plan): FixedPlan {
  const { binding, members, voters, quorum } = target ?? { binding: null, members: [], voters: 0, quorum: 0 };
  return Object.fromEntries([
    ['drill', `sha256 ${drillSha256}`],
    ...(binding === null
      ? []
      : [
          [
            'target',
            `${binding.product} ${binding.version}, ${binding.driver}, ${binding.clusterId ?? '–'}, ${binding.prefix}`,
          ],
        ]),
    ['votes', `${voters}, quorum ${quorum}`],
    ...members.map(({ node, url, pid, startTicks, voter }) => [
      `node ${node}`,
      `${url}, pid ${pid ?? '–'}, start ${startTicks ?? '–'}${voter ? '' : ', no voter'}`,
    ]),
    ...steps.map(({ id, verb, nodes, votersLeft }) => [
      `step ${id}`,
      `${verb} ${nodes.join(', ')}${votersLeft === null ? '' : `, ${votersLeft} votes left`}`,
    ]),
  ]);
}

/** One refusal for each thing that is not as it was when the plan was written; none = the same plan. */
export function changesSince(fixed: FixedPlan, plan: Plan): readonly Refusal[] {
  const now = fixedPlan(plan);
  const names = [...new Set([...Object.keys(fixed), ...Object.keys(now)])];
  return names
    .filter((name) => fixed[name] !== now[name])
    .map((name) => ({
      code: 'plan-changed',
      step: null,
      message: bi(
        `Not as planned: ${name}: was “${fixed[name] ?? '–'}”, is “${now[name] ?? '–'}”.`,
        `与计划不符：${name}：原为“${fixed[name] ?? '–'}”，现为“${now[name] ?? '–'}”。`,
      ),
      hint: bi(
        'Plan again, and read the new plan: firedrill plan FILE -o plan.json',
        '请重新制定并查看计划：firedrill plan 文件 -o plan.json',
      ),
    }));
}
