/** A node of the user's own, as a drill file says it. */
import type { NodeSpec } from '../core/drill.js';
import { complain, inside, isMapValue, line, mapped, type Place, type Shape } from '../core/shape.js';
import { list, object, optional, recordOf, required } from '../core/shape-object.js';
import { type Bilingual, bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';
import { ABOUT_COMMANDS, type CommandsDraft, commandsShape, ONLY_BY_COMMAND } from './command-shape.js';
import { byContainer, containerFields, findOf, NEEDS_START, NO_START, ONE_WAY } from './node-find.js';
import { name, word } from './words.js';

/** `find` is null, and `commands` its own ones, where commands operate it: those of the target are not known yet. */
export type NodeDraft = Omit<NodeSpec, 'find'> & {
  readonly find: NodeSpec['find'] | null;
  readonly commands: CommandsDraft;
};

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
    pattern: '^(https?|zookeepers?)://[^\\s/?#]+/?$',
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
    'how to start it again: the program and its arguments, one list item each; needed of a process',
    '如何再次启动：程序及其参数，每项一个；进程必须写',
  ),
  commands: optional(commandsShape, ABOUT_COMMANDS.en, ABOUT_COMMANDS.zh),
  cwd: optional(word, 'working directory of the start, or of the commands', '启动或执行命令时的工作目录'),
  data: optional(
    word,
    'its data: a folder (etcd; ZooKeeper: version-2 below its dataDir) or a file (antietcd); needed by restore',
    '其数据：目录（etcd；ZooKeeper 为 dataDir 下的 version-2）或文件（antietcd）；restore 需要',
  ),
  peerUrl: optional(
    clientUrl,
    'as in --initial-advertise-peer-urls, needed to restore etcd; ZooKeeper: zookeeper:// and its election port; a partition is proven with it',
    '同 --initial-advertise-peer-urls，恢复 etcd 时需要；ZooKeeper 为 zookeeper:// 加选举端口；用于证明网络分区',
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

const nodeShape = (byCommand: boolean): Shape<NodeDraft> =>
  mapped(
    object(nodeFields, bi('a node { name, url, start, … }', '节点 { name, url, start, … }')),
    ({ pidFile, argument, container, containerLabel, compose, start, commands, ...rest }, place) => {
      const ways = { pidFile, argument, container, containerLabel, compose };
      if (byCommand) {
        const bare = start === undefined && Object.values(ways).every((way) => way === undefined);
        return bare ? { ...rest, find: null, start: [], commands: commands ?? {} } : complain(place, BY_COMMAND);
      }
      if (commands !== undefined) return complain(place, ONLY_BY_COMMAND);
      const find = findOf(ways);
      const wrong = whyMisfit(find, start);
      return wrong === null ? { ...rest, find, start: start ?? [], commands: {} } : complain(place, wrong);
    },
  );

function whyMisfit(find: NodeSpec['find'] | null, start: readonly string[] | undefined): Bilingual | null {
  if (find === null) return ONE_WAY;
  if (byContainer(find)) return start === undefined ? null : NO_START;
  return start === undefined ? NEEDS_START : null;
}

const BY_COMMAND = bi(
  'with “driver: command” a node is found and started by “commands”: leave “start”, “argument”, “pidFile” and the like out',
  '使用“driver: command”时，节点由“commands”查找和启动：请去掉“start”、“argument”、“pidFile”等',
);

/** `byCommand` = the target says that commands operate its nodes. */
export function nodesShape(byCommand: boolean): Shape<readonly NodeDraft[]> {
  const anyNodes = list(nodeShape(byCommand), bi('a list of nodes', '节点列表'), 1);
  return {
    get schema() {
      return anyNodes.schema;
    },
    read: (place) => {
      const read = anyNodes.read(place);
      const unique = [uniqueKey(place, 'name'), uniqueKey(place, 'url')].every(Boolean);
      return unique ? read : undefined;
    },
  };
}

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
