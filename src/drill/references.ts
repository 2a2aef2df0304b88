/** Names inside a drill that must fit each other: ids, roles, milestones, and steps that speak of other steps. */
import { nearestName } from '../core/catalog.js';
import { didYouMean, isMapValue, nameHint } from '../core/shape.js';
import { bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';
import type { DocumentPath } from '../core/yaml-document.js';
import { type Checked, earlierStep } from './earlier-step.js';
import type { OutlineStep } from './outline.js';
import { checkPlanNames } from './plan-names.js';
import { checkWhen } from './when.js';

export function checkReferences(checked: Checked): void {
  checkIds(checked);
  checkRoles(checked);
  checkObjectives(checked);
  for (const [index, step] of checked.outline.entries()) {
    checkMilestone(checked, step);
    checkStepTargets(checked, step, index);
    checkPlanNames(checked, step);
    checkWhen(checked, step, index);
  }
}

function checkIds({ document, outline }: Checked): void {
  const first = new Map<string, OutlineStep>();
  for (const step of outline.filter((candidate) => candidate.given)) {
    const before = first.get(step.id);
    if (before === undefined) first.set(step.id, step);
    else {
      const { line } = document.locate([...before.path, 'id']);
      document.report({
        path: [...step.path, 'id'],
        message: bi(
          `two steps have the id ${quoted(step.id)} (first in line ${line})`,
          `两个步骤的标识都是${quoted(step.id)}（首次出现在第 ${line} 行）`,
        ),
        hint: bi('an id is unique in the whole drill', '标识在整个演练中必须唯一'),
      });
    }
  }
}

function checkRoles({ document, value, outline, plan }: Checked): void {
  const roles = isMapValue(value.roles) ? value.roles : {};
  const declared = Object.keys(roles).filter((role) => role !== 'unavailable');
  const known = plan === null ? declared : Object.keys(plan.roles);
  for (const role of declared.filter((name) => !known.includes(name))) {
    const message = bi(`the recovery plan has no role ${quoted(role)}`, `恢复预案中没有角色${quoted(role)}`);
    document.report({ path: ['roles', role], what: 'key', message, hint: nameHint(role, known) });
  }
  const people = declared.flatMap((role) => namesIn(roles[role]));
  for (const [name, path] of placedNames(roles.unavailable, ['roles', 'unavailable'])) {
    if (people.includes(name)) continue;
    const message = bi(`nobody named ${quoted(name)} has a role`, `没有任何角色由${quoted(name)}担任`);
    document.report({ path, message, hint: nameHint(name, people) });
  }
  for (const step of outline) {
    const problem = isMapValue(step.raw.problem) ? step.raw.problem : {};
    const decision = isMapValue(problem.decision) ? problem.decision : {};
    checkRole(step.raw.by, [...step.path, 'by']);
    checkRole(decision.by, [...step.path, 'problem', 'decision', 'by']);
  }

  function checkRole(role: unknown, path: DocumentPath): void {
    if (typeof role !== 'string' || declared.includes(role)) return;
    const message = bi(`the drill’s “roles” do not declare ${quoted(role)}`, `演练的“roles”中没有声明${quoted(role)}`);
    const near = nearestName(role, declared);
    const elsewhere = known.includes(role)
      ? bi(`add it under roles, with who holds it: ${role}: NAME`, `请在 roles 下添加并写明由谁担任：${role}: 姓名`)
      : nameHint(role, declared);
    document.report({ path, message, hint: near === null ? elsewhere : didYouMean(near) });
  }
}

const namesIn = (value: unknown): readonly string[] => placedNames(value, []).map(([name]) => name);

function placedNames(value: unknown, path: DocumentPath): readonly (readonly [string, DocumentPath])[] {
  if (typeof value === 'string') return [[value, path]];
  if (!Array.isArray(value)) return [];
  const items: readonly unknown[] = value;
  return items.flatMap((item, index) => (typeof item === 'string' ? [[item, [...path, index]] as const] : []));
}

function checkObjectives({ document, value, outline, plan }: Checked): void {
  const objectives = isMapValue(value.objectives) ? value.objectives : {};
  const { preset, step } = objectives;
  if (plan !== null && typeof preset === 'string' && !Object.hasOwn(plan.presets, preset)) {
    const message = bi(`the recovery plan has no preset ${quoted(preset)}`, `恢复预案中没有目标预设${quoted(preset)}`);
    document.report({ path: ['objectives', 'preset'], message, hint: nameHint(preset, Object.keys(plan.presets)) });
  }
  if (typeof step !== 'string') return;
  const injects = outline.filter((candidate) => candidate.verb === 'inject').map((candidate) => candidate.id);
  if (injects.includes(step)) return;
  const message = bi(`no inject step has the id ${quoted(step)}`, `没有标识为${quoted(step)}的 inject 步骤`);
  document.report({ path: ['objectives', 'step'], message, hint: nameHint(step, injects) });
}

function checkMilestone({ document, plan }: Checked, step: OutlineStep): void {
  const { milestone } = step.raw;
  if (plan === null || typeof milestone !== 'string') return;
  const known = plan.milestones.map(({ id }) => id);
  if (known.includes(milestone)) return;
  const message = bi(
    `the recovery plan has no milestone ${quoted(milestone)}`,
    `恢复预案中没有里程碑${quoted(milestone)}`,
  );
  document.report({ path: [...step.path, 'milestone'], message, hint: nameHint(milestone, known) });
}

/** `heal: id` and `on: { step: id }` speak of steps that came before and can be meant. */
function checkStepTargets(checked: Checked, step: OutlineStep, index: number): void {
  if (step.verb === 'heal') {
    earlierStep(checked, {
      of: step,
      index,
      wanted: step.raw.heal,
      path: [...step.path, 'heal'],
      fits: (target) => target.verb === 'inject',
      misfit: bi('only an inject step can be healed', '只有 inject 步骤可以被 heal'),
    });
  }
  if (isMapValue(step.raw.on)) {
    earlierStep(checked, {
      of: step,
      index,
      wanted: step.raw.on.step,
      path: [...step.path, 'on', 'step'],
      fits: (target) => Object.hasOwn(target.raw, 'on'),
      misfit: bi('that step chooses no nodes', '该步骤没有选择节点'),
    });
  }
}
