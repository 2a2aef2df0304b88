import type { Clock } from '../core/clock.js';

/** `20261122T101500Z-etcd-leader-loss-7f3a`; `random` gives numbers in [0, 1). */
export function newRunId(clock: Pick<Clock, 'wallIso'>, drillId: string, random: () => number): string {
  const stamp = clock.wallIso().replace(/\.\d+/, '').replace(/[-:]/g, '');
  const tail = Math.floor(random() * 0x10000)
    .toString(16)
    .padStart(4, '0');
  return `${stamp}-${drillId}-${tail}`;
}
