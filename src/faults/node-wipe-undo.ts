/** Giving a node its data back, or replacing it. */
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pollUntil } from '../core/clock.js';
import { syncFolder } from '../core/durable-file.js';
import { describeError, WorldError } from '../core/errors.js';
import type { RevertResult, UndoData, World } from '../core/fault.js';
import { agreedLeader, askPatiently, readMembers } from '../core/members.js';
import { type Bilingual, bi } from '../core/text.js';
import { dataOf, exists } from './kept.js';
import { downSentences, startGone } from './node-down.js';
import { type WipedNode, wipedNodes } from './node-wiped.js';

const CALL_LIMIT_MS = 5_000;
const JOINED_WITHIN_MS = 30_000;

export async function revert(world: World, data: UndoData): Promise<RevertResult> {
  const results: RevertResult[] = [];
  for (const node of wipedNodes(world, data)) {
    try {
      results.push(await revertNode(world, node, data.rejoin === true));
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      results.push({ reverted: false, detail: describeError(error) });
    }
  }
  const detail = bi(results.map((r) => r.detail.en).join('; '), results.map((r) => r.detail.zh).join('；'));
  if (results.some(({ reverted }) => !reverted)) return { reverted: false, detail };
  return { reverted: true, nothingToDo: results.every((r) => r.reverted && r.nothingToDo), detail };
}

async function revertNode(world: World, node: WipedNode, rejoin: boolean): Promise<RevertResult> {
  const { spec, aside } = node;
  const kept = await exists(aside);
  if (!kept) return startGone(world, [spec]);
  const running = (await world.cluster.driver.inspect(spec)).state !== 'gone';
  if (running) return forgetKept(node);
  return rejoin ? replaceMember(world, node) : putBack(world, node);
}

/** Somebody has started it since: it got its data from the others, and the old one must not come back under it. */
async function forgetKept({ spec, aside }: WipedNode): Promise<RevertResult> {
  await rm(aside, { recursive: true, force: true });
  return {
    reverted: true,
    nothingToDo: false,
    detail: bi(
      `${spec.name} runs on data it got from the others; its old data was removed`,
      `${spec.name} 正运行在从其他节点同步的数据上；旧数据已删除`,
    ),
  };
}

/** What a start that failed has left in its place is worth nothing: the node never served with it. */
async function putBack(world: World, { spec, aside }: WipedNode): Promise<RevertResult> {
  const path = dataOf(spec);
  await rm(path, { recursive: true, force: true });
  await rename(aside, path);
  await syncFolder(dirname(path));
  const started = await startGone(world, [spec]);
  if (!started.reverted) return started;
  const { en, zh } = started.detail;
  return { ...started, detail: bi(`the data is back; ${en}`, `数据已放回；${zh}`) };
}

/** The documented way: the old member goes, a new one comes and fetches everything. The kept data goes last. */
async function replaceMember(world: World, node: WipedNode): Promise<RevertResult> {
  const { spec, aside } = node;
  const { membership } = world.cluster.registry;
  if (membership?.canJoin(spec) !== true) return putBack(world, node);
  await rm(dataOf(spec), { recursive: true, force: true });
  const { clock, signal } = world;
  const answer = await askPatiently(
    world.cluster.registry,
    (client, options) => membership.replace(client.node, spec, options),
    { clock, limitMs: CALL_LIMIT_MS, ...(signal && { signal }) },
  );
  if (answer.outcome !== 'ok') {
    const why = bi(`${spec.name} could not be replaced: ${answer.reason}`, `无法替换 ${spec.name}：${answer.reason}`);
    return { reverted: false, detail: why };
  }
  const { id, joining } = answer.value;
  await world.cluster.driver.start(joining);
  const why = await untilJoined(world, spec.name);
  if (why !== null) return { reverted: false, detail: why };
  await rm(aside, { recursive: true, force: true });
  return {
    reverted: true,
    nothingToDo: false,
    detail: bi(
      `${spec.name} was replaced and holds what the others hold; it differs from before in its member id (now ${id})`,
      `${spec.name} 已替换，数据与其他节点一致；与之前不同的是成员 ID（现为 ${id}）`,
    ),
  };
}

async function untilJoined(world: World, name: string): Promise<Bilingual | null> {
  const { reached, waitedMs } = await pollUntil(
    () => readMembers(world.cluster.registry, { limitMs: 1_000 }),
    (views) => {
      const own = views.find(({ node }) => node === name)?.answer;
      return agreedLeader(views) !== null && own?.outcome === 'ok' && own.value.voter && own.value.leader !== null;
    },
    { clock: world.clock, withinMs: JOINED_WITHIN_MS, everyMs: 50 },
  );
  if (reached) return null;
  const waited = Math.round(waitedMs);
  return bi(
    `${name} was replaced and started, but has not joined within ${waited} ms; see its log`,
    `${name} 已替换并启动，但 ${waited} 毫秒内未加入集群；请查看其日志`,
  );
}

export async function residue(world: World, data: UndoData): Promise<readonly Bilingual[]> {
  const nodes = wipedNodes(world, data);
  const kept = await Promise.all(
    nodes.map(async ({ spec, aside }) =>
      (await exists(aside))
        ? [bi(`the data of ${spec.name} is still aside: ${aside}`, `${spec.name} 的数据仍被移开：${aside}`)]
        : [],
    ),
  );
  const down = await downSentences(
    world,
    nodes.map(({ spec }) => spec),
  );
  return [...kept.flat(), ...down];
}
