import {
  DRIVER_NAMES,
  type DriverName,
  LAYOUT_NAMES,
  type NodeSpec,
  REGISTRY_NAMES,
  type TargetSpec,
} from '../core/drill.js';
import { complain, inside, isMapValue, line, mapped, nameOf, type Place, type Shape } from '../core/shape.js';
import { list, object, optional, recordOf, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';
import { accessFields, accessOf } from './access-shape.js';
import type { DrillCatalogs } from './catalogs.js';
import { byContainer, containerFields, findOf, misfits, NEEDS_START, NO_START, ONE_WAY } from './node-find.js';
import { name, word } from './words.js';

const DEFAULT_PREFIX = '/services/';
const DUBBO_PREFIX = '/dubbo/';

const url = line(bi('a URL such as http://127.0.0.1:2379', 'URL，例如 http://127.0.0.1:2379'), {
  pattern: '^https?://[^\\s/?#]+/?$',
});

/** ZooKeeper's client port speaks no HTTP; a drill says so, to nobody's surprise. */
const clientUrl = line(
  bi(
    'a URL such as http://127.0.0.1:2379 or zookeeper://127.0.0.1:2181',
    'URL，例如 http://127.0.0.1:2379 或 zookeeper://127.0.0.1:2181',
  ),
  {
    pattern: '^(https?|zookeeper)://[^\\s/?#]+/?$',
  },
);

const nodeFields = {
  name: required(name, 'the node’s own name in its cluster', '节点在集群中的名称'),
  url: required(clientUrl, 'client URL', '客户端 URL'),
  pidFile: optional(word, 'file with its process id … or:', '存有其进程号的文件；或：'),
  argument: optional(
    line(bi('at least four characters', '至少四个字符'), { pattern: '.{4,}' }),
    'a text that only this process has among its arguments, such as its data folder',
    '只有该进程的参数中才有的文本，例如其数据目录',
  ),
  ...containerFields,
  start: optional(
    list(word, bi('a list: the program and its arguments', '列表：程序及其参数'), 1),
    'how to start it again: the program and its arguments, one list item each; needed unless it is a container',
    '如何再次启动：程序及其参数，每项一个；容器以外必须写',
  ),
  cwd: optional(word, 'working directory of the start', '启动时的工作目录'),
  data: optional(
    word,
    'its data: a folder (etcd; ZooKeeper: version-2 below its dataDir) or a file (antietcd); needed by restore',
    '其数据：目录（etcd；ZooKeeper 为 dataDir 下的 version-2）或文件（antietcd）；restore 需要',
  ),
  peerUrl: optional(
    url,
    'as in --initial-advertise-peer-urls; needed to restore etcd',
    '同 --initial-advertise-peer-urls；恢复 etcd 时需要',
  ),
  adminUrl: optional(
    url,
    'AdminServer of ZooKeeper, such as http://127.0.0.1:8080; needed by backup, and to see the leader from every node',
    'ZooKeeper 的 AdminServer，例如 http://127.0.0.1:8080；backup 需要，也用于从每个节点查看主节点',
  ),
  site: optional(name, 'where it stands', '所在站点'),
  labels: optional(
    recordOf(word, { key: name, what: bi('labels { key: value }', '标签 { 键: 值 }') }),
    'labels of your own',
    '自定义标签',
  ),
};

const node: Shape<NodeSpec> = mapped(
  object(nodeFields, bi('a node { name, url, start, … }', '节点 { name, url, start, … }')),
  ({ pidFile, argument, container, containerLabel, compose, start, ...rest }, place) => {
    const find = findOf({ pidFile, argument, container, containerLabel, compose });
    if (find === null) return complain(place, ONE_WAY);
    const inContainer = byContainer(find);
    if (inContainer && start !== undefined) return complain(place, NO_START);
    if (!inContainer && start === undefined) return complain(place, NEEDS_START);
    return { ...rest, find, start: start ?? [] };
  },
);

const anyNodes = list(node, bi('a list of nodes', '节点列表'), 1);

const nodes: Shape<readonly NodeSpec[]> = {
  get schema() {
    return anyNodes.schema;
  },
  read: (place) => {
    const read = anyNodes.read(place);
    const unique = [uniqueKey(place, 'name'), uniqueKey(place, 'url')].every(Boolean);
    return unique ? read : undefined;
  },
};

function uniqueKey(place: Place, key: 'name' | 'url'): boolean {
  if (!Array.isArray(place.value)) return true;
  const items: readonly unknown[] = place.value;
  const seen = new Set<unknown>();
  let unique = true;
  for (const [index, item] of items.entries()) {
    const value = isMapValue(item) ? item[key] : undefined;
    if (typeof value !== 'string') continue;
    if (seen.has(value)) {
      unique = false;
      complain(
        inside(inside(place, index, item), key, value),
        bi(`two nodes have the ${key} ${quoted(value)}`, `有两个节点的 ${key} 都是${quoted(value)}`),
      );
    }
    seen.add(value);
  }
  return unique;
}

const targetFields = (labs: readonly string[]) => ({
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
  nodes: optional(nodes, 'your own nodes', '你自己的节点'),
  prefix: optional(
    line(bi('a key prefix such as /services/', '键前缀，例如 /services/'), { pattern: '^/(?:[^/]+/)+$' }),
    `keys under which services are registered; default ${DEFAULT_PREFIX}, of layout dubbo ${DUBBO_PREFIX}`,
    `服务注册所在的键前缀；默认 ${DEFAULT_PREFIX}，dubbo 布局为 ${DUBBO_PREFIX}`,
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

const ONLY_ZOOKEEPER = bi('only “registry: zookeeper” has a “layout”', '只有“registry: zookeeper”才有“layout”');

/** The registry under drill: a lab, or the user's own nodes. */
export const targetShape = ({ labs, dir = '' }: Pick<DrillCatalogs, 'labs' | 'dir'>): Shape<TargetSpec> =>
  mapped(
    object(
      targetFields(labs),
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
        layout,
        prefix = layout === 'dubbo' ? DUBBO_PREFIX : DEFAULT_PREFIX,
        credentials,
        tls,
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
      const source = sourceOf({ lab, driver, own }, place);
      return source === undefined ? undefined : { ...where, source };
    },
  );

function sourceOf(
  said: {
    readonly lab: string | undefined;
    readonly driver: DriverName | undefined;
    readonly own: readonly NodeSpec[] | undefined;
  },
  place: Place,
): TargetSpec['source'] | undefined {
  const { lab, driver, own } = said;
  if (lab !== undefined && own === undefined) {
    return { from: 'lab', lab, ...(driver === undefined ? {} : { driver }) };
  }
  if (lab !== undefined || driver === undefined || own === undefined) return complain(place, ONE_SOURCE);
  const misfit = misfits(driver, own);
  return misfit === null ? { from: 'nodes', driver, nodes: own } : complain(place, misfit);
}
