import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, hostname, type as osType, release, userInfo } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../core/clock.js';
import { describeError, WorldError } from '../core/errors.js';
import { type BodyOf, JOURNAL_SCHEMA_VERSION, type JournalEvent, type JournalSink } from '../core/journal.js';
import type { ExitId } from '../core/outcome.js';
import type { Plan } from '../core/plan.js';
import { bootId } from '../core/process-table.js';
import type { Result } from '../core/result.js';
import type { People, Services } from '../core/services.js';
import { bi } from '../core/text.js';
import { ageCipher } from '../encryption/index.js';
import { openIssueSummaries, recordRun } from '../issues/index.js';
import { openJournal } from '../journal/index.js';
import { executeDrill } from '../run/index.js';
import { surroundings } from '../surroundings/index.js';
import { createTraffic } from '../traffic/index.js';
import { catalogs } from './catalogs.js';
import { undoersOf } from './connect.js';
import { type Context, showPath } from './context.js';
import type { DrillFile } from './drill-file.js';
import { drillTiers } from './drill-tiers.js';
import { lastReview, pastRecoveries, previousSummary } from './history.js';
import type { Interrupts } from './interrupts.js';
import { backupsOf, backupsWith } from './keys.js';
import { evaluate, writeReports } from './reports.js';
import { defaultRubric } from './rubric.built.js';
import type { Session } from './session.js';
import { version } from './version.js';
import { liveView } from './view.js';

export interface RunJob {
  readonly ctx: Context;
  readonly file: DrillFile;
  readonly people: People;
  readonly session: Session;
  readonly plan: Plan;
  readonly runId: string;
  readonly outDir: string;
  readonly interrupts: Interrupts;
}

export interface Performed extends Concluded {
  /** Nothing that the drill changed is still on, as far as anybody could see. */
  readonly clean: boolean;
}

interface Concluded {
  readonly result: Result;
  readonly conditions: ReadonlySet<ExitId>;
}

/** execute → journal, then everything else from the journal. Returns what the run came to. */
export async function performRun(job: RunJob): Promise<Performed> {
  const { ctx, file, session, runId, outDir, interrupts } = job;
  const runDir = join(outDir, runId);
  freeze(job, runDir);
  const view = liveView(ctx);
  const journal = openRunJournal(job, runDir, view.onEvent);
  journal.append(openedEvent(job));
  const end = await executeDrill({
    runId,
    loaded: file.loaded,
    plan: job.plan,
    recoveryPlan: file.recoveryPlan,
    cluster: session.cluster,
    services: servicesOf(job),
    journal,
    undoLog: session.state,
    stateDir: session.state.dir,
    drillDir: file.dir,
    archiveDir: runDir,
    stop: interrupts.stop,
  });
  view.done();
  await journal.close();
  const concluded = await conclude(job, runDir);
  const conditions = new Set(concluded.conditions);
  // On a full disk the journal could not tell of the reverts; we have seen them.
  if (end.clean && end.stopped?.cause === 'disk') conditions.delete('still-on');
  return { ...concluded, conditions, clean: end.clean };
}

async function conclude(job: RunJob, runDir: string): Promise<Concluded> {
  const evaluation = evaluate(runDir);
  const attempt = (output: () => unknown): boolean => {
    try {
      output();
      return true;
    } catch (error) {
      job.ctx.err(job.ctx.say(describeError(error)));
      return false;
    }
  };
  const written = [
    attempt(() => writeReports(evaluation, runDir)),
    attempt(() => recordRun(join(job.outDir, 'issues.jsonl'), evaluation.result)),
  ];
  if (!written.includes(false)) return evaluation;
  return { result: evaluation.result, conditions: new Set([...evaluation.conditions, 'output-failed']) };
}

/** The run folder holds what the run was made of, so that it can be judged again years later. */
function freeze(job: RunJob, runDir: string): void {
  try {
    mkdirSync(runDir, { recursive: true });
    writeFileSync(join(runDir, 'drill.yaml'), job.file.loaded.source);
    writeFileSync(join(runDir, 'plan.json'), `${JSON.stringify(job.plan, null, 2)}\n`);
  } catch (error) {
    const why = describeError(error);
    throw new WorldError({
      code: 'out-unwritable',
      message: bi(
        `The run folder ${showPath(runDir, job.ctx)} cannot be written, and nothing was broken: ${why.en}`,
        `无法写入运行文件夹 ${showPath(runDir, job.ctx)}，未破坏任何东西：${why.zh}`,
      ),
      hint: bi('Choose another folder with --out, or free some space.', '请用 --out 选择其他目录，或腾出空间。'),
      cause: error,
    });
  }
}

function openRunJournal(job: RunJob, runDir: string, onEvent: (event: JournalEvent) => void): JournalSink {
  return openJournal({
    path: join(runDir, 'journal.jsonl'),
    clock: systemClock,
    onEvent: (event) => {
      onEvent(event);
      if (event.type === 'phase.started') job.session.state.writeStatus({ phase: event.phase, step: null });
      if (event.type === 'step.started') job.session.state.writeStatus({ phase: event.phase, step: event.step });
    },
    onDiskError: (error) => job.interrupts.request({ cause: 'disk', detail: describeError(error) }),
  });
}

function servicesOf(job: RunJob): Services {
  const { faults, probes } = catalogs(job.ctx);
  return {
    clock: systemClock,
    faults,
    probes,
    undoers: undoersOf(job.ctx),
    backup: backupsOf(job.ctx, {}),
    keyed: (keys) => {
      const cipher = ageCipher(keys);
      return { backup: backupsWith(cipher), cipher };
    },
    tiers: drillTiers(job),
    startTraffic: createTraffic,
    people: job.people,
    surroundings,
    pastRecoveries: () => pastRecoveries(job.outDir, job.session.cluster?.binding.product ?? ''),
  };
}

function openedEvent(job: RunJob): BodyOf<'run.opened'> {
  const { ctx, file, people } = job;
  const { drill } = file.loaded;
  return {
    type: 'run.opened',
    schemaVersion: JOURNAL_SCHEMA_VERSION,
    runId: job.runId,
    firedrill: version(),
    drill,
    drillSha256: file.loaded.sha256,
    drillPath: file.loaded.path,
    plan: job.plan,
    recoveryPlan: file.recoveryPlan,
    rubric: defaultRubric,
    startedBy: userInfo().username,
    argv: ctx.argv,
    host: {
      name: hostname(),
      os: `${osType()} ${release()}`,
      node: process.version,
      cpus: cpus().length,
      bootId: bootId(),
    },
    clockOriginMs: systemClock.monotonicMs(),
    scriptedAnswers: people.scripted,
    answeredBy: people.answersAs,
    history: {
      previous: previousSummary(job.outDir, drill.id),
      openIssues: openIssueSummaries(join(job.outDir, 'issues.jsonl'), drill.id),
      last: lastReview(job.outDir, drill.id, systemClock.wallIso()),
    },
  };
}
