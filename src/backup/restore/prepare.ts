import type { NodeSpec } from '../../core/drill.js';
import { WorldError } from '../../core/errors.js';
import type { World } from '../../core/fault.js';
import { askInTurn } from '../../core/members.js';
import type { BackupRestore } from '../../core/services.js';
import { bi } from '../../core/text.js';
import { durableContent } from '../snapshot.js';
import { type EntryChange, exists, freeMark, type NodeData, undoDataOf } from './record.js';

const DISCOVER_LIMIT_MS = 6_000;

type Archive = Parameters<BackupRestore['prepare']>[1]['archive'];

export const prepareRestore: BackupRestore['prepare'] = async (world, { archive, service }) => {
  refuseOtherProduct(world, archive.info.product, archive.info.fileName);
  const { fileName, sha256 } = archive.info;
  const common = { archive: fileName, sha256 };
  if (service === null) {
    const specs = world.cluster.binding.nodes.map((node) => ({ node, data: dataOf(node) }));
    const mark = await freeMark(
      world,
      specs.map(({ data }) => data),
    );
    const nodes = await Promise.all(specs.map(({ node, data }) => nodeData(node, data, mark)));
    return undoDataOf({ kind: 'full', ...common, mark, nodes });
  }
  const services = typeof service === 'string' ? [service] : service;
  const changes: EntryChange[] = [];
  for (const name of services) changes.push(...(await changesOf(world, archive, name)));
  return undoDataOf({ kind: 'service', ...common, mark: await freeMark(world, []), services, changes });
};

/** A copy of another product would wreck the nodes: refused before anything is touched. */
export function refuseOtherProduct(world: World, archived: string, file: string): void {
  const { product } = world.cluster.registry;
  if (archived === product) return;
  throw new WorldError({
    code: 'archive-other-product',
    message: bi(
      `${file} was made from ${archived}, but the target is ${product}`,
      `${file} 来自 ${archived}，而目标是 ${product}`,
    ),
    hint: bi('choose an archive that was made from this product', '请选择由该产品生成的归档'),
  });
}

function dataOf(node: NodeSpec): string {
  if (node.data !== undefined) return node.data;
  throw new WorldError({
    code: 'node-incomplete',
    message: bi(
      `the full restore needs the data path of node ${node.name}, and the drill does not name it`,
      `完整恢复需要节点 ${node.name} 的数据路径，但演练文件未给出`,
    ),
    hint: bi('add `data` to the node in the drill', '请在演练文件的该节点中添加 `data`'),
  });
}

const nodeData = async (node: NodeSpec, data: string, mark: string): Promise<NodeData> => ({
  node: node.name,
  data,
  aside: `${data}.${mark}`,
  hadData: await exists(data),
});

async function changesOf(world: World, archive: Archive, service: string): Promise<readonly EntryChange[]> {
  const content = durableContent(archive.snapshot, service);
  if (content.size === 0) {
    throw new WorldError({
      code: 'service-not-in-archive',
      message: bi(
        `${archive.info.fileName} holds no durable instance of ${service}, so there is nothing to restore`,
        `${archive.info.fileName} 中没有 ${service} 的持久实例，无可恢复`,
      ),
      hint: bi('check the name; choose an older archive', '请检查服务名，或选择更早的归档'),
    });
  }
  const now = await discoverContent(world, service);
  return [...content].flatMap(([key, after]) => {
    const before = now.get(key) ?? null;
    return before === after ? [] : [{ service, instance: key.slice(service.length + 1), before, after }];
  });
}

/** What a client is told of all these services now. */
export async function discoverAll(world: World, services: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const service of services) {
    for (const [key, raw] of await discoverContent(world, service)) found.set(key, raw);
  }
  return found;
}

/** What a client is told of the service now: key → raw value. */
async function discoverContent(world: World, service: string): Promise<ReadonlyMap<string, string>> {
  const { clock, signal } = world;
  const options = { clock, limitMs: DISCOVER_LIMIT_MS, ...(signal && { signal }) };
  const answer = await askInTurn(world.cluster.registry, (client, call) => client.discover(service, call), options);
  if (answer.outcome === 'ok') return new Map(answer.value.map((e) => [`${service}/${e.instance}`, e.value]));
  throw new WorldError({
    code: 'registry-unreachable',
    message: bi(
      `no node listed the instances of ${service} within ${DISCOVER_LIMIT_MS} ms: ${answer.reason}`,
      `${DISCOVER_LIMIT_MS} 毫秒内没有节点列出 ${service} 的实例：${answer.reason}`,
    ),
    hint: bi('a service is restored into a running registry: start it first', '单服务恢复需要注册中心在运行，请先启动'),
  });
}
