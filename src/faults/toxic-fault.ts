/** What all faults through Toxiproxy have in common; each brings its toxic and its proof. */
import type { RegistryName } from '../core/drill.js';
import { describeError, WorldError } from '../core/errors.js';
import type { Confirmation, Fault, FaultParam, FaultRequest, RevertResult, UndoData, World } from '../core/fault.js';
import { type Bilingual, bi } from '../core/text.js';
import { addToxic, proxiesAt, removeToxic } from './toxic-api.js';
import { type Proof, usedOf, worstOf } from './toxic-proof.js';
import {
  asUndoData,
  LINK_PARAMS,
  linkName,
  linksOf,
  noNodes,
  onLink,
  type RecordedLink,
  type RecordedToxic,
  recordedToxics,
  type ToxicRecord,
  toxicsOf,
  withoutLinks,
} from './toxic-record.js';

export interface ToxicFault {
  readonly name: string;
  readonly title: Bilingual;
  readonly description: Bilingual;
  readonly params: readonly FaultParam[];
  readonly toxic: (params: FaultRequest['params']) => Pick<RecordedToxic, 'type' | 'attributes'>;
  /** Settings that contradict each other, or cannot be proven on this registry; null = they are sound. */
  readonly contradiction?: (params: FaultRequest['params'], registry: RegistryName) => Bilingual | null;
  /** Measures one link from outside. */
  readonly prove: (world: World, link: RecordedLink, toxics: readonly RecordedToxic[]) => Promise<Proof>;
}

export const toxicFault = (kind: ToxicFault): Fault => ({
  name: kind.name,
  title: kind.title,
  description: kind.description,
  scope: 'node',
  // One disturbed peer link leaves a node its vote, those of a majority do not leave a leader: each counts.
  removesVoter: true,
  sparesVoter: ({ link = 'client' }) => link === 'client',
  params: [...kind.params, ...LINK_PARAMS],
  liftedBy: [],
  undoText: bi('remove the toxic from the proxies of the node', '从该节点的代理上移除 toxic'),
  missing: async ({ binding }, request) => whyNot(kind, request, binding.registry),
  prepare: (world, request) => prepare(kind, world, request),
  inject: async (world, data) => {
    await Promise.all(each(recordedToxics(data)).map(([link, toxic]) => addToxic(link, toxic, world.clock)));
  },
  confirm: (world, data) => confirm(kind, world, recordedToxics(data)),
  revert: (world, data) => revert(world, recordedToxics(data)),
  residue: async (world, data) => (await stillOn(world, recordedToxics(data))).map(stays),
});

type Pair = readonly [link: RecordedLink, toxic: RecordedToxic];
const each = ({ links, toxics }: ToxicRecord): readonly Pair[] =>
  links.flatMap((link) => toxics.map((toxic) => [link, onLink(link, toxic)] as const));

function whyNot(
  kind: ToxicFault,
  { nodes, params }: Omit<FaultRequest, 'step'>,
  registry: RegistryName,
): Bilingual | null {
  const bare = withoutLinks(nodes);
  if (bare.length === 0) return kind.contradiction?.(params, registry) ?? null;
  const names = bare.map(({ name }) => name).join(', ');
  return bi(
    `${kind.name} needs Toxiproxy in front of ${names}, and this target has none there; the practice clusters etcd-3-toxiproxy and zookeeper-3-toxiproxy have one on every client and peer link`,
    `${kind.name} 需要 ${names} 前面有 Toxiproxy，而此目标没有；练习集群 etcd-3-toxiproxy 与 zookeeper-3-toxiproxy 的每条客户端链路和节点间链路上都有`,
  );
}

/** Reads the proxies, so that a fault is not put where nothing passes. */
async function prepare(kind: ToxicFault, world: World, request: FaultRequest): Promise<UndoData> {
  if (request.nodes.length === 0) throw noNodes(request.step);
  const why = whyNot(kind, request, world.cluster.binding.registry);
  if (why !== null) throw new WorldError({ code: 'fault-impossible', message: why });
  const links = linksOf(request);
  const toxics = toxicsOf({ fault: kind.name, ...kind.toxic(request.params) }, request, world);
  for (const link of links) {
    const seen = (await proxiesAt(link.api, world.clock))?.get(link.proxy);
    if (seen?.enabled !== true || seen.listen !== link.listen || seen.upstream !== link.upstream) throw unfit(link);
  }
  return asUndoData({ links, toxics });
}

const unfit = ({ api, proxy, listen, upstream }: RecordedLink): WorldError =>
  new WorldError({
    code: 'proxy-unfit',
    message: bi(
      `Toxiproxy at ${api} has no enabled proxy ${proxy} from ${listen} to ${upstream}`,
      `${api} 处的 Toxiproxy 没有从 ${listen} 到 ${upstream} 的已启用代理 ${proxy}`,
    ),
    hint: bi('Take the practice cluster down and up again.', '请撤除练习集群后重新启动。'),
  });

async function confirm(kind: ToxicFault, world: World, { links, toxics }: ToxicRecord): Promise<Confirmation> {
  const used = await usedOf(world, links);
  const onEach = (link: RecordedLink): readonly RecordedToxic[] => toxics.map((toxic) => onLink(link, toxic));
  const proofs = await Promise.all(used.map((link) => kind.prove(world, link, onEach(link))));
  return { ...worstOf(proofs), observedMs: world.clock.monotonicMs() };
}

async function revert(world: World, record: ToxicRecord): Promise<RevertResult> {
  try {
    const removed = await Promise.all(each(record).map(([link, toxic]) => removeToxic(link, toxic, world.clock)));
    const left = await stillOn(world, record);
    if (left.length > 0) {
      const all = left.map(stays);
      return { reverted: false, detail: bi(all.map(({ en }) => en).join('; '), all.map(({ zh }) => zh).join('；')) };
    }
    const names = [...new Set(record.links.map(linkName))].join(', ');
    return removed.includes(true)
      ? { reverted: true, nothingToDo: false, detail: bi(`toxics removed from ${names}`, `已从 ${names} 移除 toxic`) }
      : {
          reverted: true,
          nothingToDo: true,
          detail: bi(`no toxic of ours on ${names}`, `${names} 上没有我们的 toxic`),
        };
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return { reverted: false, detail: describeError(error) };
  }
}

/** A server that is gone took its toxics with it: they are nowhere but in its memory. */
async function stillOn(world: World, record: ToxicRecord): Promise<readonly Pair[]> {
  const servers = await Promise.all(
    [...new Set(record.links.map(({ api }) => api))].map(
      async (api) => [api, await proxiesAt(api, world.clock)] as const,
    ),
  );
  const byApi = new Map(servers);
  return each(record).filter(([link, toxic]) => byApi.get(link.api)?.get(link.proxy)?.toxics.includes(toxic.name));
}

const stays = ([link, toxic]: Pair): Bilingual =>
  bi(
    `toxic ${toxic.name} is still on ${linkName(link)} (${link.proxy} at ${link.api})`,
    `toxic ${toxic.name} 仍在 ${linkName(link)} 上（${link.api} 处的 ${link.proxy}）`,
  );
