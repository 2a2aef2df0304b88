/** What a drill names of the recovery plan's decisions and degradation must be there. */
import type { DecisionTree } from '../core/plan-decision.js';
import { isMapValue, nameHint } from '../core/shape.js';
import { bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';
import type { Checked } from './earlier-step.js';
import type { OutlineStep } from './outline.js';

/** The tree of a decide step; undefined when the plan has none of that name, which is reported elsewhere. */
export function treeOf({ plan }: Checked, { raw }: OutlineStep): DecisionTree | undefined {
  const trees = plan?.decision ?? {};
  return typeof raw.decide === 'string' && Object.hasOwn(trees, raw.decide) ? trees[raw.decide] : undefined;
}

export function checkPlanNames(checked: Checked, step: OutlineStep): void {
  if (checked.plan === null) return;
  if (step.verb === 'decide') checkTree(checked, step);
  if (step.verb === 'degrade') checkLevel(checked, step);
  if (step.verb === 'restore') checkTiers(checked, step);
  if (step.verb === 'backup') checkTier(checked, { name: step.raw.tier, path: [...step.path, 'tier'] });
}

function checkTree(checked: Checked, step: OutlineStep): void {
  const name = step.raw.decide;
  if (typeof name !== 'string' || treeOf(checked, step) !== undefined) return;
  checked.document.report({
    path: [...step.path, 'decide'],
    message: bi(`the recovery plan has no decision tree ${quoted(name)}`, `恢复预案中没有决策树${quoted(name)}`),
    hint: nameHint(name, Object.keys(checked.plan?.decision ?? {})),
  });
}

/** Without clients nobody would feel a level: they run from the end of prepare to the end of verify. */
function checkLevel({ document, value, plan, outline }: Checked, step: OutlineStep): void {
  const path = [...step.path, 'degrade'];
  if (plan?.degradation === undefined) {
    document.report({
      path,
      message: bi('the recovery plan has no “degradation”', '恢复预案中没有“degradation”'),
      hint: bi('`firedrill init` writes a plan that has it', '`firedrill init` 会写出包含它的预案'),
    });
  }
  if (!Object.hasOwn(value, 'traffic') || step.phase === 'prepare' || step.phase === 'review') {
    document.report({
      path,
      message: bi(
        'a degradation level is felt by canary clients: it needs “traffic”, and a phase in which they run (kickoff, execute, verify)',
        '降级由探测客户端感受：需要“traffic”，且须在其运行的阶段（kickoff、execute、verify）',
      ),
    });
  }
  const entered = outline
    .slice(0, outline.indexOf(step))
    .some(({ verb, raw }) => verb === 'degrade' && raw.degrade !== 'off');
  if (step.raw.degrade === 'off' && !entered) {
    document.report({ path, message: bi('no level was entered before', '之前没有进入任何级别') });
  }
}

function checkTiers(checked: Checked, { raw, path }: OutlineStep): void {
  const ways: readonly unknown[] = Array.isArray(raw.fallback) ? raw.fallback : [];
  for (const [index, way] of ways.entries()) {
    if (isMapValue(way)) checkTier(checked, { name: way.tier, path: [...path, 'fallback', index, 'tier'] });
  }
}

function checkTier(
  { document, plan }: Checked,
  { name, path }: { readonly name: unknown; readonly path: OutlineStep['path'] },
): void {
  const known = Object.keys(plan?.tiers ?? {});
  if (typeof name !== 'string' || known.includes(name)) return;
  document.report({
    path,
    message: bi(`the recovery plan has no tier ${quoted(name)}`, `恢复预案中没有层级${quoted(name)}`),
    hint: nameHint(name, known),
  });
}
