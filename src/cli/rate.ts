import { bi } from '../core/text.js';
import { UsageError } from './failure.js';

const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** `10MiB/s` → bytes per second; a MB is 10^6, a MiB 2^20. */
export function parseRate(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([KMG]i?B|B)\/s$/.exec(text) ?? [];
  const bytes = Number(amount) * (UNIT_BYTES[unit ?? ''] ?? Number.NaN);
  if (bytes >= 1) return Math.floor(bytes);
  throw new UsageError(
    bi(
      `--limit-rate ${text}: a rate like 10MiB/s or 500KB/s is expected.`,
      `--limit-rate ${text}：应为速率，例如 10MiB/s 或 500KB/s。`,
    ),
  );
}

/** `1.4 MiB`; the same in both languages. */
export function showBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return `${power === 0 ? amount : amount.toFixed(1)} ${units[power]}`;
}
