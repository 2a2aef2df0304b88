import { resolve } from 'node:path';
import { backupService } from '../../backup/index.js';
import type { ArchiveVerdict } from '../../core/backup.js';
import { systemClock } from '../../core/clock.js';
import { bi } from '../../core/text.js';
import type { Action } from '../command.js';
import { type Context, showPath } from '../context.js';
import { codeOf } from '../failure.js';
import { table } from '../table.js';
import { clusterOf } from '../target.js';
import { mark } from '../view.js';

/** `backup full`: the five steps; the archive's path is the result. */
export const full: Action = async ({ ctx, options }) => {
  const cluster = await clusterOf(options.target, ctx);
  try {
    const info = await backupService.full({
      cluster,
      dir: resolve(ctx.cwd, String(options.to)),
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      clock: systemClock,
      onSubstep: (report) =>
        ctx.err(
          `  ${mark(ctx, report.outcome)} ${report.name}  ${Math.round(report.endedMs - report.startedMs)} ms  ${ctx.say(report.detail)}`,
        ),
    });
    ctx.out(ctx.json ? JSON.stringify({ schemaVersion: 1, ...info }, null, 2) : showPath(info.path, ctx));
    return 0;
  } finally {
    cluster.registry.close();
  }
};

export const list: Action = async ({ ctx, args }) => {
  const dir = resolve(ctx.cwd, typeof args[0] === 'string' ? args[0] : 'backups');
  const archives = await backupService.list(dir);
  if (ctx.json) ctx.out(JSON.stringify({ schemaVersion: 1, archives: archives.map(withoutSnapshot) }, null, 2));
  else if (archives.length === 0)
    ctx.out(ctx.say(bi(`No archives in ${showPath(dir, ctx)}.`, `${showPath(dir, ctx)} 中没有备份。`)));
  else
    ctx.out(
      table([
        [
          bi('archive', '备份'),
          bi('taken (UTC)', '时间（UTC）'),
          bi('services', '服务'),
          bi('instances', '实例'),
          bi('bytes', '字节'),
          bi('state', '状态'),
        ].map((text) => ctx.say(text)),
        ...archives.map((archive) => rowOf(archive, ctx)),
      ]),
    );
  return 0;
};

function rowOf(archive: ArchiveVerdict, ctx: Context): readonly string[] {
  if (!archive.sound) return [showPath(archive.path, ctx), '-', '-', '-', '-', `✗ ${ctx.say(archive.reason)}`];
  const { info } = archive;
  return [
    info.fileName,
    info.backupTimeUtc,
    String(info.services),
    String(info.instances),
    String(info.bytes),
    `✓ ${ctx.say(bi('sound', '完好'))}`,
  ];
}

const withoutSnapshot = (archive: ArchiveVerdict): unknown =>
  archive.sound ? { sound: true, ...archive.info } : archive;

/** `backup verify PATH`: exit 0 only if every part is as it was written. */
export const verify: Action = async ({ ctx, args }) => {
  const verdict = await backupService.verify(resolve(ctx.cwd, String(args[0])));
  if (ctx.json) ctx.out(JSON.stringify({ schemaVersion: 1, archive: withoutSnapshot(verdict) }, null, 2));
  else if (verdict.sound)
    ctx.out(
      `✓ ${verdict.info.fileName}: ${ctx.say(bi(`sound; ${verdict.info.services} services, ${verdict.info.instances} instances (${verdict.info.durable} durable), ${verdict.info.product}, revision ${verdict.info.revision}`, `完好；服务 ${verdict.info.services} 个，实例 ${verdict.info.instances} 个（持久 ${verdict.info.durable} 个），${verdict.info.product}，版本号 ${verdict.info.revision}`))}`,
    );
  else ctx.out(`✗ ${showPath(verdict.path, ctx)}: ${ctx.say(verdict.reason)}`);
  return verdict.sound ? 0 : codeOf('missed');
};
