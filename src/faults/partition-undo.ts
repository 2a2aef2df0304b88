/** Taking a partition's packet rules away, and finding those that are left. */
import { describeError, WorldError } from '../core/errors.js';
import type { RevertResult, UndoData, World } from '../core/fault.js';
import { type Bilingual, bi } from '../core/text.js';
import { isStill } from './node-down.js';
import { restoreRules, savedRules } from './partition-helper.js';
import { recordedPartition, type Site } from './partition-record.js';
import { removingRules } from './partition-rules.js';

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

export async function removeRules(world: World, data: UndoData): Promise<RevertResult> {
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

export const rulesLeft = async (world: World, data: UndoData): Promise<readonly Bilingual[]> =>
  (await stillThere(world, data)).map(stays);

const stays = ({ site: { spec }, lines }: Left): Bilingual =>
  bi(
    `${lines.length} packet rule(s) of ours are still in the network of ${spec.name}: ${lines.join(' | ')}`,
    `${spec.name} 的网络中仍有 ${lines.length} 条我们的数据包规则：${lines.join(' | ')}`,
  );
