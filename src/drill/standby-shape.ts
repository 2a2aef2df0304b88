/** The second cluster of a target, at another site: its nodes, and what copies the first one's entries to it. */
import type { NodeSpec, StandbySpec, TargetSpec } from '../core/drill.js';
import { complain, line, mapped, nameOf, type Place, type Shape } from '../core/shape.js';
import { object, optional, required } from '../core/shape-object.js';
import { argv } from '../core/shape-words.js';
import { bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';
import { byContainer, findOf, misfits, ONE_WAY } from './node-find.js';
import { nodesShape } from './node-shape.js';
import { word } from './words.js';

const DRIVERS = ['process', 'docker'] as const;

const replicationShape = mapped(
  object(
    {
      pidFile: optional(word, 'file with its process id … or:', '存有其进程号的文件；或：'),
      argument: optional(
        line(bi('at least four characters', '至少四个字符'), { pattern: '.{4,}' }),
        'a text that only this process has among its arguments … or:',
        '只有该进程的参数中才有的文本；或：',
      ),
      container: optional(word, 'name of its container', '其容器名称'),
      start: optional(argv, 'how to start it again; needed of a process', '如何再次启动；进程必须写'),
      cwd: optional(word, 'working directory of the start', '启动时的工作目录'),
    },
    bi('a replication { argument, start } or { container }', '复制进程 { argument, start } 或 { container }'),
  ),
  ({ pidFile, argument, container, start = [], cwd }, place): NodeSpec | undefined => {
    const find = findOf({ pidFile, argument, container, containerLabel: undefined, compose: undefined });
    if (find === null) return complain(place, ONE_WAY);
    if (byContainer(find) !== (start.length === 0)) return complain(place, ITS_START);
    return { name: 'replication', url: 'http://127.0.0.1', find, start, ...(cwd === undefined ? {} : { cwd }) };
  },
);

const ITS_START = bi('“start” is needed of a process, and not taken of a container', '进程必须写“start”，容器则不写');

export const standbyShape: Shape<Omit<StandbySpec, 'driver'> & Partial<Pick<StandbySpec, 'driver'>>> = mapped(
  object(
    {
      driver: optional(
        nameOf(DRIVERS, bi('a driver', '驱动')),
        'how its nodes are operated; default: as those of the target',
        '如何操作其节点；默认与目标相同',
      ),
      nodes: required(
        nodesShape(false),
        'its nodes, named otherwise than those of the target',
        '其节点，名称不得与目标的节点相同',
      ),
      prefix: optional(
        line(bi('a key prefix such as /services/', '键前缀，例如 /services/'), { pattern: '^/(?:[^/]+/)+$' }),
        'where its services lie; default: as in the target',
        '其服务所在的键前缀；默认与目标相同',
      ),
      replication: optional(
        replicationShape,
        'the process that copies the target’s entries to it; a switch stops it, so that a primary that comes back overwrites nothing',
        '把目标的条目复制过来的进程；切换时会停止它，以免主站点恢复后覆盖新数据',
      ),
    },
    bi('a standby { nodes, replication }', '备用集群 { nodes, replication }'),
  ),
  ({ driver, nodes, prefix, replication }) => ({
    nodes: nodes.flatMap(({ find, commands: _, ...node }) => (find === null ? [] : [{ ...node, find }])),
    ...(driver && { driver }),
    ...(prefix && { prefix }),
    ...(replication && { replication }),
  }),
);

type StandbyDraft = NonNullable<ReturnType<typeof standbyShape.read>>;

/** undefined after a problem was reported. */
export function standbyOf(draft: StandbyDraft, source: TargetSpec['source'], place: Place): StandbySpec | undefined {
  if (source.from === 'lab') return complain(place, LAB_HAS_ITS_OWN);
  const driver = draft.driver ?? DRIVERS.find((name) => name === source.driver);
  if (driver === undefined) return complain(place, NEEDS_DRIVER);
  const misfit = misfits(driver, [...draft.nodes, ...(draft.replication === undefined ? [] : [draft.replication])]);
  if (misfit !== null) return complain(place, misfit);
  const both = draft.nodes.find(({ name, url }) => source.nodes.some((node) => node.name === name || node.url === url));
  if (both === undefined) return { ...draft, driver };
  return complain(
    place,
    bi(
      `the target and its standby both have the node ${quoted(both.name)}`,
      `目标与其备用集群都有节点${quoted(both.name)}`,
    ),
  );
}

const LAB_HAS_ITS_OWN = bi(
  'a practice cluster of two sites has its own standby: “lab: etcd-2-sites”',
  '双站点练习集群自带备用集群：“lab: etcd-2-sites”',
);
const NEEDS_DRIVER = bi(
  'a standby needs “driver: process” or “driver: docker” where commands operate the target',
  '目标由命令操作时，备用集群须写“driver: process”或“driver: docker”',
);
