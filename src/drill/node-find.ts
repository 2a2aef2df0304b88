/** How a node of the user's own is found: as a process of this machine, or as a container. */
import type { DriverName, NodeSpec } from '../core/drill.js';
import { formatDuration } from '../core/duration.js';
import { line } from '../core/shape.js';
import { optional } from '../core/shape-object.js';
import { type Bilingual, bi } from '../core/text.js';
import { word } from './words.js';

type Find = NodeSpec['find'];

export const containerFields = {
  container: optional(word, 'name of its container … or:', '其容器名称；或：'),
  containerLabel: optional(
    line(bi('a label as key=value', '标签，写作 key=value'), { pattern: '^[^\\s=]+(?:=\\S*)?$' }),
    'a label that only its container has: key=value … or:',
    '只有其容器才有的标签：key=value；或：',
  ),
  compose: optional(
    line(bi('project/service of compose', 'compose 的 项目/服务'), { pattern: '^[^\\s/]+/[^\\s/]+$' }),
    'its service in compose: project/service',
    '其在 compose 中的服务：项目/服务',
  ),
};

interface Ways {
  readonly pidFile: string | undefined;
  readonly argument: string | undefined;
  readonly container: string | undefined;
  readonly containerLabel: string | undefined;
  readonly compose: string | undefined;
}

/** Exactly one of them; null = none or several. */
export function findOf({ pidFile, argument, container, containerLabel, compose }: Ways): Find | null {
  const [project = '', service = ''] = compose?.split('/') ?? [];
  const ways: readonly Find[] = [
    ...(pidFile === undefined ? [] : [{ by: 'pid-file', path: pidFile } as const]),
    ...(argument === undefined ? [] : [{ by: 'argument', text: argument } as const]),
    ...(container === undefined ? [] : [{ by: 'container', container } as const]),
    ...(containerLabel === undefined ? [] : [{ by: 'container-label', label: containerLabel } as const]),
    ...(compose === undefined ? [] : [{ by: 'compose', project, service } as const]),
  ];
  return ways.length === 1 ? (ways[0] ?? null) : null;
}

/** As a drill file says it. */
export function fieldsOf(find: Find): Readonly<Record<string, unknown>> {
  switch (find.by) {
    case 'pid-file':
      return { pidFile: find.path };
    case 'argument':
      return { argument: find.text };
    case 'container':
      return { container: find.container };
    case 'container-label':
      return { containerLabel: find.label };
    case 'compose':
      return { compose: `${find.project}/${find.service}` };
    case 'command': {
      const { limitMs, ...commands } = find.commands;
      return { commands: { ...commands, limit: formatDuration(limitMs) } };
    }
  }
}

export function byContainer({ by }: Find): boolean {
  switch (by) {
    case 'pid-file':
    case 'argument':
    case 'command':
      return false;
    case 'container':
    case 'container-label':
    case 'compose':
      return true;
  }
}

/** Nodes that this driver cannot find; null = none. */
export function misfits(driver: DriverName, nodes: readonly NodeSpec[]): Bilingual | null {
  const wrong = nodes.filter(({ find }) => byContainer(find) !== (driver === 'docker')).map(({ name }) => name);
  if (wrong.length === 0) return null;
  return driver === 'docker'
    ? bi(
        `with “driver: docker” a node is found by “container”, “containerLabel” or “compose”, not as ${wrong.join(', ')} is`,
        `使用“driver: docker”时，节点通过“container”、“containerLabel”或“compose”查找；${wrong.join('、')} 不是这样写的`,
      )
    : bi(
        `a node in a container needs “driver: docker”: ${wrong.join(', ')}`,
        `容器中的节点需要“driver: docker”：${wrong.join('、')}`,
      );
}

export const ONE_WAY = bi(
  'a node is found by “pidFile” or “argument”, or in a container by “container”, “containerLabel” or “compose”: exactly one',
  '节点通过“pidFile”或“argument”查找；容器中的节点通过“container”、“containerLabel”或“compose”查找：恰好写一个',
);
export const NO_START = bi('a container knows how it starts: leave “start” out', '容器自己知道如何启动：请去掉“start”');
export const NEEDS_START = bi(
  'a node that is a process needs “start”: the program and its arguments, one list item each',
  '作为进程的节点需要“start”：程序及其参数，每项一个',
);
