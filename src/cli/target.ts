import { existsSync } from 'node:fs';
import { nearestName } from '../core/catalog.js';
import type { NodeSpec, TargetSpec } from '../core/drill.js';
import { WorldError } from '../core/errors.js';
import type { Lab } from '../core/lab.js';
import type { Cluster, TargetBinding } from '../core/target.js';
import { bi } from '../core/text.js';
import { loadTarget } from '../drill/index.js';
import { registries } from '../registries/index.js';
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

/** Throws when the lab cannot be had on this machine. */
export async function requireLab(lab: Lab): Promise<void> {
  const missing = await lab.missing();
  if (missing !== null) {
    throw new WorldError({
      code: 'lab-missing',
      message: bi(`Lab ${lab.name} cannot run here: ${missing.en}`, `练习集群 ${lab.name} 无法在此运行：${missing.zh}`),
      hint: bi('`firedrill lab list` shows the labs that can.', '`firedrill lab list` 会列出可用的练习集群。'),
    });
  }
}

/** Asks the nodes who they are and binds them. */
export async function bindNodes(spec: {
  readonly nodes: readonly NodeSpec[];
  readonly lab: string | null;
  readonly prefix: string;
}): Promise<Cluster> {
  const driver = registries.find('etcd');
  if (driver === undefined) throw new Error('the etcd registry driver is missing from the catalog');
  const identity = await driver.identify(spec.nodes, { limitMs: 3_000 });
  const binding: TargetBinding = { registry: 'etcd', driver: 'process', ...identity, ...spec };
  return connect(binding);
}

/** `--target`: a drill file, a file with only a target, or `lab:NAME` of a lab that is up. */
export async function clusterOf(option: string | boolean | undefined, ctx: Context): Promise<Cluster> {
  if (typeof option !== 'string') {
    throw new UsageError(
      bi(
        '--target is needed: a drill file, a target file, or lab:NAME.',
        '需要 --target：演练文件、目标文件或 lab:名称。',
      ),
    );
  }
  const spec: TargetSpec = option.startsWith('lab:')
    ? { registry: 'etcd', source: { from: 'lab', lab: option.slice('lab:'.length) }, prefix: '/services/' }
    : targetOfFile(option, ctx);
  if (spec.source.from === 'nodes') return bindNodes({ nodes: spec.source.nodes, lab: null, prefix: spec.prefix });
  const lab = labNamed(spec.source.lab, ctx);
  const state = await lab.state(ctx.stateRoot);
  if (state === null) {
    throw new WorldError({
      code: 'lab-down',
      message: bi(`Lab ${lab.name} is not up.`, `练习集群 ${lab.name} 未启动。`),
      hint: bi(`Start it: firedrill lab up ${lab.name}`, `启动它：firedrill lab up ${lab.name}`),
    });
  }
  return bindNodes({ nodes: state.nodes.map(({ pid: _pid, ...node }) => node), lab: lab.name, prefix: spec.prefix });
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
  return loadTarget({ path, bytes: readInput(path), labs: catalogs(ctx).labs.names });
}
