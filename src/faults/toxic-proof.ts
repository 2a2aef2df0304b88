/** The same trip through the proxy and around it: only what the proxy adds is a proof. */
import type { World } from '../core/fault.js';
import { type Bilingual, bi } from '../core/text.js';
import { type Errand, type Trip, tripTo } from './link-trip.js';
import { linkName, type RecordedLink } from './toxic-record.js';

export interface Proof {
  /** null = could not be told. */
  readonly bitten: boolean | null;
  readonly detail: Bilingual;
}

const LOOK_LIMIT_MS = 1_000;

/** Both trips at one time, so that a busy machine is busy for both. */
export async function bothWays(
  world: World,
  link: RecordedLink,
  plan: { readonly errand: Errand; readonly limitMs: number },
): Promise<{ readonly through: Trip; readonly around: Trip }> {
  const how = { ...plan, clock: world.clock, ...(world.signal === undefined ? {} : { signal: world.signal }) };
  const [through, around] = await Promise.all([tripTo(link.listen, how), tripTo(link.upstream, how)]);
  return { through, around };
}

/** One that has not bitten before one that cannot tell; with neither, what all of them say. */
export function worstOf(proofs: readonly Proof[]): Proof {
  const failed = proofs.find(({ bitten }) => bitten === false) ?? proofs.find(({ bitten }) => bitten === null);
  if (failed !== undefined) return failed;
  const told = proofs.map(({ detail }) => detail);
  return { bitten: true, detail: bi(told.map(({ en }) => en).join('; '), told.map(({ zh }) => zh).join('；')) };
}

/**
 * Where a node has several links of one kind, those that somebody listens behind: of ZooKeeper's servers only the leader
 * lets the others in. All of them where nobody listens.
 */
export async function usedOf({ clock }: World, links: readonly RecordedLink[]): Promise<readonly RecordedLink[]> {
  const names = [...new Set(links.map(linkName))];
  const used = names.map(async (name) => {
    const group = links.filter((link) => linkName(link) === name);
    if (group.length === 1) return group;
    const looks = { errand: 'close', limitMs: LOOK_LIMIT_MS, clock } as const;
    const trips = await Promise.all(group.map(({ upstream }) => tripTo(upstream, looks)));
    const open = group.filter((_, i) => trips[i]?.ended !== 'refused');
    return open.length === 0 ? group : open;
  });
  return (await Promise.all(used)).flat();
}

/** The trip takes at least the planned time through the proxy, and less around it. */
export function takesAtLeast(
  what: Bilingual,
  link: RecordedLink,
  seen: { readonly through: Trip; readonly around: Trip; readonly leastMs: number },
): Proof {
  const { through, around, leastMs } = seen;
  const [took, direct, least] = [through.tookMs, around.tookMs, leastMs].map((timeMs) => `${timeMs.toFixed(1)} ms`);
  const where = linkName(link);
  const cut = [through, around].find(({ ended }) => ended !== 'done');
  const tells = cut === undefined && around.tookMs < leastMs;
  const tooSoon = through.ended === 'done' && around.ended !== 'refused' && through.tookMs < leastMs;
  const bitten = tooSoon ? false : tells ? true : null;
  const ended = cut === undefined ? '' : ` (${cut.ended})`;
  return {
    bitten,
    detail: bi(
      `${where}: ${what.en} takes ${took} through the proxy, ${direct} around it, planned at least ${least}${ended}`,
      `${where}：${what.zh}经代理用时 ${took}，绕过代理 ${direct}，计划至少 ${least}${ended}`,
    ),
  };
}
