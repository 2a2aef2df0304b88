/** A switch to the standby site stops the replication; this starts it again, and says how the sites differ. */
import { type Clock, pollUntil } from '../core/clock.js';
import { WorldError } from '../core/errors.js';
import type { RevertResult, UndoData, Undoer, World } from '../core/fault.js';
import { untilLabIsGone } from '../core/lab-gone.js';
import { runProgram } from '../core/program.js';
import { compareSites, listSite, namesOfOthers, type SiteDifference } from '../core/sites.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';

export const SWITCH_SITE = 'switch-site';
const ENDS_WITHIN_MS = 5_000;
const LIST_LIMIT_MS = 2_000;
const NAMES_SHOWN = 20;

export const siteUndoer: Undoer = untilLabIsGone({
  name: SWITCH_SITE,
  revert: async (world, data) => {
    const failure = await goBack(world, data);
    if (failure !== null) return { reverted: false, detail: failure };
    // Looked at before the replication makes the standby like the primary again.
    const differ = await differencesOf(world);
    const started = await startReplication(world.cluster);
    return backAtPrimary({ nothingToDo: !started && data.back === null, differ, started });
  },
  residue: async ({ cluster }) => {
    const { standby } = cluster;
    const replication = standby?.binding.replication;
    if (standby === undefined || replication === undefined) return [];
    const { state } = await standby.driver.inspect(replication);
    if (state !== 'gone') return [];
    return [bi(`the replication ${replication.name} does not run`, `复制进程 ${replication.name} 未在运行`)];
  },
});

/** Polite first; one that is gone already is left alone. */
export async function stopReplication({ cluster, clock }: Pick<World, 'clock' | 'cluster'>): Promise<void> {
  const { standby } = cluster;
  const replication = standby?.binding.replication;
  if (standby === undefined || replication === undefined) return;
  const before = await standby.driver.inspect(replication);
  if (before.state === 'gone') return;
  for (const kill of ['SIGTERM', 'SIGKILL'] as const) {
    await standby.driver.signal(replication, kill);
    if (await isGone(() => standby.driver.inspect(replication, before), clock)) return;
  }
  throw new WorldError({
    code: 'replication-not-stopped',
    message: bi(
      `The replication ${replication.name} still runs after SIGKILL.`,
      `复制进程 ${replication.name} 在 SIGKILL 之后仍在运行。`,
    ),
  });
}

async function isGone(look: () => Promise<{ readonly state: string }>, clock: Clock): Promise<boolean> {
  const { reached } = await pollUntil(look, ({ state }) => state === 'gone', {
    clock,
    withinMs: ENDS_WITHIN_MS,
    everyMs: 20,
  });
  return reached;
}

/** false = there is none, or it ran. */
async function startReplication({ standby }: Cluster): Promise<boolean> {
  const replication = standby?.binding.replication;
  if (standby === undefined || replication === undefined) return false;
  if ((await standby.driver.inspect(replication)).state !== 'gone') return false;
  await standby.driver.start(replication);
  return true;
}

/** The program of the drill by which others go back to the primary; null = done, or there is none. */
async function goBack({ clock, signal }: World, { back, cwd }: UndoData): Promise<Bilingual | null> {
  if (!Array.isArray(back)) return null;
  const argv = back.map(String);
  const end = await runProgram({
    argv,
    ...(typeof cwd === 'string' && { cwd }),
    clock,
    signal: signal ?? new AbortController().signal,
  });
  if (end.exitCode === 0) return null;
  const why = end.failure ?? end.output.trim();
  return bi(`${argv.join(' ')} did not end well: ${why}`, `${argv.join(' ')} 未正常结束：${why}`);
}

async function differencesOf({ cluster, clock, signal }: World): Promise<SiteDifference | null> {
  if (cluster.standby === undefined) return null;
  const options = { clock, limitMs: LIST_LIMIT_MS, ...(signal && { signal }) };
  const [primary, standby] = await Promise.all([listSite(cluster, options), listSite(cluster.standby, options)]);
  if (primary.outcome !== 'ok' || standby.outcome !== 'ok') return null;
  return compareSites({ before: primary.value, after: primary.value }, standby.value);
}

function backAtPrimary(on: {
  readonly nothingToDo: boolean;
  readonly differ: SiteDifference | null;
  readonly started: boolean;
}): RevertResult {
  const started = on.started ? bi('; the replication runs again', '；复制已重新开始') : bi('', '');
  const differ = differText(on.differ);
  const detail = bi(`back at the primary; ${differ.en}${started.en}`, `已回到主站点；${differ.zh}${started.zh}`);
  return { reverted: true, nothingToDo: on.nothingToDo, detail };
}

function differText(differ: SiteDifference | null): Bilingual {
  if (differ === null) {
    return bi(
      'one of the sites could not be read, so it is not known how they differ',
      '有站点不可读，无法得知两站点的差异',
    );
  }
  const others = namesOfOthers(differ);
  const canaries = differ.entries - differ.equal - others.length;
  const names = others.slice(0, NAMES_SHOWN).join(', ') + (others.length > NAMES_SHOWN ? ', …' : '');
  const listed = others.length === 0 ? '' : `: ${names}`;
  return bi(
    `the sites differ in ${others.length} entries of others${listed} (and ${canaries} of the canary’s)`,
    `两站点有 ${others.length} 个他人条目不同${listed}（另有 ${canaries} 个金丝雀条目）`,
  );
}
