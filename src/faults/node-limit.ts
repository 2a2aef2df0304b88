/** Limits on what a node may use, set and seen through its manager. */
import type { ResourceLimits } from '../core/abilities.js';
import { WorldError } from '../core/errors.js';
import {
  type Confirmation,
  type Fault,
  isRecord,
  type Json,
  type RevertResult,
  type UndoData,
  type World,
} from '../core/fault.js';
import { type Bilingual, bi } from '../core/text.js';
import { needsAbility } from './node-ability.js';
import { startAgain, stillDown } from './node-down.js';
import { type RecordedNode, recordedNodes, recordNodes, unreadable } from './node-record.js';
import { firstMissing, type NumberSpec, numberOf, numberParam, refusing } from './param.js';

export interface LimitKind extends Pick<Fault, 'name' | 'title' | 'description' | 'undoText' | 'removesVoter'> {
  readonly limit: keyof ResourceLimits;
  readonly param: NumberSpec;
  /** How a node that had no limit differs afterwards. */
  readonly liftedFromNone?: Bilingual;
  /** The setting in the unit of the limit. */
  readonly inUnits: (value: number) => number;
}

interface Limited extends RecordedNode {
  /** 0 = there was no limit. */
  readonly before: number;
}

export function limitFault(kind: LimitKind): Fault {
  const { name, title, description, undoText, removesVoter, param, limit } = kind;
  const readParam = (params: Parameters<typeof numberOf>[0]): number => kind.inUnits(numberOf(params, param));
  return {
    name,
    title,
    description,
    undoText,
    scope: 'node',
    removesVoter,
    params: [numberParam(param)],
    liftedBy: [],
    missing: firstMissing(refusing(readParam), needsAbility(name, 'limits', NO_MANAGER)),
    prepare: async (world, request) => {
      const to = readParam(request.params);
      const data = await recordNodes(world, request);
      const before = await Promise.all(
        recordedNodes(world, data).map(async ({ spec }) => [spec.name, await readLimit(world, spec.name, limit)]),
      );
      return { ...data, to, before: Object.fromEntries(before) };
    },
    inject: async (world, data) => {
      const { to, nodes } = recorded(world, data);
      await Promise.all(nodes.map(({ spec }) => abilityOf(world).set(spec, { [limit]: to })));
    },
    confirm: (world, data) => confirm(world, data, limit),
    revert: (world, data) => revert(world, data, kind),
    residue: async (world, data) => {
      const limited = (await stillLimited(world, data, limit)).map(({ spec }) =>
        bi(`node ${spec.name} is still limited`, `节点 ${spec.name} 仍被限制`),
      );
      return [...limited, ...(await stillDown(world, data))];
    },
  };
}

const NO_MANAGER: Bilingual = bi(
  'limits need a node in a container (driver docker)',
  '限制资源需要容器中的节点（driver docker）',
);

function recorded(world: World, data: UndoData): { readonly to: number; readonly nodes: readonly Limited[] } {
  const { to, before } = data;
  if (typeof to !== 'number' || !isRecord(before)) throw unreadable('to, before');
  const beforeOf = (name: string): number => {
    const value: Json | undefined = before[name];
    if (typeof value !== 'number') throw unreadable(`before of ${name}`);
    return value;
  };
  const nodes = recordedNodes(world, data).map((node) => ({ ...node, before: beforeOf(node.spec.name) }));
  return { to, nodes };
}

const abilityOf = (world: World) => {
  const { limits, name } = world.cluster.driver;
  if (limits !== undefined) return limits;
  throw new WorldError({
    code: 'ability-missing',
    message: bi(`driver ${name} cannot limit a node`, `驱动 ${name} 无法限制节点资源`),
  });
};

async function readLimit(world: World, name: string, limit: keyof ResourceLimits): Promise<number> {
  const node = world.cluster.binding.nodes.find((each) => each.name === name);
  if (node === undefined) throw unreadable(name);
  return (await abilityOf(world).read(node))[limit];
}

async function confirm(world: World, data: UndoData, limit: keyof ResourceLimits): Promise<Confirmation> {
  const { to, nodes } = recorded(world, data);
  const now = await Promise.all(nodes.map(({ spec }) => readLimit(world, spec.name, limit)));
  const observedMs = world.clock.monotonicMs();
  const seen = nodes.map(({ spec, before }, index) => `${spec.name} ${before} → ${now[index]}`).join(', ');
  const detail = bi(`${limit} as its manager tells it: ${seen}`, `管理器报告的 ${limit}：${seen}`);
  return { bitten: now.every((value) => value === to), observedMs, detail };
}

/** Nodes whose limit is the one we set: another one is somebody else's. */
async function stillLimited(world: World, data: UndoData, limit: keyof ResourceLimits): Promise<readonly Limited[]> {
  const { to, nodes } = recorded(world, data);
  const now = await Promise.all(nodes.map(({ spec }) => readLimit(world, spec.name, limit)));
  return nodes.filter(({ before }, index) => now[index] === to && before !== to);
}

async function revert(world: World, data: UndoData, { limit, liftedFromNone }: LimitKind): Promise<RevertResult> {
  const limited = await stillLimited(world, data, limit);
  await Promise.all(limited.map(({ spec, before }) => abilityOf(world).set(spec, { [limit]: before })));
  const left = await stillLimited(world, data, limit);
  const names = left.map(({ spec }) => spec.name).join(', ');
  if (left.length > 0) return { reverted: false, detail: bi(`still limited: ${names}`, `仍被限制：${names}`) };
  // With too little memory the kernel may have ended it.
  const running = await startAgain(world, data);
  if (!running.reverted) return running;
  const { en, zh } = running.detail;
  const differs = limited.some(({ before }) => before === 0) ? liftedFromNone : undefined;
  const asBefore = bi(
    `the limits are as before${differs === undefined ? '' : ` (${differs.en})`}`,
    `限制已恢复为之前的值${differs === undefined ? '' : `（${differs.zh}）`}`,
  );
  const detail = bi(`${asBefore.en}; ${en}`, `${asBefore.zh}；${zh}`);
  return { reverted: true, nothingToDo: limited.length === 0 && running.nothingToDo, detail };
}
