import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { copyChain, findChain } from '../backup/index.js';
import { systemClock } from '../core/clock.js';
import { WorldError } from '../core/errors.js';
import type { Services } from '../core/services.js';
import type { Store } from '../core/store.js';
import { bi } from '../core/text.js';
import type { Context } from './context.js';
import type { DrillFile } from './drill-file.js';
import { openStore, type Place, tierPlaces } from './tiers.js';

/** A tier that is a folder is read where it lies; of another its newest chain is fetched. */
export const tierFolderOf =
  ({ ctx, file }: { readonly ctx: Context; readonly file: DrillFile }): Services['tierFolder'] =>
  async (name, { intoDir, signal }) => {
    const { recoveryPlan } = file.loaded.drill;
    const dir = recoveryPlan === undefined ? file.dir : dirname(resolve(file.dir, recoveryPlan));
    const place = tierPlaces({ plan: file.recoveryPlan, dir }).find(({ tier }) => tier.name === name);
    if (place === undefined) throw noTier(name);
    if (place.at.kind === 'directory') return place.at.path;
    mkdirSync(intoDir, { recursive: true });
    const to: Place = { tier: null, at: { kind: 'directory', path: intoDir } };
    const opened: Store[] = [];
    try {
      const stores = { from: openStore(place, ctx), to: openStore(to, ctx) };
      opened.push(stores.from, stores.to);
      const chain = await findChain(stores.from, { which: 'latest' }, signal);
      await copyChain(chain, stores, { clock: systemClock, signal });
      return intoDir;
    } finally {
      for (const store of opened) store.close();
    }
  };

const noTier = (name: string): WorldError =>
  new WorldError({
    code: 'no-such-tier',
    message: bi(`The recovery plan has no tier ${name}.`, `恢复预案中没有层级 ${name}。`),
  });
