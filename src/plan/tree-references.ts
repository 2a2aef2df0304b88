/** A decision tree must lead somewhere: every branch to a question or an outcome, never in a circle, nothing unreachable. */
import { DECISION_ANSWERS } from '../core/plan-decision.js';
import { isMapValue, nameHint } from '../core/shape.js';
import { type Bilingual, bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';
import type { DocumentPath, YamlDocument } from '../core/yaml-document.js';

type Raw = Readonly<Record<string, unknown>>;

interface Tree {
  readonly document: YamlDocument;
  readonly path: DocumentPath;
  readonly questions: Raw;
  readonly outcomes: Raw;
}

export function checkTrees(document: YamlDocument, plan: Raw): void {
  if (!isMapValue(plan.decision)) return;
  for (const [name, value] of Object.entries(plan.decision)) {
    if (!isMapValue(value) || !isMapValue(value.questions) || !isMapValue(value.outcomes)) continue;
    const tree = { document, path: ['decision', name], questions: value.questions, outcomes: value.outcomes };
    checkTree(tree, value.start);
  }
}

function checkTree(tree: Tree, start: unknown): void {
  const { document, path, questions, outcomes } = tree;
  for (const both of Object.keys(questions).filter((name) => Object.hasOwn(outcomes, name))) {
    const message = bi(`${quoted(both)} is both a question and an outcome`, `${quoted(both)}既是问题又是结论`);
    document.report({ path: [...path, 'outcomes', both], what: 'key', message });
  }
  if (typeof start !== 'string') return;
  if (!Object.hasOwn(questions, start)) {
    const message = bi(`this tree has no question ${quoted(start)}`, `该决策树没有问题${quoted(start)}`);
    document.report({ path: [...path, 'start'], message, hint: nameHint(start, Object.keys(questions)) });
    return;
  }
  const whole = checkBranches(tree);
  const reached = reachable(tree, start);
  if (!whole) return;
  for (const [part, names] of Object.entries({ questions, outcomes })) {
    for (const name of Object.keys(names).filter((each) => !reached.has(each))) {
      const message = bi(`no answer leads to ${quoted(name)}`, `没有任何回答通向${quoted(name)}`);
      document.report({ path: [...path, part, name], what: 'key', message });
    }
  }
}

/** True = every branch leads to something that is there. */
function checkBranches({ document, path, questions, outcomes }: Tree): boolean {
  const known = [...Object.keys(questions), ...Object.keys(outcomes)];
  let whole = true;
  for (const [name, question] of Object.entries(questions)) {
    for (const answer of DECISION_ANSWERS) {
      const next = isMapValue(question) ? question[answer] : undefined;
      if (typeof next !== 'string') whole = false;
      else if (!known.includes(next)) {
        whole = false;
        const message = bi(
          `this tree has no question or outcome ${quoted(next)}`,
          `该决策树没有问题或结论${quoted(next)}`,
        );
        document.report({ path: [...path, 'questions', name, answer], message, hint: nameHint(next, known) });
      }
    }
  }
  return whole;
}

/** What `start` leads to; the branch that closes a circle is reported where it stands. */
function reachable({ document, path, questions }: Tree, start: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const walk = (name: string, above: readonly string[]): void => {
    if (reached.has(name)) return;
    reached.add(name);
    const way = [...above, name];
    for (const [answer, next] of nextOf(questions, name)) {
      if (!way.includes(next)) walk(next, way);
      else document.report({ path: [...path, 'questions', name, answer], message: endless(next) });
    }
  };
  walk(start, []);
  return reached;
}

function nextOf(questions: Raw, name: string): readonly (readonly [string, string])[] {
  const question = Object.hasOwn(questions, name) ? questions[name] : undefined;
  if (!isMapValue(question)) return [];
  return DECISION_ANSWERS.flatMap((answer) => {
    const next = question[answer];
    return typeof next === 'string' ? [[answer, next] as const] : [];
  });
}

const endless = (next: string): Bilingual =>
  bi(`this leads back to ${quoted(next)}: the tree would never end`, `该分支回到${quoted(next)}：决策树不会结束`);
