/** An archive and all that it stands on, from one place to another. */
import { type Copied, type CopyOptions, copyChain, findChain, type Wanted } from '../backup/index.js';
import { systemClock } from '../core/clock.js';
import type { Store } from '../core/store.js';
import type { Context } from './context.js';
import { openStore, type Place } from './tiers.js';

export async function copyBetween(
  { from, to }: { readonly from: Pick<Place, 'at'>; readonly to: Pick<Place, 'at'> },
  wanted: Wanted,
  { ctx, ...options }: Omit<CopyOptions, 'clock'> & { readonly ctx: Context },
): Promise<{ readonly copied: readonly Copied[]; readonly toPlace: string }> {
  const opened: Store[] = [];
  try {
    const source = openStore(from, ctx);
    opened.push(source);
    const target = openStore(to, ctx);
    opened.push(target);
    const chain = await findChain(source, wanted, options.signal);
    const copied = await copyChain(chain, { from: source, to: target }, { ...options, clock: systemClock });
    return { copied, toPlace: target.place };
  } finally {
    for (const store of opened) store.close();
  }
}
