/** Giving a node room again, and itself: it may have ended on the full disk, or live on without serving. */
import { pollUntil } from '../core/clock.js';
import type { NodeSpec } from '../core/drill.js';
import type { RevertResult, UndoData, World } from '../core/fault.js';
import { readMembers } from '../core/members.js';
import { type Bilingual, bi } from '../core/text.js';
import { removeBallast } from './disk-space.js';
import { exists } from './kept.js';
import { filledNodes } from './node-disk-record.js';
import { downSentences, goneOf, isStill, startGone } from './node-down.js';
import { endNode } from './node-end.js';
import { nodeNames, type RecordedNode } from './node-record.js';

const SERVES_WITHIN_MS = 5_000;
const GRACE_MS = 5_000;

export async function revert(world: World, data: UndoData): Promise<RevertResult> {
  const nodes = filledNodes(world, data);
  const specs = nodes.map(({ spec }) => spec);
  const full = await Promise.all(nodes.map(({ ballast }) => exists(ballast)));
  await Promise.all(nodes.map(({ ballast }) => removeBallast(ballast)));
  const stuck = await untilServingOrGone(world, specs);
  for (const node of stuck) await endNode(world, node, GRACE_MS);
  const started = await startGone(world, specs);
  if (!started.reverted) return started;
  const after = await withDifferences(world, nodes, started.detail);
  return {
    reverted: true,
    nothingToDo: started.nothingToDo && !full.includes(true),
    detail: bi(`the disk has room again; ${after.en}`, `磁盘已有空间；${after.zh}`),
  };
}

/** A node that its manager, and not this undo, brought back is another process as well. */
async function withDifferences(
  world: World,
  nodes: readonly RecordedNode[],
  { en, zh }: Bilingual,
): Promise<Bilingual> {
  const same = await Promise.all(nodes.map((node) => isStill(world, node)));
  const others = nodeNames(nodes.filter((_, index) => !same[index]));
  if (others === '') return bi(en, zh);
  return bi(`${en}; differs from before: ${others} is another process`, `${zh}；与之前不同：${others} 已是另一个进程`);
}

/** Those that run and do not answer, although they have room again. */
async function untilServingOrGone(world: World, nodes: readonly NodeSpec[]): Promise<readonly NodeSpec[]> {
  const { value } = await pollUntil(
    async () => {
      const gone = await goneOf(world, nodes);
      const views = await readMembers(world.cluster.registry, { limitMs: 1_000 });
      const serves = ({ name }: NodeSpec): boolean =>
        views.some(({ node, answer }) => node === name && answer.outcome === 'ok');
      return nodes.filter((node) => !gone.includes(node) && !serves(node));
    },
    (silent) => silent.length === 0,
    { clock: world.clock, withinMs: SERVES_WITHIN_MS, everyMs: 50 },
  );
  return value;
}

export async function residue(world: World, data: UndoData): Promise<readonly Bilingual[]> {
  const nodes = filledNodes(world, data);
  const left = await Promise.all(
    nodes.map(async ({ spec, ballast }) =>
      (await exists(ballast)) ? [bi(`${spec.name}: ${ballast} is still there`, `${spec.name}：${ballast} 仍在`)] : [],
    ),
  );
  return [
    ...left.flat(),
    ...(await downSentences(
      world,
      nodes.map(({ spec }) => spec),
    )),
  ];
}
