import { basename, dirname, resolve } from 'node:path';
import type { Copied, Wanted } from '../../backup/index.js';
import type { ArchiveLabel } from '../../core/archive-label.js';
import { showDuration } from '../../core/duration.js';
import { WorldError } from '../../core/errors.js';
import { type Bilingual, bi } from '../../core/text.js';
import { type CopiedBetween, copyBetween } from '../between-places.js';
import type { Action, Call } from '../command.js';
import type { Context } from '../context.js';
import { codeOf, UsageError } from '../failure.js';
import { listenForInterrupts } from '../interrupts.js';
import { transferView } from '../progress.js';
import { parseRate, showBytes } from '../rate.js';
import { folder, type Place, placeOf, planOf } from '../tiers.js';

/** `backup copy ARCHIVE|latest --from … --to …`: the archive and all that it stands on. Killed and run again, it goes on. */
export const copy: Action = async (call) => {
  const { ctx, options } = call;
  const { wanted, from, to } = whatOf(call);
  const limit = typeof options.limitRate === 'string' ? { limitBytesPerSecond: parseRate(options.limitRate) } : {};
  const interrupts = listenForInterrupts({
    onFirst: () => ctx.err(ctx.say(STOPPING)),
    onSecond: () => process.exit(codeOf('second-interrupt')),
  });
  const signal = interrupts.stop;
  const view = transferView(ctx);
  try {
    const done = await copyBetween({ from, to }, wanted, {
      ctx,
      ...limit,
      signal,
      admit: (chain) => requireEncrypted(chain, to),
      onProgress: view.onProgress,
      onCopied: (one) => {
        view.done();
        ctx.err(`  ✓ ${one.file}  ${ctx.say(copiedText(one))}`);
      },
    });
    printResult(ctx, done);
    return 0;
  } finally {
    view.done();
    interrupts.dispose();
  }
};

const STOPPING = bi(
  'Stopping; what has arrived stays, and the same command continues it.',
  '正在停止；已到达的部分会保留，再次执行同一命令即可继续。',
);

function whatOf({ ctx, args, options }: Call): { readonly wanted: Wanted; readonly from: Place; readonly to: Place } {
  const used = planOf({ ctx, options });
  const archive = String(args[0]);
  if (typeof options.to !== 'string') {
    throw new UsageError(bi('--to is needed: a tier or a folder.', '需要 --to：层级名称或目录。'));
  }
  const named = typeof options.from === 'string';
  if (!named && archive === 'latest') {
    throw new UsageError(bi('`latest` needs --from: a tier or a folder.', '`latest` 需要 --from：层级名称或目录。'));
  }
  const from = named ? placeOf(String(options.from), used, ctx) : folderOf(archive, ctx);
  const wanted: Wanted = archive === 'latest' ? { which: 'latest' } : { which: 'file', file: basename(archive) };
  return { wanted, from, to: placeOf(options.to, used, ctx) };
}

const folderOf = (archive: string, ctx: Context): Place => folder(dirname(resolve(ctx.cwd, archive)));

/** Copies are of the same bytes: what lies in plain text at one place is not made secret by a copy. */
function requireEncrypted(chain: readonly ArchiveLabel[], { tier }: Place): void {
  const plain = chain.find(({ encrypted }) => !encrypted);
  if (tier === null || tier.spec.encryption.kind === 'none' || plain === undefined) return;
  throw new WorldError({
    code: 'tier-needs-encryption',
    message: bi(
      `${plain.file} is not encrypted, and tier ${tier.name} takes encrypted archives only; nothing was copied`,
      `${plain.file} 未加密，而层级 ${tier.name} 只接受加密的备份；未复制任何内容`,
    ),
    hint: bi(
      `make an encrypted one: firedrill backup full --to ${tier.name}; or write in the plan why this tier needs none`,
      `请生成加密的备份：firedrill backup full --to ${tier.name}；或在预案中写明该层级不加密的理由`,
    ),
  });
}

const CHECKED: Readonly<Record<Copied['checked'], Bilingual>> = {
  'read-back': bi('read back', '已读回核对'),
  'server-checksum': bi('checked by the server’s own checksum', '已由服务器自身的校验和核对'),
};

export function copiedText({ bytes, keptBytes, checked, tookMs }: Copied): Bilingual {
  const how = CHECKED[checked];
  const took = showDuration(tookMs);
  if (keptBytes === bytes) return bi(`was there already; ${how.en}`, `已存在；${how.zh}`);
  const kept =
    keptBytes === 0
      ? bi('', '')
      : bi(`, ${showBytes(keptBytes)} of it from before`, `，其中 ${showBytes(keptBytes)} 为先前已传`);
  return bi(
    `${showBytes(bytes)} in ${took}${kept.en}; ${how.en}`,
    `${showBytes(bytes)}，用时 ${took}${kept.zh}；${how.zh}`,
  );
}

function printResult(ctx: Context, { copied, fromPlace, toPlace }: CopiedBetween): void {
  if (ctx.json) {
    ctx.out(JSON.stringify({ schemaVersion: 1, from: fromPlace, to: toPlace, copied }, null, 2));
    return;
  }
  const bytes = copied.reduce((sum, one) => sum + one.bytes, 0);
  ctx.out(
    ctx.say(
      bi(
        `${copied.length} archives (${showBytes(bytes)}) are in ${toPlace}.`,
        `${copied.length} 个备份（${showBytes(bytes)}）已在 ${toPlace}。`,
      ),
    ),
  );
}
