import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemClock } from '../core/clock.js';
import { WorldError } from '../core/errors.js';
import type { DrillTiers } from '../core/services.js';
import { bi } from '../core/text.js';
import { copyBetween } from './between-places.js';
import type { Context } from './context.js';
import type { DrillFile } from './drill-file.js';
import { folder, type Place, tierPlaces } from './tiers.js';

interface Job {
  readonly ctx: Context;
  readonly file: DrillFile;
}

/** The tiers of the plan that a drill names. */
export function drillTiers(job: Job): DrillTiers {
  const { ctx } = job;
  return {
    keys: (tier) => placeOfTier(job, tier).tier.keys,
    openingKeys: (tier) => placeOfTier(job, tier).tier.openingKeys,
    folder: async (tier, { intoDir, signal }) => {
      const place = placeOfTier(job, tier);
      if (place.at.kind === 'directory') return place.at.path;
      mkdirSync(intoDir, { recursive: true });
      await copyBetween({ from: place, to: folder(intoDir) }, { which: 'latest' }, { ctx, signal });
      return intoDir;
    },
    put: async (tier, { dir, fileName, signal }) => {
      const startedMs = systemClock.monotonicMs();
      const between = { from: folder(dir), to: placeOfTier(job, tier) };
      const { copied } = await copyBetween(between, { which: 'file', file: fileName }, { ctx, signal });
      return {
        archives: copied.length,
        bytes: copied.reduce((sum, one) => sum + one.bytes, 0),
        copiedBytes: copied.reduce((sum, one) => sum + one.bytes - one.keptBytes, 0),
        tookMs: systemClock.monotonicMs() - startedMs,
      };
    },
  };
}

function placeOfTier({ file }: Job, name: string): Place & { readonly tier: NonNullable<Place['tier']> } {
  const { recoveryPlan } = file.loaded.drill;
  const dir = recoveryPlan === undefined ? file.dir : dirname(resolve(file.dir, recoveryPlan));
  const place = tierPlaces({ plan: file.recoveryPlan, dir }).find(({ tier }) => tier.name === name);
  if (place !== undefined) return place;
  throw new WorldError({
    code: 'no-such-tier',
    message: bi(`The recovery plan has no tier ${name}.`, `恢复预案中没有层级 ${name}。`),
  });
}
