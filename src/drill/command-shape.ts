/** Commands that operate nodes: given for all of them, or for one, with placeholders that each node fills in. */
import { resolve } from 'node:path';
import { NODE_COMMANDS, type NodeCommand, type NodeSpec } from '../core/drill.js';
import { complain, duration, inside, type Place } from '../core/shape.js';
import { object, optional } from '../core/shape-object.js';
import { argv } from '../core/shape-words.js';
import { type Bilingual, bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';

export type CommandsDraft = { readonly [command in NodeCommand]?: readonly string[] } & { readonly limit?: number };
type Draft = Omit<NodeSpec, 'find'> & { readonly commands: CommandsDraft };

const USUAL_LIMIT_MS = 10_000;

const command = (en: string, zh: string) => optional(argv, en, zh);

export const ABOUT_COMMANDS = bi(
  'with driver command: programs with their arguments (never a shell), for all nodes or for one; {node}, {host} (of its url) and {a label of the node} are filled in',
  '用于 driver command：程序及其参数（不经过 shell），可为全部节点或单个节点编写；{node}、{host}（取自 url）与 {节点标签名} 会被替换',
);

export const commandsShape = object(
  {
    status: command(
      'needed: prints state=running|frozen|stopped and, better, pid=… start=…; what `systemctl show` prints is understood; or only its exit code: 0 runs, 3 does not',
      '必填：输出 state=running|frozen|stopped，最好再加 pid=… start=…；也可直接用 `systemctl show` 的输出；或仅用退出码：0 运行，3 未运行',
    ),
    kill: command('ends it at once, and nothing brings it back', '立即终止，且不会被自动拉起'),
    killInPlace: command('ends it past its manager, which may bring it back', '绕过管理器终止，管理器可能将其拉起'),
    stop: command('ends it in an orderly way', '有序停止'),
    start: command('starts it; must not stay in the foreground', '启动；不得停留在前台'),
    restart: command('stops and starts it; default: stop, then start', '重启；默认先 stop 再 start'),
    freeze: command('pauses it; needs thaw', '暂停；需要同时给出 thaw'),
    thaw: command('lets it go on', '恢复运行'),
    limit: optional(
      duration({ maxMs: 600_000 }),
      'no command is waited for longer; default 10s',
      '每条命令的最长等待时间；默认 10s',
    ),
  },
  bi('commands { status, kill, start, … }', '命令 { status, kill, start, … }'),
);

export const ONLY_BY_COMMAND = bi('only “driver: command” has “commands”', '只有“driver: command”才有“commands”');

/** Every node with its own commands, ready to run from any folder; undefined once a problem was reported. */
export function withCommands(
  drafts: readonly Draft[],
  { shared, dir }: { readonly shared: CommandsDraft; readonly dir: string },
  place: Place,
): readonly NodeSpec[] | undefined {
  const nodes = drafts.map(({ commands: own, ...node }, index): NodeSpec | undefined => {
    const at = inside(inside(place, 'nodes', null), index, null);
    const { limit: limitMs = USUAL_LIMIT_MS, ...given } = { ...shared, ...own };
    const filled = fillAll(given, node, at);
    if (filled === undefined) return undefined;
    const { status, ...others } = filled;
    if (status === undefined) return complain(at, NEEDS_STATUS);
    const cwd = resolve(dir, node.cwd ?? '.');
    return { ...node, cwd, find: { by: 'command', commands: { ...others, status, limitMs } } };
  });
  const good = nodes.filter((node) => node !== undefined);
  return good.length === nodes.length ? good : undefined;
}

type Filled = { readonly [name in NodeCommand]?: readonly string[] };

function fillAll(given: Filled, node: Omit<Draft, 'commands'>, at: Place): Filled | undefined {
  const values: Readonly<Record<string, string>> = {
    ...node.labels,
    node: node.name,
    host: new URL(node.url).hostname.replace(/^\[|\]$/g, ''),
  };
  const filled: { [name in NodeCommand]?: readonly string[] } = {};
  for (const name of NODE_COMMANDS) {
    const argv = given[name];
    if (argv === undefined) continue;
    const unknown = argv
      .flatMap((word) => [...word.matchAll(PLACEHOLDER)].map((found) => found[1] ?? ''))
      .find((key) => !Object.hasOwn(values, key));
    if (unknown !== undefined) return complain(at, unknownPlaceholder(name, unknown), known(Object.keys(values)));
    filled[name] = argv.map((word) => word.replace(PLACEHOLDER, (text, key: string) => values[key] ?? text));
  }
  return filled;
}

/** `{host}`; the braces of shells (`${x}`) and of templates (`{{.Name}}`) are left alone. */
const PLACEHOLDER = /(?<![{$])\{([A-Za-z][\w.-]*)\}(?!\})/g;

const NEEDS_STATUS = bi(
  'a node operated by commands needs “status”, in its own “commands” or in those of the target',
  '由命令操作的节点需要“status”，写在该节点或 target 的“commands”中',
);

const unknownPlaceholder = (name: NodeCommand, key: string): Bilingual =>
  bi(
    `the command “${name}” has an unknown placeholder ${quoted(`{${key}}`)}`,
    `命令“${name}”中有未知的占位符${quoted(`{${key}}`)}`,
  );

const known = (keys: readonly string[]): Bilingual => {
  const list = keys.map((key) => `{${key}}`).join(', ');
  return bi(`known here: ${list}; a label of the node makes another`, `此处可用：${list}；给节点加标签即可增加`);
};
