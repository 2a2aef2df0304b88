/** An archive and all that it stands on, from one place to another. */
import { type Copied, type CopyOptions, copyChain, findChain, type Wanted } from '../backup/index.js';
import type { ArchiveLabel } from '../core/archive-label.js';
import { systemClock } from '../core/clock.js';
import type { Store } from '../core/store.js';
import type { Context } from './context.js';
import { openStore, type Place } from './tiers.js';

interface Options extends Omit<CopyOptions, 'clock'> {
  readonly ctx: Context;
  /** Throws where the chain may not go there; nothing is copied then. */
  readonly admit?: (chain: readonly ArchiveLabel[]) => void;
}

export interface CopiedBetween {
  readonly copied: readonly Copied[];
  /** For people. */
  readonly fromPlace: string;
  readonly toPlace: string;
}

export async function copyBetween(
  { from, to }: { readonly from: Pick<Place, 'at'>; readonly to: Pick<Place, 'at'> },
  wanted: Wanted,
  { ctx, admit, ...options }: Options,
): Promise<CopiedBetween> {
  const opened: Store[] = [];
  try {
    const source = openStore(from, ctx);
    opened.push(source);
    const target = openStore(to, ctx);
    opened.push(target);
    const chain = await findChain(source, wanted, options.signal);
    admit?.(chain);
    const copied = await copyChain(chain, { from: source, to: target }, { ...options, clock: systemClock });
    return { copied, fromPlace: source.place, toPlace: target.place };
  } finally {
    for (const store of opened) store.close();
  }
}
