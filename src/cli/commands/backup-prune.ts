import { executePrune, type Judged, type Kept, type Pruning, planPrune } from '../../backup/index.js';
import type { BackupCalendar } from '../../core/backup-calendar.js';
import { systemClock } from '../../core/clock.js';
import { WorldError } from '../../core/errors.js';
import type { ExitCode } from '../../core/outcome.js';
import { type Bilingual, bi } from '../../core/text.js';
import type { Action } from '../command.js';
import type { Context } from '../context.js';
import { reportFailure } from '../failure.js';
import { table } from '../table.js';
import { openStore, type Place, planOf, tiersAsked, type UsedPlan } from '../tiers.js';

/** `backup prune`: what may go by the plan goes; of everything it says why. One tier's trouble does not keep the others. */
export const prune: Action = async ({ ctx, options }) => {
  const used = planOf({ ctx, options });
  const calendar = calendarOf(used);
  const dryRun = options.dryRun === true;
  const done: object[] = [];
  let code: ExitCode = 0;
  for (const place of tiersAsked({ ctx, options }, used)) {
    try {
      done.push(await pruneTier({ ctx, place, calendar, dryRun }));
    } catch (error) {
      ctx.err(`${place.tier.name}:`);
      code = reportFailure(error, ctx);
    }
  }
  if (ctx.json) ctx.out(JSON.stringify({ schemaVersion: 1, dryRun, tiers: done }, null, 2));
  return code;
};

function calendarOf({ plan }: UsedPlan): BackupCalendar {
  if (plan.calendar !== undefined) return plan.calendar;
  throw new WorldError({
    code: 'plan-incomplete',
    message: bi(
      'the recovery plan has no calendar, so nothing says how long an archive of a type is kept; nothing was removed',
      '恢复预案中没有 calendar，无法得知各类备份的保留期；未删除任何内容',
    ),
    hint: bi('write the calendar of the backups into the plan', '请在预案中写入备份日历 calendar'),
  });
}

async function pruneTier(job: {
  readonly ctx: Context;
  readonly place: Place & { readonly tier: NonNullable<Place['tier']> };
  readonly calendar: BackupCalendar;
  readonly dryRun: boolean;
}): Promise<object> {
  const { ctx, place, calendar, dryRun } = job;
  const { name, spec } = place.tier;
  const store = openStore(place, ctx);
  try {
    const nowMs = Date.parse(systemClock.wallIso());
    const pruning = await planPrune(store, { tierKeepMs: spec.keepMs, calendar, nowMs });
    if (!ctx.json) print(ctx, { name, place: store.place, pruning, dryRun });
    if (!dryRun) await executePrune(store, pruning);
    return { tier: name, place: store.place, ...asJson(pruning) };
  } finally {
    store.close();
  }
}

const asJson = ({ judged, orphans, unfinished, unlabelled, others }: Pruning): object => ({
  archives: judged.map(({ label, kept }) => ({
    file: label.file,
    type: label.type,
    takenUtc: label.backup_time_utc,
    bytes: label.bytes,
    removed: kept === null,
    kept: kept === null ? null : { ...kept, ...('untilMs' in kept ? { untilUtc: utc(kept.untilMs) } : {}) },
  })),
  removedLabels: orphans.map(({ file }) => file),
  removedUnfinished: unfinished.map(({ file }) => file),
  notTouched: { withoutLabel: unlabelled, others: others.length },
});

interface Printed {
  readonly name: string;
  readonly place: string;
  readonly pruning: Pruning;
  readonly dryRun: boolean;
}

function print(ctx: Context, { name, place, pruning, dryRun }: Printed): void {
  const { judged, orphans, unfinished, unlabelled, others } = pruning;
  const going = judged.filter(({ kept }) => kept === null).length;
  const verb = dryRun ? bi('would go', '将被删除') : bi('go', '被删除');
  ctx.out(
    `${name} (${place}): ${ctx.say(bi(`${going} of ${judged.length} archives ${verb.en}`, `${judged.length} 个备份中 ${going} 个${verb.zh}`))}`,
  );
  if (judged.length > 0) {
    const head = [bi('archive', '备份'), bi('taken (UTC)', '时间（UTC）'), bi('kind', '类型'), bi('', '')];
    ctx.out(table([head.map(ctx.say), ...judged.map((one) => rowOf(one, ctx, dryRun))]));
  }
  const lines: readonly (readonly [number, Bilingual])[] = [
    [
      orphans.length,
      bi(
        `labels whose archive is gone: ${orphans.length}, ${verb.en}`,
        `备份已不在的标签：${orphans.length} 个，${verb.zh}`,
      ),
    ],
    [
      unfinished.length,
      bi(
        `copies left unfinished for a day: ${unfinished.length}, ${verb.en}`,
        `搁置超过一天的未完成复制：${unfinished.length} 个，${verb.zh}`,
      ),
    ],
    [
      unlabelled.length,
      bi(
        `without a sound label, not touched: ${unlabelled.join(', ')}`,
        `没有完好的标签，未触碰：${unlabelled.join('、')}`,
      ),
    ],
    [others.length, bi(`files of others, not touched: ${others.length}`, `他人的文件，未触碰：${others.length} 个`)],
  ];
  for (const [count, text] of lines) if (count > 0) ctx.out(`  ${ctx.say(text)}`);
}

function rowOf({ label, kept }: Judged, ctx: Context, dryRun: boolean): readonly string[] {
  const kind = label.type === 'full' ? bi('full', '全量') : bi('incremental', '增量');
  const goes = dryRun ? bi('would go', '将被删除') : bi('goes', '删除');
  const fate = kept === null ? `✗ ${ctx.say(goes)}` : `✓ ${ctx.say(keptText(kept))}`;
  return [label.file, label.backup_time_utc, ctx.say(kind), fate];
}

function keptText(kept: Kept): Bilingual {
  switch (kept.why) {
    case 'tier-for-ever':
      return bi('kept: this tier keeps for ever', '保留：该层级永久保留');
    case 'type-not-planned':
      return bi('kept: the calendar has no backup of its type', '保留：日历中没有该类型的备份');
    case 'tier-time':
      return bi(`kept by its tier until ${utc(kept.untilMs)}`, `按层级保留至 ${utc(kept.untilMs)}`);
    case 'type-time':
      return bi(`kept by its type until ${utc(kept.untilMs)}`, `按类型保留至 ${utc(kept.untilMs)}`);
    case 'newest':
      return bi('kept: the newest there is', '保留：这是最新的备份');
    case 'needed':
      return bi(`kept: ${kept.by} stands on it`, `保留：${kept.by} 依赖它`);
  }
}

const utc = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
