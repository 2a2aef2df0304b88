import { ftruncateSync, openSync } from 'node:fs';
import { WorldError } from '../core/errors.js';
import type { ResumedJournal, ResumeJournal } from '../core/journal.js';
import { bi } from '../core/text.js';
import { scanFile } from './read.js';
import { sinkOn } from './sink.js';

/**
 * Goes on with the journal of a run that ended without a word. Every whole line stays; the beginning of a line that was
 * never finished is cut off, because it is no evidence and would break the chain. A journal that was changed is not
 * written to.
 */
export function resumeJournal(options: Parameters<ResumeJournal>[0]): ResumedJournal {
  const { path, clock } = options;
  let opening: { readonly bootId: string; readonly originMs: number } | null = null;
  const scan = scanFile(path, (event) => {
    if (event.type === 'run.opened') opening ??= { bootId: event.host.bootId, originMs: event.clockOriginMs };
  });
  if (scan.broken !== null)
    throw notResumable(
      path,
      `line ${scan.broken.line} ${scan.broken.why.en}`,
      `第 ${scan.broken.line} 行${scan.broken.why.zh}`,
    );
  const run = opening as { readonly bootId: string; readonly originMs: number } | null;
  if (run === null) throw notResumable(path, 'it does not begin with run.opened', '开头不是 run.opened');
  const fd = openSync(path, 'a');
  if (scan.tornBytes > 0) ftruncateSync(fd, scan.soundBytes);
  const sink = sinkOn({
    path,
    clock,
    fd,
    head: scan.head,
    originMs: run.originMs,
    foreignClock: run.bootId !== options.bootId,
    ...(scan.unended ? { before: '\n' } : {}),
  });
  return { ...sink, tornBytes: scan.tornBytes };
}

const notResumable = (path: string, en: string, zh: string): WorldError =>
  new WorldError({
    code: 'journal-not-resumable',
    message: bi(`Nothing can be added to the journal ${path}: ${en}.`, `无法续写日志 ${path}：${zh}。`),
  });
