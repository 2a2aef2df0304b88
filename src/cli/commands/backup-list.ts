import type { Action } from '../command.js';
import { list as listFolder } from './backup.js';
import { listTiers } from './backup-tiers.js';

/** `backup list`: a folder, every archive read; or tiers, by their labels. */
export const list: Action = (call) => {
  const overTiers = call.options.tiers === true || typeof call.options.tier === 'string';
  return (overTiers ? listTiers : listFolder)(call);
};
