import { PHASES, type PhaseName } from '../core/drill.js';
import type { ReportInput } from '../core/format.js';
import type { StepMeasurement } from '../core/measurement.js';
import type { Result } from '../core/result.js';
import { measuredText, objectiveTitle, scoreText, targetText } from './document/verdict.js';
import { clean } from './text/clean.js';
import { formatNumber } from './text/format.js';

interface TestCase {
  readonly name: string;
  readonly seconds: number | null;
  readonly state: 'passed' | 'failure' | 'error' | 'skipped';
  readonly message: string;
}
interface Suite {
  readonly name: string;
  readonly cases: readonly TestCase[];
}

/** One suite per phase with its steps, and one for what the run is judged by. CI tools speak English: so does this. */
export function renderJunit({ result }: ReportInput): string {
  const suites = [
    ...PHASES.map((phase) => ({ name: phase, cases: phaseCases(result, phase) })).filter(
      (suite) => suite.cases.length > 0,
    ),
    { name: 'criteria', cases: criteriaCases(result) },
  ];
  const total = totals(suites.flatMap((suite) => suite.cases));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name=${xml(`firedrill ${result.drill.id}`)} ${total}>`,
    ...suites.map((suite) => suiteXml(suite, result)),
    '</testsuites>',
    '',
  ].join('\n');
}

const phaseCases = ({ steps }: Result, phase: PhaseName): readonly TestCase[] =>
  steps.filter((step) => step.phase === phase).map(stepCase);

const STATE: Readonly<Record<StepMeasurement['outcome'], TestCase['state']>> = {
  pass: 'passed',
  fail: 'failure',
  error: 'error',
  unknown: 'error',
  skipped: 'skipped',
  'not-applicable': 'skipped',
};

const stepCase = (step: StepMeasurement): TestCase => ({
  name: step.id,
  seconds: step.startMs === null || step.endMs === null ? null : (step.endMs - step.startMs) / 1_000,
  state: STATE[step.outcome],
  message: step.reason?.en ?? step.outcome,
});

const OBJECTIVE_STATE = { within: 'passed', borderline: 'passed', missed: 'failure', unknown: 'error' } as const;

/** Points lost do not fail a run by themselves; the objectives and the pass mark do. */
function criteriaCases(result: Result): readonly TestCase[] {
  return [
    {
      name: 'the run is valid',
      seconds: null,
      state: result.valid ? 'passed' : 'error',
      message: result.invalidBecause.map((reason) => reason.text.en).join('; '),
    },
    ...result.objectives.map(
      (objective): TestCase => ({
        name: objectiveTitle(objective, result.drill.kind).en,
        seconds:
          objective.id === 'rto' && typeof objective.measuredMs === 'number' ? objective.measuredMs / 1_000 : null,
        state: result.valid ? OBJECTIVE_STATE[objective.verdict] : 'skipped',
        message: `${measuredText(objective).en}, target ${targetText(objective).en}. ${objective.why.en}`,
      }),
    ),
    scoreCase(result),
    ...(result.score?.dimensions ?? []).flatMap((dimension) =>
      dimension.criteria.map(
        (criterion): TestCase => ({
          name: `${dimension.id}: ${criterion.id}`,
          seconds: null,
          state: criterion.state === 'assessed' ? 'passed' : 'skipped',
          message: `${formatNumber(criterion.earned, 1)} of ${formatNumber(criterion.possible, 1)}: ${criterion.reason.en}`,
        }),
      ),
    ),
  ];
}

function scoreCase(result: Result): TestCase {
  const { score } = result;
  const message = scoreText(result).en;
  if (score === null) return { name: 'score', seconds: null, state: 'skipped', message };
  const passes = score.percent !== null && score.percent >= score.passMark;
  return { name: 'score', seconds: null, state: passes ? 'passed' : 'failure', message };
}

function suiteXml(suite: Suite, result: Result): string {
  const name = `drill.${suite.name}`;
  const head = `  <testsuite name=${xml(name)} ${totals(suite.cases)} timestamp=${xml(result.startedAt)}>`;
  return [head, ...suite.cases.map((test) => caseXml(test, name)), '  </testsuite>'].join('\n');
}

function caseXml(test: TestCase, classname: string): string {
  const head = `    <testcase classname=${xml(classname)} name=${xml(test.name)} time="${seconds(test.seconds ?? 0)}">`;
  if (test.state !== 'passed') return `${head}<${test.state} message=${xml(test.message)}/></testcase>`;
  if (test.message === '') return `${head}</testcase>`;
  return `${head}<system-out>${xmlText(test.message)}</system-out></testcase>`;
}

function totals(cases: readonly TestCase[]): string {
  const amount = (state: TestCase['state']): number => cases.filter((test) => test.state === state).length;
  const time = cases.reduce((sum, test) => sum + (test.seconds ?? 0), 0);
  return `tests="${cases.length}" failures="${amount('failure')}" errors="${amount('error')}" skipped="${amount('skipped')}" time="${seconds(time)}"`;
}

const seconds = (value: number): string => value.toFixed(3);
const xml = (text: string): string => `"${xmlText(text).replace(/\n/g, '&#10;').replace(/\t/g, '&#9;')}"`;
const xmlText = (text: string): string =>
  clean(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&apos;');
