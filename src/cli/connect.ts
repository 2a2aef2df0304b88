import { backupService } from '../backup/index.js';
import { type Catalog, catalogOf } from '../core/catalog.js';
import { WorldError } from '../core/errors.js';
import type { Undoer } from '../core/fault.js';
import type { Cluster, TargetBinding } from '../core/target.js';
import { bi } from '../core/text.js';
import { degradationUndoer } from '../degradation/index.js';
import { faults } from '../faults/index.js';
import { labUndoer } from '../lab/index.js';
import { registries } from '../registries/index.js';
import { siteUndoer } from '../run/site-undo.js';
import { surroundingsUndoer } from '../surroundings/index.js';
import { drivers } from '../targets/index.js';
import { canaryUndoer } from '../traffic/index.js';
import type { Context } from './context.js';

/** Whatever can be undone, by the name in its undo record. */
export const undoersOf = (ctx: Pick<Context, 'env' | 'stateRoot'>): Catalog<Undoer> =>
  catalogOf<Undoer>([
    ...faults.all,
    backupService.undoer,
    canaryUndoer,
    degradationUndoer,
    siteUndoer,
    surroundingsUndoer,
    labUndoer(ctx.stateRoot),
  ]);

/** A binding as something that can be operated and asked. No binding (nothing but a lab was touched): no nodes. */
export function connect(binding: TargetBinding | null): Cluster {
  const bound = binding ?? NO_TARGET;
  const registry = registries.find(bound.registry);
  const driver = drivers.find(bound.driver);
  if (registry === undefined || driver === undefined) {
    throw new WorldError({
      code: 'driver-unknown',
      message: bi(
        `This Firedrill cannot operate registry "${bound.registry}" with driver "${bound.driver}".`,
        `此版本的 Firedrill 无法用驱动 "${bound.driver}" 操作注册中心 "${bound.registry}"。`,
      ),
      hint: bi('Use the version of Firedrill that wrote the record.', '请使用写下该记录的 Firedrill 版本。'),
    });
  }
  const own = registry.connect(bound);
  if (bound.standby === undefined) return { binding: bound, driver, registry: own };
  const standby = connect(bound.standby);
  const close = (): void => {
    own.close();
    standby.registry.close();
  };
  return { binding: bound, driver, registry: { ...own, close }, standby };
}

const NO_TARGET: TargetBinding = {
  registry: 'etcd',
  product: 'none',
  version: '',
  lab: null,
  driver: 'process',
  prefix: '/services/',
  clusterId: null,
  nodes: [],
};
