import { WorldError } from '../../src/core/errors.js';
import type { DrillTiers } from '../../src/core/services.js';
import { bi } from '../../src/core/text.js';

function none(tier: string): never {
  throw new WorldError({ code: 'no-such-tier', message: bi(`no tier ${tier}`, `没有层级 ${tier}`) });
}

/** Of a recovery plan that has none. */
export const NO_TIERS: DrillTiers = { folder: none, keys: none, openingKeys: none, put: none };
