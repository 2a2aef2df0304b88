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
  const bitten = through.ended === 'done' && through.tookMs < leastMs ? false : tells ? true : null;
  const ended = cut === undefined ? '' : ` (${cut.ended})`;
  return {
    bitten,
    detail: bi(
      `${where}: ${what.en} takes ${took} through the proxy, ${direct} around it, planned at least ${least}${ended}`,
      `${where}：${what.zh}经代理用时 ${took}，绕过代理 ${direct}，计划至少 ${least}${ended}`,
    ),
  };
}
