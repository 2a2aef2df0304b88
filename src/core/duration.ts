const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNIT_MS;

export const DURATION_PATTERN = '^(?:\\d+(?:\\.\\d+)?(?:ms|s|m|h|d))+$';

/** `500ms`, `30s`, `5m`, `1h30m`, `1d` → milliseconds; anything else → null. */
export function parseDuration(text: string): number | null {
  if (!new RegExp(DURATION_PATTERN).test(text)) return null;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    totalMs += Number(amount) * UNIT_MS[unit as Unit];
  }
  return totalMs;
}

/** Milliseconds → the shortest exact text that `parseDuration` reads back (to the millisecond). */
export function formatDuration(durationMs: number): string {
  let rest = Math.round(durationMs);
  if (rest === 0) return '0s';
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const amount = Math.floor(rest / UNIT_MS[unit]);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * UNIT_MS[unit];
  }
  return text;
}

/** A measured time for people, three significant digits or more: `450 ms`, `1.31 s`, `15m`; the same in both languages. */
export function showDuration(durationMs: number): string {
  if (durationMs < 1_000) return `${Number(durationMs.toFixed(durationMs < 100 ? 1 : 0))} ms`;
  if (durationMs < 120_000) return `${Number((durationMs / 1_000).toFixed(2))} s`;
  return formatDuration(Math.round(durationMs / 1_000) * 1_000);
}
