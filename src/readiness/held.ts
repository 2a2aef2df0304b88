/** What the target holds now beside what its newest backup would bring back. */
import { type Bilingual, bi } from '../core/text.js';
import type { TargetReading, TierReading } from './evidence.js';

export interface Held {
  /** Durable instances in the registry, as it answered just now. */
  readonly now: number;
  /** Durable instances in the newest archive. */
  readonly archive: number;
}

/** By the newest archive of these tiers; null = no target was named, or there is no archive of it. */
export function heldOf(target: TargetReading | null, tiers: readonly TierReading[]): Held | null {
  const archives = tiers.flatMap((tier) => (tier.archives.read ? tier.archives.value : []));
  const [newest] = [...archives].sort((a, b) => b.takenMs - a.takenMs);
  return target === null || newest === undefined ? null : { now: target.durable, archive: newest.durable };
}

/** A backup of an empty registry looks sound, and a restore of it loses everything. */
export const bringsNothing = ({ now, archive }: Held): boolean => now > 0 && archive === 0;

export const heldText = (held: Held): Bilingual =>
  bringsNothing(held)
    ? bi(
        `the registry now holds ${held.now} durable instances, the newest backup none: a restore of it brings nothing back`,
        `注册中心现有 ${held.now} 个持久实例，最新备份中一个也没有：用它恢复将一无所得`,
      )
    : bi(
        `the registry now holds ${held.now} durable instances, the newest backup ${held.archive}`,
        `注册中心现有 ${held.now} 个持久实例，最新备份中有 ${held.archive} 个`,
      );
