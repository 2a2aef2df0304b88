import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DRILL_KINDS, type DrillKind } from '../../core/drill.js';
import { WorldError } from '../../core/errors.js';
import { bi } from '../../core/text.js';
import { initFiles } from '../../drill/index.js';
import { catalogs } from '../catalogs.js';
import type { Action, Call } from '../command.js';
import { type Context, showPath } from '../context.js';

interface Wishes {
  readonly kind: DrillKind;
  readonly lab: string;
}

/** `init`: at most five questions, or none with `--yes`; prints the next command. Never overwrites. */
export const init: Action = async (call) => {
  const { ctx, options } = call;
  const wishes = ctx.interactive && options.yes !== true ? await ask(call) : given(call);
  const dir = resolve(ctx.cwd, String(options.dir));
  const registry = catalogs(ctx).labs.find(wishes.lab)?.registry ?? 'etcd';
  const files = initFiles({ registry, ...wishes, lang: ctx.lang });
  refuseOverwrite(
    files.map((file) => file.path).filter((path) => path !== '.gitignore'),
    dir,
    ctx,
  );
  const written = files.map((file) => write(join(dir, file.path), file.text));
  const drill = written.find((path) => path.endsWith('.drill.yaml'));
  if (ctx.json)
    ctx.out(JSON.stringify({ schemaVersion: 1, files: written.map((path) => showPath(path, ctx)) }, null, 2));
  else ctx.out(written.map((path) => showPath(path, ctx)).join('\n'));
  if (drill !== undefined)
    ctx.err(
      ctx.say(bi(`Next: firedrill run ${showPath(drill, ctx)}`, `下一步：firedrill run ${showPath(drill, ctx)}`)),
    );
  return 0;
};

const given = ({ options }: Call): Wishes => ({
  kind: DRILL_KINDS.find((kind) => kind === options.kind) ?? 'full-flow',
  lab: typeof options.lab === 'string' ? options.lab : options.registry === 'zookeeper' ? 'zookeeper-3' : 'antietcd-3',
});

async function ask(call: Call): Promise<Wishes> {
  const { ctx } = call;
  const prompts = await import('@clack/prompts');
  const fallback = given(call);
  const kind = await prompts.select<DrillKind>({
    message: ctx.say(bi('Which kind of drill?', '哪种演练？')),
    initialValue: fallback.kind,
    options: DRILL_KINDS.map((value) => ({ value, label: value })),
  });
  const lab = await prompts.text({
    message: ctx.say(bi('On which practice cluster?', '使用哪个练习集群？')),
    initialValue: fallback.lab,
  });
  return { kind: prompts.isCancel(kind) ? fallback.kind : kind, lab: prompts.isCancel(lab) ? fallback.lab : lab };
}

function refuseOverwrite(paths: readonly string[], dir: string, ctx: Context): void {
  const existing = paths.filter((path) => existsSync(join(dir, path)));
  if (existing.length === 0) return;
  throw new WorldError({
    code: 'file-exists',
    exit: 'usage',
    message: bi(
      `Not written, because these exist: ${existing.join(', ')} in ${showPath(dir, ctx)}.`,
      `未写入，因为以下文件已存在：${existing.join('、')}（位于 ${showPath(dir, ctx)}）。`,
    ),
    hint: bi('Move them away, or choose another folder with --dir.', '请先移走它们，或用 --dir 选择其他目录。'),
  });
}

/** `.gitignore` is added to; every other file is new. */
function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  const before = path.endsWith('.gitignore') && existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (!before.includes(text)) writeFileSync(path, before + text);
  return path;
}
