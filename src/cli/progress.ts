/** How far a long transfer is: on a terminal a line that is rewritten, in a log a line now and then. */
import { systemClock } from '../core/clock.js';
import type { Progress } from '../core/store.js';
import type { Context } from './context.js';
import { showBytes } from './rate.js';

const TTY_EVERY_MS = 200;
const LOG_EVERY_MS = 5_000;

export interface TransferView {
  readonly onProgress: (file: string, progress: Progress) => void;
  /** Takes the rewritten line away. */
  readonly done: () => void;
}

export function transferView(ctx: Context): TransferView {
  if (ctx.progress === 'quiet') return { onProgress: () => undefined, done: () => undefined };
  const tty = ctx.progress === 'tty';
  const everyMs = tty ? TTY_EVERY_MS : LOG_EVERY_MS;
  const startedMs = systemClock.monotonicMs();
  let shownMs = tty ? Number.NEGATIVE_INFINITY : startedMs;
  return {
    onProgress: (file, { doneBytes, totalBytes }) => {
      const nowMs = systemClock.monotonicMs();
      if (nowMs - shownMs < everyMs) return;
      shownMs = nowMs;
      const percent = totalBytes === 0 ? 100 : Math.floor((100 * doneBytes) / totalBytes);
      const text = `${file}  ${percent} %  ${showBytes(doneBytes)} / ${showBytes(totalBytes)}`;
      if (ctx.progress === 'json') ctx.err(JSON.stringify({ type: 'transfer', file, doneBytes, totalBytes }));
      else if (tty) process.stderr.write(`\r\u001b[2K  ${text}`);
      else ctx.err(`  ${text}`);
    },
    done: () => {
      if (tty) process.stderr.write('\r\u001b[2K');
    },
  };
}
