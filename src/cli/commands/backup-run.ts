import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf, executePrune, planPrune } from '../../backup/index.js';
import type { ArchiveType } from '../../core/backup.js';
import { type DueBackup, dueBackup } from '../../core/backup-due.js';
import { systemClock } from '../../core/clock.js';
import { describeError, WorldError } from '../../core/errors.js';
import { bootId, ownProcess } from '../../core/process-table.js';
import type { WrittenBackup } from '../../core/services.js';
import { bi } from '../../core/text.js';
import { tryExclusive } from '../../run/state/index.js';
import { commandOf, type Job, jobOf } from '../backup-job.js';
import { unitFiles } from '../backup-units.js';
import type { Action } from '../command.js';
import { showPath } from '../context.js';
import { codeOf } from '../failure.js';
import { backupsWith } from '../keys.js';
import { doneText, dueText } from '../print-due.js';
import { clusterOf } from '../target.js';
import { openStore } from '../tiers.js';
import { mark } from '../view.js';

/** `backup run`: what the plan's calendar asks for now, and nothing when it asks for nothing; then retention. */
export const run: Action = async (call) => {
  const { ctx, options } = call;
  const job = jobOf(call);
  if (typeof options.printUnits === 'string') {
    ctx.out(unitFiles(options.printUnits, job.calendar, commandOf(ctx)));
    return 0;
  }
  const release = lock(job);
  try {
    const plan = await dueNow(job);
    if (!ctx.json) for (const line of dueText(plan, job.calendar)) ctx.err(ctx.say(line));
    if (plan.due === null || options.dryRun === true) return tell(job, plan, { written: null, removed: [], code: 0 });
    const written = await take(job, plan.due.type);
    const after = await retain(job);
    return tell(job, plan, { written, ...after });
  } finally {
    release();
  }
};

/** One at a time for a place: of two that start together the other says so and does nothing. */
function lock({ ctx, dir }: Job): () => void {
  mkdirSync(ctx.stateRoot, { recursive: true });
  const name = createHash('sha256').update(dir).digest('hex').slice(0, 16);
  const attempt = tryExclusive(join(ctx.stateRoot, `backup-run-${name}.lock`), { ...ownProcess(), bootId: bootId() });
  if (attempt.held) return attempt.release;
  throw new WorldError({
    code: 'backup-run-busy',
    exit: 'refused',
    message: bi(
      `Another backup run (process ${attempt.by.pid}) is working on ${showPath(dir, ctx)}; nothing was done.`,
      `另一个备份任务（进程 ${attempt.by.pid}）正在处理 ${showPath(dir, ctx)}；未执行任何操作。`,
    ),
    hint: bi('It does what is due; run this again when it has ended.', '它会完成到期的备份；请在其结束后再次运行。'),
  });
}

/** What there is, told by labels: no state of its own that could be lost. */
async function dueNow({ ctx, calendar, place, dir }: Job): Promise<DueBackup> {
  const nowMs = Date.parse(systemClock.wallIso());
  // The first backup makes the folder that was named; a tier that is not there may be a share that is not mounted.
  if (place.tier === null && !existsSync(dir)) return dueBackup(calendar, [], nowMs);
  const store = openStore(place, ctx);
  try {
    const { archives } = await contentOf(store);
    const taken = archives.map(({ type, backup_time_utc: at }) => ({ type, atMs: Date.parse(at) }));
    const ahead = archives.find(({ backup_time_utc: at }) => Date.parse(at) > nowMs + calendar.graceMs);
    if (ahead !== undefined) throw fromTheFuture(ahead.file, ahead.backup_time_utc);
    return dueBackup(calendar, taken, nowMs);
  } finally {
    store.close();
  }
}

const fromTheFuture = (file: string, at: string): WorldError =>
  new WorldError({
    code: 'clock-behind',
    message: bi(
      `${file} says it was made at ${at}, which is still to come: what is due cannot be told.`,
      `${file} 的时间为 ${at}，尚未到来：无法判断何者到期。`,
    ),
    hint: bi('Set the clock of this machine right, or move that archive away.', '请校准本机时钟，或移走该备份。'),
  });

async function take(
  { ctx, target, calendar, dir, cipher, emptyIsRight }: Job,
  type: ArchiveType,
): Promise<WrittenBackup> {
  // Before the cluster is asked for anything: a key that cannot be used is told at once.
  await cipher?.checkKeys();
  const cluster = await clusterOf(target, ctx);
  try {
    return await backupsWith(cipher)[type]({
      ...(cipher && { cipher }),
      cluster,
      dir,
      emptyIsRight,
      timeZone: calendar.timeZone,
      clock: systemClock,
      onSubstep: (report) =>
        ctx.err(
          `  ${mark(ctx, report.outcome)} ${report.name}  ${Math.round(report.endedMs - report.startedMs)} ms  ${ctx.say(report.detail)}`,
        ),
    });
  } finally {
    cluster.registry.close();
  }
}

interface Ended {
  readonly written: WrittenBackup | null;
  readonly removed: readonly string[];
  readonly code: number;
}

/** The backup is made whatever becomes of this: a retention that fails is told, and is an output that failed. */
async function retain({ ctx, calendar, place }: Job): Promise<Omit<Ended, 'written'>> {
  const store = openStore(place, ctx);
  try {
    const tierKeepMs = place.tier === null ? 0 : place.tier.spec.keepMs;
    const pruning = await planPrune(store, { tierKeepMs, calendar, nowMs: Date.parse(systemClock.wallIso()) });
    await executePrune(store, pruning);
    return { removed: pruning.judged.flatMap(({ label, kept }) => (kept === null ? [label.file] : [])), code: 0 };
  } catch (error) {
    const why = describeError(error);
    ctx.err(
      ctx.say(bi(`✗ The backup is made; retention failed: ${why.en}`, `✗ 备份已完成；清理过期备份失败：${why.zh}`)),
    );
    return { removed: [], code: codeOf('output-failed') };
  } finally {
    store.close();
  }
}

function tell({ ctx, calendar }: Job, plan: DueBackup, { written, removed, code }: Ended): number {
  if (ctx.json) {
    const utc = (ms: number): string => new Date(ms).toISOString();
    const slot = (planned: DueBackup['next']) =>
      planned === null ? null : { slot: planned.slot, plannedUtc: utc(planned.atMs) };
    ctx.out(
      JSON.stringify(
        {
          schemaVersion: 1,
          due: plan.due === null ? null : { type: plan.due.type, late: plan.due.late, ...slot(plan.due.slot) },
          missed: plan.missed.map(slot),
          next: slot(plan.next),
          written,
          removed,
        },
        null,
        2,
      ),
    );
  } else if (written !== null) for (const line of doneText({ written, removed }, calendar)) ctx.out(ctx.say(line));
  return code;
}
