import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ArchiveVerdict } from '../../core/backup.js';
import { systemClock } from '../../core/clock.js';
import { WorldError } from '../../core/errors.js';
import type { World } from '../../core/fault.js';
import { bootId, ownProcess } from '../../core/process-table.js';
import type { BackupService } from '../../core/services.js';
import type { Cluster } from '../../core/target.js';
import { type Bilingual, bi } from '../../core/text.js';
import { newRunId } from '../../run/index.js';
import { listRuns, openRunState, type RunState } from '../../run/state/index.js';
import type { Action } from '../command.js';
import type { Context } from '../context.js';
import { backupsOf } from '../keys.js';
import { keysOf } from '../session.js';
import { clusterOf } from '../target.js';
import { mark } from '../view.js';

/** `restore PATH --target T`: verified before anything is touched; killed half-way, `recover` puts the old data back. */
export const restore: Action = async ({ ctx, args, options }) => {
  const backups = backupsOf(ctx, options);
  const wanted = { path: resolve(ctx.cwd, String(args[0])), at: options.at };
  const archive = await soundArchive(backups, await archivePath(ctx, backups, wanted));
  const cluster = await clusterOf(options.target, ctx).catch((error: unknown) => {
    throw diedBefore(ctx, error) ?? error;
  });
  const services = typeof options.service === 'string' ? options.service.split(',').map((name) => name.trim()) : null;
  const service = services?.join(', ') ?? null;
  try {
    const into = [
      ...(options.intoNonEmpty === true ? (['non-empty'] as const) : []),
      ...(options.intoOtherCluster === true ? (['other-cluster'] as const) : []),
    ];
    const admit = (): Promise<void> => backups.restore.admit({ cluster, info: archive.info, service, into });
    await restoreSafely({ ctx, backups, cluster, archive, service: services, admit });
    if (ctx.json) ctx.out(JSON.stringify({ schemaVersion: 1, restored: archive.info, service }, null, 2));
    else
      ctx.out(
        ctx.say(
          bi(
            `Restored ${service ?? 'everything'} from ${archive.info.fileName}: ${archive.info.state.durable} durable instances in it.`,
            `已从 ${archive.info.fileName} 恢复${service ?? '全部数据'}：备份含 ${archive.info.state.durable} 个持久实例。`,
          ),
        ),
      );
    return 0;
  } finally {
    cluster.registry.close();
  }
};

/** Of a folder the newest archive; with a time the newest that was made by then. */
async function archivePath(
  ctx: Context,
  backups: BackupService,
  { path, at }: { readonly path: string; readonly at: unknown },
): Promise<string> {
  const atMs = typeof at === 'string' ? momentOf(at) : Infinity;
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory() && at === undefined) return path;
  const listed = await backups.list(path);
  for (const one of listed) if (!one.sound) ctx.err(`✗ ${one.path}: ${ctx.say(one.reason)}`);
  const found = listed.find((one) => one.sound && Date.parse(one.info.backupTimeUtc) <= atMs);
  if (found?.sound) return found.info.path;
  throw new WorldError({
    code: 'no-sound-archive',
    message: bi(
      `${path} holds no sound archive${at === undefined ? '' : ` that was made by ${String(at)}`}.`,
      `${path} 中没有${at === undefined ? '' : `在 ${String(at)} 之前生成的`}完好备份。`,
    ),
    hint: bi('See: firedrill backup list', '请查看：firedrill backup list'),
  });
}

function momentOf(at: string): number {
  const ms = /(Z|[+-]\d\d:\d\d)$/.test(at) ? Date.parse(at) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new WorldError({
    code: 'no-such-time',
    message: bi(`“${at}” is no time with its zone.`, `“${at}”不是带时区的时间。`),
    hint: bi('Write it like 2026-11-22T02:00:00+08:00.', '写法如 2026-11-22T02:00:00+08:00。'),
  });
}

/** A cluster that cannot be asked may be one whose nodes an earlier restore stopped before it died itself. */
function diedBefore(ctx: Context, error: unknown): WorldError | null {
  const dead = listRuns(ctx.stateRoot).find(
    ({ stillOn, outstanding }) => stillOn && outstanding.some(({ undoer }) => undoer === 'restore'),
  );
  if (!(error instanceof WorldError) || dead === undefined) return null;
  return new WorldError({
    code: 'still-on',
    message: bi(
      `${error.text.en} A restore died half-way here (run ${dead.runId}), which may be why.`,
      `${error.text.zh}此前有一次恢复中途终止（${dead.runId}），可能是其原因。`,
    ),
    hint: bi(
      `Put the old data back, then restore again: firedrill recover ${dead.runId}`,
      `请先放回原数据，再重新恢复：firedrill recover ${dead.runId}`,
    ),
    exit: 'still-on',
    cause: error,
  });
}

type SoundArchive = ArchiveVerdict & { readonly sound: true };

async function soundArchive(backups: BackupService, path: string): Promise<SoundArchive> {
  const verdict = await backups.verify(path);
  if (verdict.sound) return verdict;
  if (verdict.key === true) throw unopened(verdict.reason);
  throw new WorldError({
    code: 'archive-damaged',
    message: bi(
      `The archive is not sound, and nothing was touched: ${verdict.reason.en}`,
      `备份不完好，未触碰任何数据：${verdict.reason.zh}`,
    ),
    hint: bi('Take an earlier one: firedrill backup list', '请使用更早的备份：firedrill backup list'),
  });
}

/** The archive may be in the best of health: another one would not open either. */
const unopened = (why: Bilingual): WorldError =>
  new WorldError({
    code: 'key-missing',
    message: bi(
      `The archive could not be opened, and nothing was touched: ${why.en}`,
      `无法打开备份，未触碰任何数据：${why.zh}`,
    ),
    hint: bi(
      'Give the right key with --identity FILE or --passphrase-file FILE.',
      '请用 --identity 文件 或 --passphrase-file 文件 提供正确的密钥。',
    ),
  });

async function restoreSafely(job: {
  readonly ctx: Context;
  readonly backups: BackupService;
  readonly cluster: Cluster;
  readonly archive: SoundArchive;
  readonly service: readonly string[] | null;
  readonly admit: () => Promise<void>;
}): Promise<void> {
  const { ctx, cluster, archive, service, admit } = job;
  const runId = newRunId(systemClock, 'restore', Math.random);
  const state = await openRunState({
    root: ctx.stateRoot,
    runId,
    runDir: '',
    ...ownProcess(),
    bootId: bootId(),
    clock: systemClock,
  });
  try {
    await state.claim(keysOf(cluster.binding), cluster.binding);
    await admit();
    await armedRestore({
      ...job,
      state,
      world: { cluster, clock: systemClock, stateDir: state.dir },
      archive,
      service,
    });
  } finally {
    await state.close({ clean: state.outstanding().length === 0 });
  }
}

async function armedRestore(job: {
  readonly ctx: Context;
  readonly backups: BackupService;
  readonly state: RunState;
  readonly world: World;
  readonly archive: SoundArchive;
  readonly service: readonly string[] | null;
}): Promise<void> {
  const { ctx, backups, state, world, archive, service } = job;
  const undo = await backups.restore.prepare(world, { archive, service });
  await state.arm({
    id: 'restore',
    undoer: 'restore',
    step: 'restore',
    nodes: world.cluster.registry.nodes,
    data: undo,
  });
  try {
    await backups.restore.execute(world, {
      archive,
      service,
      undo,
      onSubstep: (report) =>
        ctx.err(
          `  ${mark(ctx, report.outcome)} ${report.name}  ${Math.round(report.endedMs - report.startedMs)} ms  ${ctx.say(report.detail)}`,
        ),
    });
    await backups.restore.commit(world, undo);
  } catch (error) {
    ctx.err(ctx.say(bi('The restore failed; putting the old data back.', '恢复失败；正在放回原数据。')));
    const reverted = await backups.undoer.revert(world, undo);
    if (!reverted.reverted)
      throw new WorldError({
        code: 'restore-half-done',
        exit: 'still-on',
        message: reverted.detail,
        hint: bi(`Run: firedrill recover`, `请运行：firedrill recover`),
        cause: error,
      });
    await state.retire('restore', 'stop');
    throw error;
  }
  await state.retire('restore', 'final');
}
