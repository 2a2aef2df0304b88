import { DRIVER_NAMES, type DriverName, LAYOUT_NAMES, REGISTRY_NAMES, type TargetSpec } from '../core/drill.js';
import { complain, isMapValue, line, mapped, nameOf, type Place, type Shape } from '../core/shape.js';
import { object, optional, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { accessFields, accessOf } from './access-shape.js';
import type { DrillCatalogs } from './catalogs.js';
import { ABOUT_COMMANDS, type CommandsDraft, commandsShape, ONLY_BY_COMMAND, withCommands } from './command-shape.js';
import { misfits } from './node-find.js';
import { type NodeDraft, nodesShape } from './node-shape.js';
import { standbyOf, standbyShape } from './standby-shape.js';

const DEFAULT_PREFIX = '/services/';
const DUBBO_PREFIX = '/dubbo/';

const targetFields = (labs: readonly string[], byCommand: boolean) => ({
  ...accessFields,
  registry: required(
    nameOf(REGISTRY_NAMES, bi('a kind of registry', '注册中心类型')),
    'kind of registry',
    '注册中心类型',
  ),
  lab: optional(nameOf(labs, bi('a practice cluster', '练习集群')), 'a practice cluster … or:', '练习集群；或：'),
  driver: optional(
    nameOf(DRIVER_NAMES, bi('a driver', '驱动')),
    'how the nodes are operated; for a practice cluster: as processes or in containers',
    '如何操作节点；练习集群：以进程还是容器运行',
  ),
  nodes: optional(nodesShape(byCommand), 'your own nodes', '你自己的节点'),
  commands: optional(commandsShape, ABOUT_COMMANDS.en, ABOUT_COMMANDS.zh),
  prefix: optional(
    line(bi('a key prefix such as /services/', '键前缀，例如 /services/'), { pattern: '^/(?:[^/]+/)+$' }),
    `keys under which services are registered; default ${DEFAULT_PREFIX}, of layout dubbo ${DUBBO_PREFIX}`,
    `服务注册所在的键前缀；默认 ${DEFAULT_PREFIX}，dubbo 布局为 ${DUBBO_PREFIX}`,
  ),
  standby: optional(
    standbyShape,
    'a cluster of the same kind at another site that takes over, for recover: switch-site and the replication probes',
    '另一站点的同类集群，用于 recover: switch-site 与复制探针',
  ),
  layout: optional(
    nameOf(LAYOUT_NAMES, bi('a layout', '布局')),
    'how services lie in ZooKeeper; default firedrill: plain JSON',
    '服务在 ZooKeeper 中的布局；默认 firedrill：普通 JSON',
  ),
});

const ONE_SOURCE = bi(
  'a target is either a practice cluster (“lab”) or your own nodes (“driver” and “nodes”)',
  '目标要么是练习集群（“lab”），要么是你自己的节点（“driver”和“nodes”）',
);

const LAB_WITHOUT_COMMANDS = bi(
  'a practice cluster runs as processes or in containers: “driver: process” or “driver: docker”',
  '练习集群以进程或容器运行：“driver: process”或“driver: docker”',
);

const ONLY_ZOOKEEPER = bi('only “registry: zookeeper” has a “layout”', '只有“registry: zookeeper”才有“layout”');

/** The registry under drill: a lab, or the user's own nodes. */
export const targetShape = (catalogs: Pick<DrillCatalogs, 'labs' | 'dir'>): Shape<TargetSpec> => {
  const usual = shapeFor(catalogs, false);
  return {
    get schema() {
      return usual.schema;
    },
    read: (place) => {
      const byCommand = isMapValue(place.value) && place.value.driver === 'command';
      return (byCommand ? shapeFor(catalogs, true) : usual).read(place);
    },
  };
};

const shapeFor = ({ labs, dir = '' }: Pick<DrillCatalogs, 'labs' | 'dir'>, byCommand: boolean): Shape<TargetSpec> =>
  mapped(
    object(
      targetFields(labs, byCommand),
      bi(
        'a target { registry, lab } or { registry, driver, nodes }',
        '目标 { registry, lab } 或 { registry, driver, nodes }',
      ),
    ),
    (
      {
        registry,
        lab,
        driver,
        nodes: own,
        commands,
        layout,
        prefix = layout === 'dubbo' ? DUBBO_PREFIX : DEFAULT_PREFIX,
        credentials,
        tls,
        standby,
      },
      place,
    ) => {
      if (layout !== undefined && registry !== 'zookeeper') return complain(place, ONLY_ZOOKEEPER);
      const access = accessOf(dir, credentials, tls);
      const where = {
        registry,
        prefix,
        ...(layout === undefined ? {} : { layout }),
        ...(access === null ? {} : { access }),
      };
      const source = sourceOf({ lab, driver, own, commands, dir }, place);
      return source === undefined ? undefined : withStandby({ ...where, source }, standby, place);
    },
  );

function sourceOf(
  said: {
    readonly lab: string | undefined;
    readonly driver: DriverName | undefined;
    readonly own: readonly NodeDraft[] | undefined;
    readonly commands: CommandsDraft | undefined;
    readonly dir: string;
  },
  place: Place,
): TargetSpec['source'] | undefined {
  const { lab, driver, own, commands, dir } = said;
  if (commands !== undefined && driver !== 'command') return complain(place, ONLY_BY_COMMAND);
  if (lab !== undefined && own === undefined) {
    if (driver === 'command') return complain(place, LAB_WITHOUT_COMMANDS);
    return { from: 'lab', lab, ...(driver === undefined ? {} : { driver }) };
  }
  if (lab !== undefined || driver === undefined || own === undefined) return complain(place, ONE_SOURCE);
  if (driver === 'command') {
    const nodes = withCommands(own, { shared: commands ?? {}, dir }, place);
    return nodes === undefined ? undefined : { from: 'nodes', driver, nodes };
  }
  const nodes = own.flatMap(({ find, commands: _, ...node }) => (find === null ? [] : [{ ...node, find }]));
  const misfit = misfits(driver, nodes);
  return misfit === null ? { from: 'nodes', driver, nodes } : complain(place, misfit);
}

function withStandby(
  target: TargetSpec,
  draft: Parameters<typeof standbyOf>[0] | undefined,
  place: Place,
): TargetSpec | undefined {
  if (draft === undefined) return target;
  const standby = standbyOf(draft, target.source, place);
  return standby === undefined ? undefined : { ...target, standby };
}
