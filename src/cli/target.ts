import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { AccessFiles } from '../core/access.js';
import { nearestName } from '../core/catalog.js';
import type { DriverName, LayoutName, NodeSpec, RegistryName, StandbySpec, TargetSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import type { Lab, LabState } from '../core/lab.js';
import type { RegistryDriver } from '../core/registry.js';
import type { Cluster, TargetBinding } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import { isOlder } from '../core/version.js';
import { loadTarget } from '../drill/index.js';
import { registries } from '../registries/index.js';
import { drivers } from '../targets/index.js';
import { catalogs } from './catalogs.js';
import { connect } from './connect.js';
import type { Context } from './context.js';
import { readInput } from './drill-file.js';
import { UsageError } from './failure.js';

export function labNamed(name: string, ctx: Context): Lab {
  const { labs } = catalogs(ctx);
  const lab = labs.find(name);
  if (lab !== undefined) return lab;
  const near = nearestName(name, labs.names);
  throw new UsageError(
    bi(
      `There is no lab "${name}"${near === null ? '' : `; did you mean "${near}"?`} Labs: ${labs.names.join(', ')}.`,
      `没有名为 "${name}" 的练习集群${near === null ? '' : `，是否想写 "${near}"？`} 可用：${labs.names.join('、')}。`,
    ),
  );
}

/** Throws when the lab cannot be had on this machine. With a driver that is asked for, `up` fetches what it can first. */
export async function requireLab(lab: Lab, driver?: DriverName): Promise<void> {
  if (driver !== undefined) return;
  const missing = await lab.missing();
  if (missing !== null) {
    throw new WorldError({
      code: 'lab-missing',
      message: bi(`Lab ${lab.name} cannot run here: ${missing.en}`, `练习集群 ${lab.name} 无法在此运行：${missing.zh}`),
      hint: bi('`firedrill lab list` shows the labs that can.', '`firedrill lab list` 会列出可用的练习集群。'),
    });
  }
}

/** The part of a target that says where its services lie. */
export interface Where {
  readonly registry: RegistryName;
  readonly prefix: string;
  readonly layout?: LayoutName;
  readonly access?: AccessFiles;
}

export const whereOf = ({ registry, prefix, layout, access }: TargetSpec): Where => ({
  registry,
  prefix,
  ...(layout === undefined ? {} : { layout }),
  ...(access === undefined ? {} : { access }),
});

/** A drill for another kind of registry must not be run on whatever lab it names. */
export function requireSameRegistry(lab: Lab, { registry }: Where): void {
  if (lab.registry === registry) return;
  throw new WorldError({
    code: 'lab-other-registry',
    message: bi(
      `The target says registry ${registry}, but lab ${lab.name} is ${lab.registry}.`,
      `目标写的是 registry ${registry}，但练习集群 ${lab.name} 是 ${lab.registry}。`,
    ),
    hint: bi(
      `Write \`registry: ${lab.registry}\`, or name another lab.`,
      `请写 \`registry: ${lab.registry}\`，或改用其他练习集群。`,
    ),
  });
}

/** Nodes that nobody has asked anything yet. */
export interface Unbound {
  readonly driver: DriverName;
  readonly nodes: readonly NodeSpec[];
  readonly lab: string | null;
  readonly where: Where;
  readonly standby?: StandbySpec;
}

/** Asks the nodes who they are and binds them. */
export async function bindNodes(spec: Unbound): Promise<Cluster> {
  const { where, standby, ...target } = spec;
  const driver = registries.find(where.registry);
  if (driver === undefined) throw new Error(`the registry driver ${where.registry} is missing from the catalog`);
  const nodes = (await drivers.find(spec.driver)?.bind?.(spec.nodes)) ?? spec.nodes;
  const identity = await driver.identify(nodes, {
    limitMs: 3_000,
    ...(where.access === undefined ? {} : { access: where.access }),
  });
  const old = tooOld(driver, identity);
  if (old !== null) throw new WorldError({ code: 'version-unsupported', message: old });
  const own: TargetBinding = { ...identity, ...target, ...where, nodes };
  if (standby === undefined) return connect(own);
  return connect({ ...own, standby: await bindStandby(spec, standby) });
}

/** Another cluster than the target's own, or switching to it would switch to nothing. */
async function bindStandby(spec: Unbound, { replication, ...standby }: StandbySpec): Promise<TargetBinding> {
  const { where, lab } = spec;
  const { binding } = await bindNodes({ ...standby, lab, where: { ...where, prefix: standby.prefix ?? where.prefix } });
  return replication === undefined ? binding : { ...binding, replication };
}

/** Null = this version is understood. */
export function tooOld(
  { oldest }: RegistryDriver,
  { product, version }: Pick<TargetBinding, 'product' | 'version'>,
): Bilingual | null {
  const least = oldest[product];
  if (least === undefined || !isOlder(version, least)) return null;
  return bi(
    `${product} ${version} is too old: Firedrill understands ${least} and newer.`,
    `${product} ${version} 过旧：Firedrill 支持 ${least} 及更新版本。`,
  );
}

/** `--target`: a drill file, a file with only a target, or `lab:NAME` of a lab that is up. */
export async function clusterOf(option: string | boolean | undefined, ctx: Context): Promise<Cluster> {
  // What is asked of this target alone must not fail because its standby is away.
  const { standby: _, ...own } = await unboundOf(option, ctx);
  return bindNodes(own);
}

export async function unboundOf(option: string | boolean | undefined, ctx: Context): Promise<Unbound> {
  if (typeof option !== 'string') {
    throw new UsageError(
      bi(
        '--target is needed: a drill file, a target file, or lab:NAME.',
        '需要 --target：演练文件、目标文件或 lab:名称。',
      ),
    );
  }
  return unboundTarget(
    option.startsWith('lab:') ? labTarget(option.slice('lab:'.length), ctx) : targetOfFile(option, ctx),
    ctx,
  );
}

const labTarget = (name: string, ctx: Context): TargetSpec => ({
  registry: labNamed(name, ctx).registry,
  prefix: '/services/',
  source: { from: 'lab', lab: name },
});

/** The user's own nodes, or a lab that is up. */
export const clusterOfTarget = async (spec: TargetSpec, ctx: Context): Promise<Cluster> =>
  bindNodes(await unboundTarget(spec, ctx));

async function unboundTarget(spec: TargetSpec, ctx: Context): Promise<Unbound> {
  const { source } = spec;
  const where = whereOf(spec);
  if (source.from === 'nodes') return ownNodes(spec, source);
  const lab = labNamed(source.lab, ctx);
  requireSameRegistry(lab, where);
  const state = await lab.state(ctx.stateRoot);
  if (state === null) {
    throw new WorldError({
      code: 'lab-down',
      message: bi(`Lab ${lab.name} is not up.`, `练习集群 ${lab.name} 未启动。`),
      hint: bi(`Start it: firedrill lab up ${lab.name}`, `启动它：firedrill lab up ${lab.name}`),
    });
  }
  return unboundLab(state, where);
}

/** Nodes of the user's own, with the standby that the target names. */
export const ownNodes = (spec: TargetSpec, source: TargetSpec['source'] & { readonly from: 'nodes' }): Unbound => ({
  driver: source.driver,
  nodes: source.nodes,
  lab: null,
  where: whereOf(spec),
  ...(spec.standby === undefined ? {} : { standby: spec.standby }),
});

/** The nodes of a lab that is up; those of its standby site are the standby. */
export function unboundLab(state: LabState, where: Where): Unbound {
  const { driver, name: lab, standby } = state;
  const nodes = state.nodes.map(({ pid: _pid, ...node }) => node);
  if (standby === undefined) return { driver, nodes, lab, where };
  const { site, replication } = standby;
  const isThere = (node: NodeSpec): boolean => node.site === site;
  return {
    driver,
    nodes: nodes.filter((node) => !isThere(node)),
    lab,
    where,
    standby: { driver, nodes: nodes.filter(isThere), replication },
  };
}

function targetOfFile(path: string, ctx: Context): TargetSpec {
  if (!existsSync(path)) {
    throw new UsageError(
      bi(
        `--target ${path}: there is no such file (for a lab write lab:NAME).`,
        `--target ${path}：没有这个文件（练习集群请写 lab:名称）。`,
      ),
    );
  }
  return loadTarget({
    path,
    dir: dirname(resolve(ctx.cwd, path)),
    bytes: readInput(path),
    labs: catalogs(ctx).labs.names,
  });
}
