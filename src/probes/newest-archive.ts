import type { ArchiveInfo, Snapshot } from '../core/backup.js';
import { describeError } from '../core/errors.js';
import type { ProbeWorld } from '../core/probe.js';
import { type Bilingual, bi } from '../core/text.js';

export type NewestArchive =
  | { readonly state: 'sound'; readonly info: ArchiveInfo; readonly snapshot: Snapshot; readonly damaged: number }
  /** There is no archive, or none is sound. */
  | { readonly state: 'none'; readonly damaged: number }
  /** Could not be told: reading took longer than the probe may, or threw. */
  | { readonly state: 'unread'; readonly reason: Bilingual };

/** The newest archive that can be trusted; damaged ones are passed over and counted. */
export async function newestSound(world: ProbeWorld): Promise<NewestArchive> {
  const stop = new AbortController();
  const timedOut = world.clock.sleep(world.limitMs, stop.signal).then(
    (): NewestArchive => ({
      state: 'unread',
      reason: bi(
        `the archives could not be read within ${Math.round(world.limitMs)} ms`,
        `未能在 ${Math.round(world.limitMs)} 毫秒内读完归档`,
      ),
    }),
  );
  try {
    return await Promise.race([search(world), timedOut]);
  } catch (error) {
    return { state: 'unread', reason: describeError(error) };
  } finally {
    stop.abort();
  }
}

async function search(world: ProbeWorld): Promise<NewestArchive> {
  let damaged = 0;
  for (const path of world.archives) {
    const verdict = await world.readArchive(path);
    if (verdict.sound) return { state: 'sound', info: verdict.info, snapshot: verdict.snapshot, damaged };
    damaged += 1;
  }
  return { state: 'none', damaged };
}
