import type { Verb } from '../core/drill.js';
import { OUTCOMES, type Outcome } from '../core/outcome.js';
import { isMapValue, nameHint } from '../core/shape.js';
import { bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';
import type { DocumentPath } from '../core/yaml-document.js';
import { type Checked, earlierStep } from './earlier-step.js';
import type { OutlineStep } from './outline.js';
import { treeOf } from './plan-names.js';

/** How a step with this verb can end while the drill still goes on. An error of ours, or a stop, ends the drill. */
const ENDINGS: Readonly<Record<Verb, readonly Outcome[]>> = {
  inject: ['pass', 'fail', 'unknown'],
  heal: ['pass', 'fail'],
  recover: ['pass', 'fail'],
  backup: ['pass', 'fail'],
  restore: ['pass', 'fail'],
  decide: ['pass', 'fail'],
  degrade: ['pass', 'fail'],
  check: ['pass', 'fail', 'unknown'],
  manual: ['pass', 'fail', 'unknown'],
  document: ['pass', 'fail', 'unknown'],
  situation: ['pass', 'fail', 'unknown', 'skipped'],
  problem: ['pass'],
  parallel: ['pass', 'fail', 'unknown', 'skipped'],
  run: ['pass', 'fail'],
  wait: ['pass'],
};

/** `when` must speak of an earlier step, and of an outcome that this step can have. */
export function checkWhen(checked: Checked, step: OutlineStep, index: number): void {
  const { when } = step.raw;
  if (!isMapValue(when)) return;
  const path = [...step.path, 'when'];
  if (Object.hasOwn(when, 'decision')) {
    checkDecision(checked, { step, index, when });
    return;
  }
  const target = earlierStep(checked, {
    of: step,
    index,
    wanted: when.step,
    path: [...path, 'step'],
    fits: () => true,
    misfit: bi('', ''),
  });
  if (target === null || target.verb === null) return;
  const possible = endingsOf(target, target.verb);
  if (typeof when.is !== 'string' || possible.some((outcome) => outcome === when.is)) return;
  if (!isOutcome(when.is)) return;
  checked.document.report({
    path: [...path, 'is'],
    message: bi(
      `this can never be: the step ${quoted(target.id)} (${target.verb}) cannot end as “${when.is}” with the drill going on`,
      `该条件永远不会成立：步骤${quoted(target.id)}（${target.verb}）不可能以“${when.is}”结束且演练仍继续`,
    ),
    hint: hintFor(target, when.is, possible),
  });
}

/** The step must be a decision, and its tree must have these outcomes. */
function checkDecision(
  checked: Checked,
  at: { readonly step: OutlineStep; readonly index: number; readonly when: Readonly<Record<string, unknown>> },
): void {
  const { step, index, when } = at;
  const path = [...step.path, 'when'];
  const target = earlierStep(checked, {
    of: step,
    index,
    wanted: when.decision,
    path: [...path, 'decision'],
    fits: ({ verb }) => verb === 'decide',
    misfit: bi('only a decide step decides', '只有 decide 步骤会做出决策'),
  });
  const tree = target === null ? undefined : treeOf(checked, target);
  if (tree === undefined) return;
  const outcomes = Object.keys(tree.outcomes);
  const wanted: readonly (readonly [unknown, DocumentPath])[] = Array.isArray(when.is)
    ? when.is.map((is, at) => [is, [...path, 'is', at]])
    : [[when.is, [...path, 'is']]];
  for (const [is, place] of wanted) {
    if (typeof is !== 'string' || outcomes.includes(is)) continue;
    checked.document.report({
      path: place,
      message: bi(`this decision has no outcome ${quoted(is)}`, `该决策没有结果${quoted(is)}`),
      hint: nameHint(is, outcomes),
    });
  }
}

function endingsOf(target: OutlineStep, verb: Verb): readonly Outcome[] {
  const skippable = target.groups.length > 0 || Object.hasOwn(target.raw, 'when');
  // A fault that did not bite ends the drill's steps unless it was said that they go on.
  const stops = verb === 'inject' && target.raw.continueOnFailure !== true;
  const own = stops ? ENDINGS[verb].filter((outcome) => outcome === 'pass') : ENDINGS[verb];
  return skippable && !own.includes('skipped') ? [...own, 'skipped'] : own;
}

function hintFor(target: OutlineStep, is: string, possible: readonly Outcome[]) {
  const list = possible.join(', ');
  return target.verb === 'inject' && (is === 'fail' || is === 'unknown')
    ? bi('give that step “continueOnFailure: true”', '请给该步骤加上“continueOnFailure: true”')
    : bi(`it can end as: ${list}`, `可能的结果：${list}`);
}

const isOutcome = (value: string): boolean => OUTCOMES.some((outcome) => outcome === value);
