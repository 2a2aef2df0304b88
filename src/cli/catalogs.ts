import type { Catalog } from '../core/catalog.js';
import { invariant } from '../core/errors.js';
import type { Fault } from '../core/fault.js';
import type { Lab } from '../core/lab.js';
import type { Probe } from '../core/probe.js';
import { faults } from '../faults/index.js';
import { type ConnectLab, createLabs } from '../lab/index.js';
import { probes } from '../probes/index.js';
import type { Context } from './context.js';

export interface Catalogs {
  readonly faults: Catalog<Fault>;
  readonly probes: Catalog<Probe>;
  readonly labs: Catalog<Lab>;
}

/**
 * What a drill file may name; the environment decides ports and where programs are found. What operates it is kept apart
 * (connect.ts), so that `validate` does not load it.
 */
export function catalogs(ctx: Pick<Context, 'env'>): Catalogs {
  const base = ctx.env.FIREDRILL_LAB_PORT_BASE;
  return {
    faults,
    probes,
    labs: createLabs({ env: ctx.env, connect, ...(base === undefined ? {} : { basePort: Number(base) }) }),
  };
}

/** Loaded only when a lab comes up. */
const connect: ConnectLab = async (binding) => {
  const { registries } = await import('../registries/index.js');
  const registry = registries.find(binding.registry);
  invariant(registry !== undefined, `there is a registry ${binding.registry}`);
  return registry.connect(binding);
};
