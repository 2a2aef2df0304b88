import { createHash } from 'node:crypto';
import { type ArchiveLabel, formatLabel, labelName, plainName } from '../../core/archive-label.js';
import type { Clock } from '../../core/clock.js';
import { WorldError } from '../../core/errors.js';
import type { Progress, Put, Source, Store } from '../../core/store.js';
import { bi } from '../../core/text.js';
import { chainOf, parentsAmong } from './chain.js';
import { contentOf, type StoreContent } from './content.js';

export interface CopyOptions {
  readonly clock: Clock;
  readonly limitBytesPerSecond?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (file: string, progress: Progress) => void;
  readonly onCopied?: (copied: Copied) => void;
}

export interface Copied extends Put {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly tookMs: number;
}

/** Newest = of those with a label; `file` with or without `.age`. */
export type Wanted = { readonly which: 'latest' } | { readonly which: 'file'; readonly file: string };

/** The archive and all that it stands on, oldest first. Throws when the chain is not whole there. */
export async function findChain(from: Store, wanted: Wanted, signal?: AbortSignal): Promise<readonly ArchiveLabel[]> {
  const content = await contentOf(from, signal);
  const archive = find(from, content, wanted);
  const { archives, missing } = chainOf(archive, parentsAmong(content.archives));
  if (missing === null) return archives;
  throw new WorldError({
    code: 'chain-broken',
    message: bi(
      `${archive.file} stands on ${missing}, which is not in ${from.place} (or has no sound label)`,
      `${archive.file} 依赖的 ${missing} 不在 ${from.place} 中（或没有完好的标签）`,
    ),
    hint: bi('copy an earlier archive, or from another place', '请复制更早的备份，或从其他位置复制'),
  });
}

function find(from: Store, { archives, unusable }: StoreContent, wanted: Wanted): ArchiveLabel {
  const [newest] = archives;
  const found =
    wanted.which === 'latest'
      ? newest
      : (archives.find(({ file }) => file === wanted.file) ??
        archives.find(({ file }) => plainName(file) === plainName(wanted.file)));
  if (found !== undefined) return found;
  const name = wanted.which === 'latest' ? null : wanted.file;
  const bad = unusable.find(({ file }) => file === name || file === labelName(name ?? ''));
  throw new WorldError({
    code: 'archive-not-found',
    message:
      name === null
        ? bi(`there is no backup in ${from.place}`, `${from.place} 中没有备份`)
        : bi(
            `there is no backup ${name} in ${from.place}${bad === undefined ? '' : `: ${bad.why.en}`}`,
            `${from.place} 中没有备份 ${name}${bad === undefined ? '' : `：${bad.why.zh}`}`,
          ),
    hint: bi('`firedrill backup list` shows what is there', '`firedrill backup list` 会列出已有的备份'),
  });
}

/**
 * Oldest first, and each label after its archive: whatever is listed at the far end, at any moment, has all that it
 * stands on.
 */
export async function copyChain(
  chain: readonly ArchiveLabel[],
  { from, to }: { readonly from: Store; readonly to: Store },
  options: CopyOptions,
): Promise<readonly Copied[]> {
  const { clock, signal, limitBytesPerSecond, onProgress, onCopied } = options;
  const common = {
    ...(signal && { signal }),
    ...(limitBytesPerSecond !== undefined && { limitBytesPerSecond }),
  };
  const done: Copied[] = [];
  for (const label of chain) {
    const { file, bytes, sha256 } = label;
    const startedMs = clock.monotonicMs();
    const source: Source = {
      bytes,
      sha256,
      read: (stop) => from.read(file, stop === undefined ? {} : { signal: stop }),
    };
    const put = await to.put(file, source, { ...common, onProgress: (progress) => onProgress?.(file, progress) });
    await to.put(labelName(file), textSource(formatLabel(label)), common);
    const copied = { ...put, file, bytes, sha256, tookMs: clock.monotonicMs() - startedMs };
    done.push(copied);
    onCopied?.(copied);
  }
  return done;
}

function textSource(text: string): Source {
  const bytes = Buffer.from(text);
  return {
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    read: async function* () {
      yield bytes;
    },
  };
}
