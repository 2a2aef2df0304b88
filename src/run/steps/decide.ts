import type { AnsweredQuestion, DecisionWord, Finding, SwitchCosts } from '../../core/decision.js';
import { describeError, WorldError } from '../../core/errors.js';
import type { DecisionQuestion, DecisionTree } from '../../core/plan-decision.js';
import { bi } from '../../core/text.js';
import type { Run } from '../context.js';
import { repairable } from '../decision/repairable.js';
import { lookAtStandby, plannedDelayMs, type StandbySeen } from '../decision/standby.js';
import { isSwitch, walkTree } from '../decision/tree.js';
import { usableBackup } from '../decision/usable-backup.js';
import { ask } from './people.js';
import { passed, type StepOf, type StepResult } from './result.js';

type Deciding = StepOf<'decide'>;
type Path = readonly (AnsweredQuestion & { readonly seq: number | null })[];

/** Facts → the tree → a person's word → the outcome, which later steps ask for. Every answer is journaled as it is given. */
export async function decide(run: Run, step: Deciding, signal: AbortSignal): Promise<StepResult> {
  const tree = treeNamed(run, step.tree);
  const path: (AnsweredQuestion & { readonly seq: number | null })[] = [];
  const standby = once(() => lookAtStandby(run, signal));
  const treeOutcome = await walkTree(tree, async (question, spec) => {
    const answered = await answerOf(run, { step, tree, question, spec, standby, nth: path.length }, signal);
    signal.throwIfAborted();
    const event = run.journal.note({ type: 'decision.answered', step: step.id, tree: step.tree, ...answered });
    path.push({ ...answered, seq: event?.seq ?? null });
    return answered.answer;
  });
  const word = await wordOf(run, { step, tree, treeOutcome, path }, signal);
  const outcome = word.said === 'instead' ? word.outcome : treeOutcome;
  const costs = isSwitch(tree, outcome) ? costsOf(run, run.cluster === null ? null : (await standby()).facts) : null;
  const spec = outcomeNamed(tree, outcome);
  run.progress.decisions.set(step.id, outcome);
  run.journal.note({
    type: 'decision.made',
    step: step.id,
    tree: step.tree,
    title: tree.title,
    outcome,
    outcomeTitle: spec.title,
    treeOutcome,
    by: step.by ?? tree.by,
    answeredBy: word.said === 'nothing' ? null : word.answeredBy,
    reason: word.said === 'instead' ? word.reason : null,
    costs,
    evidence: path.flatMap(({ seq }) => (seq === null ? [] : [seq])),
  });
  return decidedText({ outcome, treeOutcome, word });
}

function decidedText(on: {
  readonly outcome: string;
  readonly treeOutcome: string;
  readonly word: DecisionWord;
}): StepResult {
  const { outcome, treeOutcome, word } = on;
  if (word.said !== 'instead') {
    const answeredBy = word.said === 'agreed' ? word.answeredBy : null;
    return { ...passed, reason: bi(outcome, outcome), answeredBy };
  }
  const { answeredBy, reason } = word;
  return {
    ...passed,
    reason: bi(
      `${outcome}, by ${answeredBy} instead of ${treeOutcome}: ${reason}`,
      `${outcome}（由 ${answeredBy} 改判，决策树结果为 ${treeOutcome}）：${reason}`,
    ),
    answeredBy,
  };
}

function treeNamed(run: Run, name: string): DecisionTree {
  const trees = run.recoveryPlan.decision ?? {};
  const tree = Object.hasOwn(trees, name) ? trees[name] : undefined;
  if (tree !== undefined) return tree;
  throw new WorldError({
    code: 'no-tree',
    message: bi(`The recovery plan has no decision tree “${name}”.`, `恢复预案中没有决策树“${name}”。`),
  });
}

interface Asking {
  readonly step: Deciding;
  readonly tree: DecisionTree;
  readonly question: string;
  readonly spec: DecisionQuestion;
  readonly standby: () => Promise<StandbySeen>;
  /** Counts the questions of this decision. */
  readonly nth: number;
}

/** What cannot be looked at is `unknown`, with the reason: never yes, and never no. */
async function answerOf(run: Run, asking: Asking, signal: AbortSignal): Promise<AnsweredQuestion> {
  const { question, spec } = asking;
  const common = { question, ask: spec.ask, fact: spec.fact };
  if (spec.fact === 'person') return { ...common, ...(await askPerson(run, asking, signal)) };
  try {
    return { ...common, ...(await lookAt(run, asking, signal)), answeredBy: null };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof WorldError)) throw error;
    const finding = {
      answer: 'unknown',
      why: describeError(error),
      values: {},
      where: bi('not seen', '未能查看'),
    } as const;
    return { ...common, ...finding, evidence: [], answeredBy: null };
  }
}

async function lookAt(run: Run, { step, spec, standby }: Asking, signal: AbortSignal): Promise<Finding> {
  if (run.cluster === null) return NO_TARGET;
  switch (spec.fact) {
    case 'repairable-in-place':
      return repairable(run, spec.withinMs, signal);
    case 'usable-backup':
      return usableBackup(run, step.archive, standby);
    case 'standby-ready':
      return (await standby()).finding;
    case 'person':
      return NO_TARGET;
  }
}

const NO_TARGET: Finding = {
  answer: 'unknown',
  why: bi('this drill has no target to look at', '本次演练没有可查看的目标'),
  values: {},
  where: bi('nowhere', '无处可查'),
  evidence: [],
};

type PersonalAnswer = Finding & { readonly answeredBy: string | null };

async function askPerson(run: Run, asking: Asking, signal: AbortSignal): Promise<PersonalAnswer> {
  const { step, tree, spec, nth } = asking;
  const question = {
    step: step.id,
    index: nth,
    document: { title: tree.title, question: spec.ask },
    exists: null,
    by: step.by ?? tree.by,
  };
  const given = await ask(run, signal, () => run.services.people.document(question, signal));
  const { answer, note, answeredBy } = given;
  const said = note ?? answer;
  const why = bi(`${answeredBy}: ${said}`, `${answeredBy}：${said}`);
  return { answer, why, values: {}, where: bi('asked a person', '询问相关人员'), evidence: [], answeredBy };
}

/** The person sees what the tree came to; another outcome needs a name, a reason, and a place in the tree. */
async function wordOf(
  run: Run,
  on: { readonly step: Deciding; readonly tree: DecisionTree; readonly treeOutcome: string; readonly path: Path },
  signal: AbortSignal,
): Promise<DecisionWord> {
  const { step, tree, treeOutcome, path } = on;
  const asked = {
    step: step.id,
    title: tree.title,
    by: step.by ?? tree.by,
    outcome: treeOutcome,
    outcomes: Object.entries(tree.outcomes).map(([id, { title }]) => ({ id, title })),
    path: path.map((row) => ({ ask: row.ask, answer: row.answer, why: row.why })),
  };
  const word = await ask(run, signal, () => run.services.people.decision(asked, signal));
  if (word.said !== 'instead') return word;
  outcomeNamed(tree, word.outcome);
  return word;
}

function outcomeNamed(tree: DecisionTree, name: string): DecisionTree['outcomes'][string] {
  const outcome = Object.hasOwn(tree.outcomes, name) ? tree.outcomes[name] : undefined;
  if (outcome !== undefined) return outcome;
  const known = Object.keys(tree.outcomes).join(', ');
  throw new WorldError({
    code: 'no-outcome',
    message: bi(`This decision has no outcome “${name}”.`, `该决策没有结果“${name}”。`),
    hint: bi(`known: ${known}`, `可用：${known}`),
  });
}

function costsOf(run: Run, facts: StandbySeen['facts']): SwitchCosts {
  const planned = plannedDelayMs(run, run.cluster?.standby);
  const measured = facts?.addedDelayMs ?? null;
  return {
    site: facts?.site ?? null,
    dataLagMs: facts?.lagMs ?? null,
    addedDelayMs: measured ?? planned,
    delayIsPlanned: measured === null && planned !== null,
    owners: bi('the owners of all services have to cooperate', '需要所有业务方配合调整'),
  };
}

function once<T>(look: () => Promise<T>): () => Promise<T> {
  let seen: Promise<T> | null = null;
  return () => {
    seen ??= look();
    return seen;
  };
}
