import { DRIVER_NAMES, type DriverName } from '../../core/drill.js';
import type { LabState } from '../../core/lab.js';
import { bi } from '../../core/text.js';
import { catalogs } from '../catalogs.js';
import type { Action } from '../command.js';
import type { Context } from '../context.js';
import { UsageError } from '../failure.js';
import { table } from '../table.js';
import { labNamed, requireLab } from '../target.js';

export const list: Action = async ({ ctx }) => {
  const rows = await Promise.all(
    catalogs(ctx).labs.all.map(async (lab) => ({
      lab,
      missing: await lab.missing(),
      usual: await lab.usualDriver(),
      state: await lab.state(ctx.stateRoot),
    })),
  );
  if (ctx.json) {
    ctx.out(
      JSON.stringify(
        {
          schemaVersion: 1,
          labs: rows.map(({ lab, missing, usual, state }) => ({
            name: lab.name,
            title: lab.title,
            product: lab.product,
            driver: state?.driver ?? usual,
            drivers: lab.drivers,
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
  const head = [bi('lab', '练习集群'), bi('state', '状态'), bi('driver', '驱动'), bi('what', '说明')].map((text) =>
    ctx.say(text),
  );
  const body = rows.map(({ lab, missing, usual, state }) => [
    lab.name,
    ctx.say(stateText(state !== null, missing !== null)),
    lab.drivers.map((driver) => (driver === (state?.driver ?? usual) ? `${driver} *` : driver)).join(', '),
    ctx.say(lab.title),
  ]);
  ctx.out(table([head, ...body]));
  ctx.out(
    ctx.say(bi('* runs now, or would be taken: `--driver` decides', '* 当前使用或将使用的驱动：由 `--driver` 决定')),
  );
  for (const { lab, missing } of rows) if (missing !== null) ctx.out(`\n${lab.name}: ${ctx.say(missing)}`);
  return 0;
};

const stateText = (up: boolean, missing: boolean): ReturnType<typeof bi> =>
  up ? bi('up', '运行中') : missing ? bi('missing', '缺失') : bi('down', '未启动');

export const up: Action = async ({ ctx, args, options }) => {
  const lab = labNamed(String(args[0]), ctx);
  const asked = driverNamed(options.driver);
  await requireLab(lab, asked);
  const driver = (await lab.state(ctx.stateRoot))?.driver ?? asked ?? (await lab.usualDriver());
  ctx.err(
    ctx.say(
      bi(
        `Starting ${lab.name} (${lab.product}) with driver ${driver} …`,
        `正在用驱动 ${driver} 启动 ${lab.name}（${lab.product}）…`,
      ),
    ),
  );
  ctx.out(textOf(await lab.up(ctx.stateRoot, undefined, asked ?? driver), ctx));
  return 0;
};

function driverNamed(option: string | boolean | undefined): DriverName | undefined {
  if (option === undefined) return undefined;
  const driver = DRIVER_NAMES.find((name) => name === option);
  if (driver !== undefined) return driver;
  throw new UsageError(
    bi(`--driver is ${DRIVER_NAMES.join(' or ')}.`, `--driver 只能是 ${DRIVER_NAMES.join(' 或 ')}。`),
  );
}

function textOf(state: LabState, ctx: Context): string {
  const nodes = state.nodes.map((node) => ({
    name: node.name,
    url: node.url,
    pid: node.pid,
    container: node.find.by === 'container' ? node.find.container : null,
  }));
  const { name, driver } = state;
  if (ctx.json) return JSON.stringify({ schemaVersion: 1, name, driver, nodes }, null, 2);
  const columns = [bi('node', '节点'), bi('address', '地址'), bi('process', '进程')];
  const head = (driver === 'docker' ? [...columns, bi('container', '容器')] : columns).map((text) => ctx.say(text));
  const rows = nodes.map((node) => [
    node.name,
    node.url,
    String(node.pid ?? '-'),
    ...(node.container === null ? [] : [node.container]),
  ]);
  return table([head, ...rows]);
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
