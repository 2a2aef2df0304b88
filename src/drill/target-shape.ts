import type { NodeSpec, TargetSpec } from '../core/drill.js';
import { complain, inside, isMapValue, line, mapped, nameOf, type Place, type Shape } from '../core/shape.js';
import { list, object, optional, recordOf, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';
import { name, word } from './words.js';

const DEFAULT_PREFIX = '/services/';

const url = line(bi('a URL such as http://127.0.0.1:2379', 'URL，例如 http://127.0.0.1:2379'), {
  pattern: '^https?://[^\\s/?#]+/?$',
});

const nodeFields = {
  name: required(name, 'the node’s own name in its cluster', '节点在集群中的名称'),
  url: required(url, 'client URL', '客户端 URL'),
  pidFile: optional(word, 'file with its process id … or:', '存有其进程号的文件；或：'),
  argument: optional(
    line(bi('at least four characters', '至少四个字符'), { pattern: '.{4,}' }),
    'a text that only this process has among its arguments, such as its data folder',
    '只有该进程的参数中才有的文本，例如其数据目录',
  ),
  start: required(
    list(word, bi('a list: the program and its arguments', '列表：程序及其参数'), 1),
    'how to start it again: the program and its arguments, one list item each',
    '如何再次启动：程序及其参数，每项一个',
  ),
  cwd: optional(word, 'working directory of the start', '启动时的工作目录'),
  data: optional(
    word,
    'its data, a folder (etcd) or a file (antietcd); needed by restore',
    '其数据：目录（etcd）或文件（antietcd）；restore 需要',
  ),
  peerUrl: optional(
    url,
    'as in --initial-advertise-peer-urls; needed to restore etcd',
    '同 --initial-advertise-peer-urls；恢复 etcd 时需要',
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
  ({ pidFile, argument, ...rest }, place) => {
    const message = bi(
      'a node is found by “pidFile” or by “argument”: exactly one',
      '节点通过“pidFile”或“argument”查找：恰好写一个',
    );
    if ((pidFile === undefined) === (argument === undefined)) return complain(place, message);
    if (pidFile !== undefined) return { ...rest, find: { by: 'pid-file', path: pidFile } };
    return argument === undefined ? undefined : { ...rest, find: { by: 'argument', text: argument } };
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
  registry: required(nameOf(['etcd'], bi('a kind of registry', '注册中心类型')), 'kind of registry', '注册中心类型'),
  lab: optional(nameOf(labs, bi('a practice cluster', '练习集群')), 'a practice cluster … or:', '练习集群；或：'),
  driver: optional(
    nameOf(['process'], bi('a driver', '驱动')),
    'how your own nodes are operated',
    '如何操作你自己的节点',
  ),
  nodes: optional(nodes, 'your own nodes', '你自己的节点'),
  prefix: optional(
    line(bi('a key prefix such as /services/', '键前缀，例如 /services/'), { pattern: '^/(?:[^/]+/)+$' }),
    `keys under which services are registered; default ${DEFAULT_PREFIX}`,
    `服务注册所在的键前缀；默认 ${DEFAULT_PREFIX}`,
  ),
});

const ONE_SOURCE = bi(
  'a target is either a practice cluster (“lab”) or your own nodes (“driver” and “nodes”)',
  '目标要么是练习集群（“lab”），要么是你自己的节点（“driver”和“nodes”）',
);

/** The registry under drill: a lab, or the user's own nodes. */
export const targetShape = (labs: readonly string[]): Shape<TargetSpec> =>
  mapped(
    object(
      targetFields(labs),
      bi(
        'a target { registry, lab } or { registry, driver, nodes }',
        '目标 { registry, lab } 或 { registry, driver, nodes }',
      ),
    ),
    ({ registry, lab, driver, nodes: own, prefix = DEFAULT_PREFIX }, place) => {
      if (lab !== undefined && driver === undefined && own === undefined) {
        return { registry, prefix, source: { from: 'lab', lab } };
      }
      if (lab !== undefined || driver === undefined || own === undefined) return complain(place, ONE_SOURCE);
      return { registry, prefix, source: { from: 'nodes', driver, nodes: own } };
    },
  );
