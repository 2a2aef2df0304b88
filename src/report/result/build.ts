import { invariant } from '../../core/errors.js';
import type { EventOf, JournalEvent } from '../../core/journal.js';
import type { DecisionMeasurement, Measurements, ObjectiveMeasurement } from '../../core/measurement.js';
import type { Outcome } from '../../core/outcome.js';
import type { Issue, Result, ResultObjective, Score } from '../../core/result.js';
import type { Review } from '../../core/review.js';
import { type Bilingual, bi, bilingual } from '../../core/text.js';
import { ANSWER } from '../text/words.js';
import { carriedOver } from './carried-over.js';
import { endedEarly } from './ending.js';
import { environmentOf } from './environment.js';
import { headline } from './headline.js';
import { comparison } from './previous.js';
import { threeQuestions } from './questions.js';
import { readings } from './readings.js';
import { whatWorked } from './worked.js';

export interface BuildInput {
  readonly events: readonly JournalEvent[];
  readonly measurements: Measurements;
  readonly score: Score | null;
  readonly noScore: Bilingual | null;
  readonly issues: readonly Issue[];
  readonly outcome: Outcome;
  readonly exitCode: number;
  readonly review: Review | null;
  /** Fingerprints of the rules that this run looked at and passed. */
  readonly passed: ReadonlySet<string>;
}

/** What the parts of a result are made from: the input, and the journal's first event. */
export interface Sources extends BuildInput {
  readonly opened: EventOf<'run.opened'>;
}

/** The run as one value: `result.json`. Pure; the same journal gives the same bytes. */
export function buildResult(input: BuildInput): Result {
  const opened = input.events.find((event) => event.type === 'run.opened');
  invariant(opened?.type === 'run.opened', 'a journal without run.opened has nothing to report');
  const sources: Sources = { ...input, opened };
  return {
    schemaVersion: 1,
    ...identity(sources),
    ...judgement(sources),
    ...measured(sources),
    issues: input.issues,
    review: input.review,
    carriedOver: carriedOver(sources),
    worked: whatWorked(sources),
    readings: readings(sources),
    environment: environmentOf(sources),
    previous: comparison(sources),
    journal: journalFacts(input.events),
  };
}

const identity = ({ opened, measurements }: Sources) => ({
  runId: opened.runId,
  firedrill: opened.firedrill,
  drill: {
    id: opened.drill.id,
    kind: opened.drill.kind,
    level: opened.drill.level,
    sha256: opened.drillSha256,
    title: bilingual(opened.drill.title),
    why: {
      hypothesis: opened.drill.why?.hypothesis === undefined ? null : bilingual(opened.drill.why.hypothesis),
      risk: opened.drill.why?.risk ?? null,
    },
  },
  startedAt: measurements.run.startedAt,
  endedAt: measurements.run.endedAt,
  timeZone: opened.drill.timeZone,
});

const judgement = (sources: Sources) => ({
  valid: sources.measurements.validity.valid,
  invalidBecause: sources.measurements.validity.because,
  endedEarly: endedEarly(sources.measurements.run),
  outcome: sources.outcome,
  exitCode: sources.exitCode,
  headline: headline(sources),
  questions: sources.opened.drill.kind === 'full-flow' ? threeQuestions(sources.measurements) : null,
  objectives: sources.measurements.objectives.map(resultObjective),
  score: sources.score,
  noScore: sources.noScore,
});

const measured = ({ measurements: m, opened }: Sources) => ({
  faults: m.faults,
  recovery: m.recovery,
  ledger: m.ledger,
  loss: m.loss,
  integrity: m.integrity,
  availability: m.availability,
  canary: m.canary,
  steps: m.steps,
  plannedSteps: opened.plan.steps,
  phases: m.phases,
  checks: m.checks,
  contents: m.contents,
  milestones: m.milestones,
  decisions: [
    ...m.problems.flatMap((problem) =>
      problem.decision === null
        ? []
        : [{ ...problem.decision, what: problem.solution ?? problem.title, evidence: problem.evidence }],
    ),
    ...m.decisions.map(decisionLine),
  ],
  decisionTrees: m.decisions,
  degradations: m.degradations,
  situations: m.people.situations,
  people: {
    scripted: m.people.scripted,
    manual: m.people.manual,
    documents: m.people.documents,
    estimatedRecoveryMs: m.people.estimatedRecoveryMs,
  },
  problems: m.problems,
  backups: m.backups,
  restores: m.restores,
  fallbacks: m.fallbacks,
  safety: m.safety,
  residue: { checked: m.residue.checked, left: m.residue.left },
});

/** A decide step among the other decisions: its reason is the answers it rests on, or a person's own. */
function decisionLine({ answeredBy, tree, outcomeTitle, reason, answers, evidence }: DecisionMeasurement) {
  const answered = answers.map(({ ask, answer }) =>
    bi(`${ask.en} ${ANSWER[answer].text.en}`, `${ask.zh} ${ANSWER[answer].text.zh}`),
  );
  const rests = bi(answered.map(({ en }) => en).join(' '), answered.map(({ zh }) => zh).join(' '));
  const by = answeredBy ?? tree;
  return { by, what: outcomeTitle, reason: reason === null ? rests : bi(reason, reason), evidence };
}

function resultObjective(objective: ObjectiveMeasurement): ResultObjective {
  const { id, operation, step, limit, measured: value, error, verdict, why, evidence } = objective;
  const named = { id, ...(operation === undefined ? {} : { operation }), ...(step === undefined ? {} : { step }) };
  const judged = { verdict, why, evidence };
  return id === 'rpo.records'
    ? { ...named, limit, measured: value, ...judged }
    : { ...named, limitMs: limit, measuredMs: value, errorMs: error, ...judged };
}

function journalFacts(events: readonly JournalEvent[]): Result['journal'] {
  let attempts = 0;
  for (const event of events) if (event.type === 'attempt') attempts++;
  return { events: events.length, head: events.at(-1)?.hash ?? '', attempts };
}
