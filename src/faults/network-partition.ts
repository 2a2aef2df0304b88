import { connect } from 'node:net';
import { describeError, WorldError } from '../core/errors.js';
import type { Confirmation, Fault, FaultRequest, PlannedHit, RevertResult, UndoData, World } from '../core/fault.js';
import { agreedLeader, readMembers } from '../core/members.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import { needsAbility } from './node-ability.js';
import { isStill } from './node-down.js';
import { firstMissing, wordOf } from './param.js';
import { reachedFrom, restoreRules, savedRules } from './partition-helper.js';
import { PARTITION_PARAMS } from './partition-params.js';
import { needsPeerPort, recordedPartition, recordPartition, type Site } from './partition-record.js';
import { ACTIONS, addingRules, removingRules } from './partition-rules.js';
import { type Cut, cutsOf, cutsText, votersLostBy } from './partition-shape.js';

const NAME = 'network.partition';
const CLIENT_LIMIT_MS = 300;
const STATUS_LIMIT_MS = 1_000;

/** A helper container in the network namespace of as few nodes as will do sets packet rules against the addresses of the others. */
export const networkPartition: Fault = {
  name: NAME,
  title: bi('Cut nodes off from each other', '网络分区'),
  description: bi(
    'Packets between nodes are dropped or answered with a reset, on open connections too, by a shape or by groups. Only the nodes are cut from each other: clients still reach every one of them.',
    '按形状或分组，使节点之间的数据包被静默丢弃或被重置，已建立的连接也不例外。仅切断节点之间的通信：客户端仍可访问每个节点。',
  ),
  scope: 'node',
  removesVoter: true,
  votersLost: (hit) => votersLostBy(cutsIn(hit) ?? [], hit.voters),
  planText: (hit) => {
    const cuts = cutsIn(hit);
    return cuts === null ? null : cutsText(cuts);
  },
  params: PARTITION_PARAMS,
  liftedBy: [],
  undoText: bi('remove our packet rules from the node’s network', '从节点的网络中移除我们的数据包规则'),
  missing: firstMissing(
    async ({ binding }, { nodes, params }) => {
      const cuts = cutsOf({ nodes: namesOf(nodes), params, all: namesOf(binding.nodes) });
      return cuts.fits ? null : cuts.why;
    },
    needsAbility(
      NAME,
      'runInNetworkOf',
      bi(
        'a partition needs nodes in containers (driver docker); on processes, node.freeze makes a node silent to all',
        '网络分区需要容器中的节点（driver docker）；对进程可用 node.freeze 使节点对所有人无响应',
      ),
    ),
    async ({ binding }) => needsPeerPort(binding.nodes),
    helperMissing,
  ),
  prepare,
  inject: async (world, data) => {
    const { image, mark, action, sites } = recordedPartition(world, data);
    await Promise.all(
      sites.map(({ spec, rules }) =>
        restoreRules(world.cluster, spec, { image, mark, stdin: addingRules(rules, mark, action) }),
      ),
    );
  },
  confirm,
  revert,
  residue: async (world, data) => (await stillThere(world, data)).map(stays),
};

const namesOf = (nodes: readonly { readonly name: string }[]): readonly string[] => nodes.map(({ name }) => name);

function cutsIn(hit: PlannedHit): readonly Cut[] | null {
  const cuts = cutsOf(hit);
  return cuts.fits ? cuts.cuts : null;
}

const imageOf = ({ driver }: Cluster): string => driver.helperImage?.() ?? '';

/** Reads the rules of one node: the image, its programs and the kernel are asked in one go. */
async function helperMissing(
  cluster: Cluster,
  { nodes: [node] }: Omit<FaultRequest, 'step'>,
): Promise<Bilingual | null> {
  if (node === undefined) return null;
  try {
    await savedRules(cluster, node, { image: imageOf(cluster), mark: 'firedrill-plan' });
    return null;
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    const why = describeError(error);
    return bi(`${NAME} cannot be done: ${why.en}`, `无法执行 ${NAME}：${why.zh}`);
  }
}

async function prepare(world: World, request: FaultRequest): Promise<UndoData> {
  const { params } = request;
  const { cluster } = world;
  const cuts = cutsOf({ nodes: namesOf(request.nodes), params, all: namesOf(cluster.binding.nodes) });
  if (!cuts.fits) throw new WorldError({ code: 'fault-impossible', message: cuts.why });
  const noPort = needsPeerPort(cluster.binding.nodes);
  if (noPort !== null) throw new WorldError({ code: 'fault-impossible', message: noPort });
  if (params.shape === 'leader') await requireLeader(world, namesOf(request.nodes));
  const action = wordOf(params, 'action', ACTIONS);
  return recordPartition(world, request, { cuts: cuts.cuts, image: imageOf(cluster), action });
}

async function requireLeader({ cluster }: World, [chosen = '']: readonly string[]): Promise<void> {
  const leader = agreedLeader(await readMembers(cluster.registry, { limitMs: STATUS_LIMIT_MS }));
  if (leader === chosen) return;
  throw new WorldError({
    code: 'not-the-leader',
    message: bi(
      `shape leader: ${chosen} was chosen, but the leader is ${leader ?? 'unknown'}`,
      `形状 leader：选中的是 ${chosen}，而主节点是 ${leader ?? '未知'}`,
    ),
    hint: bi('Choose it with “on: { role: leader }”.', '请用“on: { role: leader }”选择。'),
  });
}

/** From inside each cut node no peer takes a connection, while its clients still reach it and those peers. */
async function confirm(world: World, data: UndoData): Promise<Confirmation> {
  const { image, mark, sites } = recordedPartition(world, data);
  const [looks, deaf] = await Promise.all([
    Promise.all(
      sites.map(async (site) => {
        if (!(await isStill(world, site))) return { site, reached: site.probes };
        return { site, reached: await reachedFrom(world.cluster, site.spec, { image, mark, probes: site.probes }) };
      }),
    ),
    deafNodes(world, sites),
  ]);
  const observedMs = world.clock.monotonicMs();
  const open = looks.flatMap(({ site, reached }) => (reached ?? []).map(({ to }) => `${site.spec.name} → ${to}`));
  if (open.length > 0) {
    const pairs = open.join(', ');
    return { bitten: false, observedMs, detail: bi(`still connected: ${pairs}`, `仍可连接：${pairs}`) };
  }
  const untold = looks.filter(({ reached }) => reached === null).map(({ site }) => site.spec.name);
  if (untold.length > 0 || deaf.length > 0) {
    const names = [...untold, ...deaf].join(', ');
    return {
      bitten: null,
      observedMs,
      detail: bi(`it could not be told of ${names}`, `无法判断 ${names} 的情况`),
    };
  }
  const pairs = sites.flatMap(({ spec, probes }) => probes.map(({ to }) => `${spec.name} → ${to}`)).join(', ');
  return {
    bitten: true,
    observedMs,
    detail: bi(`no connection ${pairs}; clients still reach them`, `无法连接 ${pairs}；客户端仍可访问这些节点`),
  };
}

/** Nodes that take no connection from us: of these a failed connection between them would prove nothing. */
async function deafNodes({ cluster }: World, sites: readonly Site[]): Promise<readonly string[]> {
  const names = new Set(sites.flatMap(({ spec, probes }) => [spec.name, ...probes.map(({ to }) => to)]));
  const nodes = cluster.binding.nodes.filter(({ name }) => names.has(name));
  const heard = await Promise.all(nodes.map(({ url }) => takesConnections(url)));
  return nodes.filter((_, index) => heard[index] !== true).map(({ name }) => name);
}

function takesConnections(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url.includes('://') ? url : `tcp://${url}`);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) });
    const end = (heard: boolean): void => {
      socket.destroy();
      resolve(heard);
    };
    socket.setTimeout(CLIENT_LIMIT_MS, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

interface Left {
  readonly site: Site;
  readonly lines: readonly string[];
}

/** A container that was started anew has a network namespace of its own, without our rules. */
async function stillThere(world: World, data: UndoData): Promise<readonly Left[]> {
  const { image, mark, sites } = recordedPartition(world, data);
  const looks = await Promise.all(
    sites.map(async (site): Promise<Left> => {
      if (!(await isStill(world, site))) return { site, lines: [] };
      return { site, lines: await savedRules(world.cluster, site.spec, { image, mark }) };
    }),
  );
  return looks.filter(({ lines }) => lines.length > 0);
}

async function revert(world: World, data: UndoData): Promise<RevertResult> {
  try {
    const { image, mark, sites } = recordedPartition(world, data);
    // What a killed run had started may still be at work.
    await Promise.all(sites.map(async ({ spec }) => world.cluster.driver.endHelpers?.(spec, mark)));
    const before = await stillThere(world, data);
    await Promise.all(
      before.map(({ site, lines }) =>
        restoreRules(world.cluster, site.spec, { image, mark, stdin: removingRules(lines) }),
      ),
    );
    const left = before.length === 0 ? [] : await stillThere(world, data);
    if (left.length > 0) {
      const all = left.map(stays);
      return { reverted: false, detail: bi(all.map(({ en }) => en).join('; '), all.map(({ zh }) => zh).join('；')) };
    }
    const names = (before.length === 0 ? sites : before.map(({ site }) => site))
      .map(({ spec }) => spec.name)
      .join(', ');
    return before.length === 0
      ? {
          reverted: true,
          nothingToDo: true,
          detail: bi(`no packet rule of ours on ${names}`, `${names} 上没有我们的数据包规则`),
        }
      : {
          reverted: true,
          nothingToDo: false,
          detail: bi(`packet rules removed from ${names}`, `已从 ${names} 移除数据包规则`),
        };
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return { reverted: false, detail: describeError(error) };
  }
}

const stays = ({ site: { spec }, lines }: Left): Bilingual =>
  bi(
    `${lines.length} packet rule(s) of ours are still in the network of ${spec.name}: ${lines.join(' | ')}`,
    `${spec.name} 的网络中仍有 ${lines.length} 条我们的数据包规则：${lines.join(' | ')}`,
  );
