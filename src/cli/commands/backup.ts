import { resolve } from 'node:path';
import type { ArchiveType, ArchiveVerdict, ListedArchive } from '../../core/backup.js';
import { systemClock } from '../../core/clock.js';
import type { BackupService } from '../../core/services.js';
import { type Bilingual, bi } from '../../core/text.js';
import { ageCipher } from '../../encryption/index.js';
import type { Action } from '../command.js';
import { type Context, showPath } from '../context.js';
import { type Making, makeInto } from '../destination.js';
import { codeOf } from '../failure.js';
import { backupsOf, backupsWith, cipherOf } from '../keys.js';
import { keepVerification } from '../readiness/verifications.js';
import { table } from '../table.js';
import { clusterOf } from '../target.js';
import { placeOf, planOf } from '../tiers.js';
import { mark } from '../view.js';

/** `backup full`, `backup incremental`: the five steps; the archive's path is the result. */
const take =
  (mode: ArchiveType): Action =>
  async ({ ctx, options }) => {
    const place = placeOf(String(options.to), planOf({ ctx, options }), ctx);
    // Keys that are named here go before those of the tier.
    const cipher = cipherOf(ctx, options) ?? (place.tier?.keys ? ageCipher(place.tier.keys) : undefined);
    // Before the cluster is asked for anything: a key that cannot be used is told at once.
    await cipher?.checkKeys();
    const backups = backupsWith(cipher);
    const cluster = await clusterOf(options.target, ctx);
    const make: Making['make'] = (where) =>
      (mode === 'full' ? backups.full : backups.incremental)({
        ...(cipher && { cipher }),
        cluster,
        ...where,
        emptyIsRight: options.emptyIsRight === true,
        timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        clock: systemClock,
        onSubstep: (report) =>
          ctx.err(
            `  ${mark(ctx, report.outcome)} ${report.name}  ${Math.round(report.endedMs - report.startedMs)} ms  ${ctx.say(report.detail)}`,
          ),
      });
    try {
      const { info, where } = await makeInto(place, ctx, { mode, encrypted: cipher?.encrypts === true, make });
      if (info.instead !== null) ctx.err(ctx.say(insteadText(info.instead)));
      ctx.out(
        ctx.json ? JSON.stringify({ schemaVersion: 1, ...info, ...(place.tier && { path: where }) }, null, 2) : where,
      );
      return 0;
    } finally {
      cluster.registry.close();
    }
  };

export const full = take('full');
export const incremental = take('incremental');

const insteadText = (why: Bilingual): Bilingual =>
  bi(`! A full backup instead of an increment: ${why.en}.`, `! 改为全量备份：${why.zh}。`);

export const list: Action = async ({ ctx, args, options }) => {
  const dir = resolve(ctx.cwd, typeof args[0] === 'string' ? args[0] : 'backups');
  const archives = await backupsOf(ctx, options).list(dir);
  if (ctx.json) ctx.out(JSON.stringify({ schemaVersion: 1, archives: archives.map(withoutState) }, null, 2));
  else if (archives.length === 0)
    ctx.out(ctx.say(bi(`No archives in ${showPath(dir, ctx)}.`, `${showPath(dir, ctx)} 中没有备份。`)));
  else
    ctx.out(
      table([
        [
          bi('archive', '备份'),
          bi('taken (UTC)', '时间（UTC）'),
          bi('kind', '类型'),
          bi('instances', '实例'),
          bi('bytes', '字节'),
          bi('state', '状态'),
        ].map((text) => ctx.say(text)),
        ...archives.map((archive) => rowOf(archive, ctx)),
      ]),
    );
  if (!ctx.json) for (const line of chainLines(archives)) ctx.out(ctx.say(line));
  return 0;
};

function rowOf(archive: ListedArchive, ctx: Context): readonly string[] {
  if (!archive.sound) return [showPath(archive.path, ctx), '-', '-', '-', '-', `✗ ${ctx.say(archive.reason)}`];
  const { info } = archive;
  const changes = bi(
    `+${info.instances} −${info.removed} on ${info.parent?.file ?? ''}`,
    `+${info.instances} −${info.removed}，基于 ${info.parent?.file ?? ''}`,
  );
  return [
    info.fileName,
    info.backupTimeUtc,
    ctx.say(info.type === 'full' ? bi('full', '全量') : changes),
    String(info.state.instances),
    String(info.bytes),
    `✓ ${ctx.say(bi('sound', '完好'))}`,
  ];
}

/** What chains save (seed §3.3), one line for each that has increments: against as many full archives of its base's size. */
function chainLines(archives: readonly ListedArchive[]): readonly Bilingual[] {
  const infos = archives.flatMap((archive) => (archive.sound ? [archive.info] : []));
  const bases = infos.filter(({ type }) => type === 'full').toReversed();
  return bases.flatMap((base) => {
    const increments = infos.filter(({ type, base: of }) => type === 'incremental' && of === base.base);
    if (increments.length === 0) return [];
    const bytes = increments.reduce((sum, { bytes: own }) => sum + own, base.bytes);
    const asFulls = base.bytes * (increments.length + 1);
    const saved = `${(100 * (1 - bytes / asFulls)).toFixed(1)} %`;
    return [
      bi(
        `${base.fileName} and ${increments.length} increments: ${bytes} bytes, ${saved} less than ${increments.length + 1} full ones`,
        `${base.fileName} 及 ${increments.length} 个增量：${bytes} 字节，比 ${increments.length + 1} 个全量少 ${saved}`,
      ),
    ];
  });
}

const withoutState = (archive: ListedArchive | ArchiveVerdict): unknown => {
  if (!archive.sound) return archive;
  return {
    sound: true,
    ...archive.info,
    ...('chain' in archive ? { chain: archive.chain.map(({ fileName }) => fileName) } : {}),
  };
};

/** `backup verify PATH`: exit 0 only if it and all that it stands on are as they were written, and restorable if asked. */
export const verify: Action = async ({ ctx, args, options }) => {
  const backups = backupsOf(ctx, options);
  const verdict = await backups.verify(resolve(ctx.cwd, String(args[0])));
  const out = resolve(ctx.cwd, String(options.out));
  if (verdict.sound && typeof options.restoreInto === 'string') {
    return verifyRestorable({ backups, archive: verdict }, { into: options.restoreInto, out }, ctx);
  }
  const kept = keepVerification(out, { verdict, restoredInto: null }, ctx);
  if (ctx.json) ctx.out(JSON.stringify({ schemaVersion: 1, archive: withoutState(verdict) }, null, 2));
  else if (verdict.sound) ctx.out(`✓ ${verdict.info.fileName}: ${ctx.say(soundText(verdict))}`);
  else ctx.out(`✗ ${showPath(verdict.path, ctx)}: ${ctx.say(verdict.reason)}`);
  if (!verdict.sound) return codeOf('missed');
  return kept ? 0 : codeOf('output-failed');
};

async function verifyRestorable(
  { backups, archive }: { readonly backups: BackupService; readonly archive: Sound },
  { into, out }: { readonly into: string; readonly out: string },
  ctx: Context,
): Promise<number> {
  const { verifiedLines, verifyByRestoring } = await import('../verify-restore.js');
  const verified = await verifyByRestoring({ backups, archive, into }, ctx);
  const { restorable, reason } = verified;
  const why = reason ?? bi('restored, it is not what the archive holds', '恢复后与归档内容不一致');
  const verdict = restorable ? archive : { sound: false as const, path: archive.info.path, reason: why };
  const kept = keepVerification(out, { verdict, restoredInto: into }, ctx);
  if (ctx.json) ctx.out(JSON.stringify({ schemaVersion: 1, archive: withoutState(archive), verified }, null, 2));
  else for (const line of [soundLine(archive), ...verifiedLines(verified)]) ctx.out(ctx.say(line));
  if (!restorable) return codeOf('missed');
  return kept ? 0 : codeOf('output-failed');
}

const soundLine = (archive: Sound): Bilingual => {
  const text = soundText(archive);
  return bi(`✓ ${archive.info.fileName}: ${text.en}`, `✓ ${archive.info.fileName}：${text.zh}`);
};

type Sound = ArchiveVerdict & { readonly sound: true };

function soundText({ info, chain }: ArchiveVerdict & { readonly sound: true }): Bilingual {
  const { instances, durable } = info.state;
  const of = bi(
    `${instances} instances (${durable} durable), ${info.product}, revision ${info.revision}`,
    `实例 ${instances} 个（持久 ${durable} 个），${info.product}，版本号 ${info.revision}`,
  );
  if (info.type === 'full')
    return bi(`sound; ${info.services} services, ${of.en}`, `完好；服务 ${info.services} 个，${of.zh}`);
  return bi(
    `sound, with the ${chain.length - 1} archives that it stands on (from ${info.base}); with them ${of.en}`,
    `连同所依赖的 ${chain.length - 1} 个归档（起于 ${info.base}）均完好；合计${of.zh}`,
  );
}
