import type { LabState } from '../../core/lab.js';
import { bi } from '../../core/text.js';
import { catalogs } from '../catalogs.js';
import type { Action } from '../command.js';
import type { Context } from '../context.js';
import { table } from '../table.js';
import { labNamed, requireLab } from '../target.js';

export const list: Action = async ({ ctx }) => {
  const rows = await Promise.all(
    catalogs(ctx).labs.all.map(async (lab) => ({
      lab,
      missing: await lab.missing(),
      state: await lab.state(ctx.stateRoot),
    })),
  );
  if (ctx.json) {
    ctx.out(
      JSON.stringify(
        {
          schemaVersion: 1,
          labs: rows.map(({ lab, missing, state }) => ({
            name: lab.name,
            title: lab.title,
            product: lab.product,
            driver: lab.driver,
            up: state !== null,
            missing,
          })),
        },
        null,
        2,
      ),
    );
    return 0;
  }
  const head = [bi('lab', '练习集群'), bi('state', '状态'), bi('what', '说明')].map((text) => ctx.say(text));
  const body = rows.map(({ lab, missing, state }) => [
    lab.name,
    ctx.say(stateText(state !== null, missing !== null)),
    ctx.say(lab.title),
  ]);
  ctx.out(table([head, ...body]));
  for (const { lab, missing } of rows) if (missing !== null) ctx.out(`\n${lab.name}: ${ctx.say(missing)}`);
  return 0;
};

const stateText = (up: boolean, missing: boolean): ReturnType<typeof bi> =>
  up ? bi('up', '运行中') : missing ? bi('missing', '缺失') : bi('down', '未启动');

export const up: Action = async ({ ctx, args }) => {
  const lab = labNamed(String(args[0]), ctx);
  await requireLab(lab);
  ctx.err(ctx.say(bi(`Starting ${lab.name} (${lab.product}) …`, `正在启动 ${lab.name}（${lab.product}）…`)));
  ctx.out(textOf(await lab.up(ctx.stateRoot), ctx));
  return 0;
};

function textOf(state: LabState, ctx: Context): string {
  const nodes = state.nodes.map((node) => ({ name: node.name, url: node.url, pid: node.pid, container: null }));
  if (ctx.json) return JSON.stringify({ schemaVersion: 1, name: state.name, nodes }, null, 2);
  const head = [bi('node', '节点'), bi('address', '地址'), bi('process', '进程')].map((text) => ctx.say(text));
  return table([head, ...nodes.map((node) => [node.name, node.url, String(node.pid ?? '-')])]);
}

export const down: Action = async ({ ctx, args }) => {
  const lab = labNamed(String(args[0]), ctx);
  const stopped = await lab.down(ctx.stateRoot);
  if (ctx.json) ctx.out(JSON.stringify({ schemaVersion: 1, name: lab.name, stopped }));
  else
    ctx.out(
      ctx.say(
        stopped
          ? bi(`${lab.name} is stopped and its files are removed`, `${lab.name} 已停止，文件已删除`)
          : bi(`${lab.name} was not up`, `${lab.name} 并未启动`),
      ),
    );
  return 0;
};
