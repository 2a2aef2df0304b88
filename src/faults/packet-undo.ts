/** Taking packet rules of ours away, and finding those that are left. */
import { describeError, WorldError } from '../core/errors.js';
import type { RevertResult, UndoData, Undoer, World } from '../core/fault.js';
import { type Bilingual, bi } from '../core/text.js';
import { restoreRules, savedRules } from './packet-helper.js';
import { removingRules } from './packet-rules.js';
import { holdsRules, type PacketRecord, type PacketSite } from './packet-site.js';

interface Left {
  readonly site: PacketSite;
  readonly lines: readonly string[];
}

/** A network namespace that is gone took our rules with it. */
async function stillThere(world: World, { image, mark, sites }: PacketRecord): Promise<readonly Left[]> {
  const looks = await Promise.all(
    sites.map(async (site): Promise<Left> => {
      if (!(await holdsRules(world, site))) return { site, lines: [] };
      return { site, lines: await savedRules(world.cluster, site, { image, mark }) };
    }),
  );
  return looks.filter(({ lines }) => lines.length > 0);
}

/** `read` throws when the record cannot be used. */
type Read = (world: World, data: UndoData) => PacketRecord;

export const removingRulesOf =
  (read: Read): Undoer['revert'] =>
  async (world, data) => {
    try {
      return await removeRules(world, read(world, data));
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      return { reverted: false, detail: describeError(error) };
    }
  };

export const rulesLeftOf =
  (read: Read): Undoer['residue'] =>
  async (world, data) =>
    (await stillThere(world, read(world, data))).map(stays);

async function removeRules(world: World, record: PacketRecord): Promise<RevertResult> {
  const { image, mark, sites } = record;
  // What a killed run had started may still be at work.
  await Promise.all(sites.map(async ({ spec }) => world.cluster.driver.endHelpers?.(spec, mark)));
  const before = await stillThere(world, record);
  await Promise.all(
    before.map(({ site, lines }) => restoreRules(world.cluster, site, { image, mark, stdin: removingRules(lines) })),
  );
  const left = before.length === 0 ? [] : await stillThere(world, record);
  if (left.length > 0) {
    const all = left.map(stays);
    return { reverted: false, detail: bi(all.map(({ en }) => en).join('; '), all.map(({ zh }) => zh).join('；')) };
  }
  const names = (before.length === 0 ? sites : before.map(({ site }) => site)).map(({ spec }) => spec.name).join(', ');
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
}

const stays = ({ site: { spec }, lines }: Left): Bilingual =>
  bi(
    `${lines.length} packet rule(s) of ours are still in the network of ${spec.name}: ${lines.join(' | ')}`,
    `${spec.name} 的网络中仍有 ${lines.length} 条我们的数据包规则：${lines.join(' | ')}`,
  );
