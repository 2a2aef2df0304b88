import { chainOf, contentOf, parentsAmong, type StoreContent } from '../../backup/index.js';
import type { ExitCode } from '../../core/outcome.js';
import { type Bilingual, bi } from '../../core/text.js';
import type { Action } from '../command.js';
import type { Context } from '../context.js';
import { reportFailure } from '../failure.js';
import { showBytes } from '../rate.js';
import { table } from '../table.js';
import { openStore, planOf, tiersAsked } from '../tiers.js';

/** `backup list --tiers`: by labels, so nothing is read or decrypted. One tier's trouble does not hide the others. */
export const listTiers: Action = async ({ ctx, options }) => {
  const found: object[] = [];
  let code: ExitCode = 0;
  for (const place of tiersAsked({ ctx, options }, planOf({ ctx, options }))) {
    const { name } = place.tier;
    try {
      const store = openStore(place, ctx);
      const content = await contentOf(store).finally(store.close);
      if (!ctx.json) print(ctx, `${name} (${store.place})`, content);
      found.push({ tier: name, place: store.place, ...asJson(content) });
    } catch (error) {
      ctx.err(`${name}:`);
      code = reportFailure(error, ctx);
    }
  }
  if (ctx.json) ctx.out(JSON.stringify({ schemaVersion: 1, tiers: found }, null, 2));
  return code;
};

interface Listed {
  readonly file: string;
  readonly takenUtc: string;
  readonly type: string;
  readonly instances: number;
  readonly bytes: number;
  readonly encrypted: boolean;
  /** Null = all that it stands on is there. */
  readonly missing: string | null;
}

function listed({ archives }: StoreContent): readonly Listed[] {
  const parentOf = parentsAmong(archives);
  return archives.map((label) => ({
    file: label.file,
    takenUtc: label.backup_time_utc,
    type: label.type,
    instances: label.state.instances,
    bytes: label.bytes,
    encrypted: label.encrypted,
    missing: chainOf(label, parentOf).missing,
  }));
}

const asJson = (content: StoreContent): object => ({
  archives: listed(content),
  unusable: content.unusable.map(({ file, why }) => ({ file, why: why.en })),
  others: content.others.length,
});

function print(ctx: Context, title: string, content: StoreContent): void {
  ctx.out(title);
  const rows = [
    ...listed(content).map((archive) => rowOf(archive, ctx)),
    ...content.unusable.map(({ file, why }) => [file, '-', '-', '-', '-', `✗ ${ctx.say(why)}`]),
  ];
  if (rows.length === 0) ctx.out(`  ${ctx.say(bi('no archives', '没有备份'))}`);
  else ctx.out(table([HEAD.map(ctx.say), ...rows]));
}

const HEAD: readonly Bilingual[] = [
  bi('archive', '备份'),
  bi('taken (UTC)', '时间（UTC）'),
  bi('kind', '类型'),
  bi('instances', '实例'),
  bi('size', '大小'),
  bi('by its label', '据标签'),
];

function rowOf({ file, takenUtc, type, instances, bytes, missing }: Listed, ctx: Context): readonly string[] {
  const kind = type === 'full' ? bi('full', '全量') : bi('incremental', '增量');
  const state =
    missing === null
      ? `✓ ${ctx.say(bi('there with all that it stands on', '连同所依赖的备份均在'))}`
      : `✗ ${ctx.say(bi(`cannot be restored from here: ${missing} is missing`, `无法由此恢复：缺少 ${missing}`))}`;
  return [file, takenUtc, ctx.say(kind), String(instances), showBytes(bytes), state];
}
