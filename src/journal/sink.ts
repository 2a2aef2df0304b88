import { fstatSync, openSync } from 'node:fs';
import type { Clock } from '../core/clock.js';
import { invariant, WorldError } from '../core/errors.js';
import type { EventBody, JournalEvent, JournalSink } from '../core/journal.js';
import { bi } from '../core/text.js';
import { DiskWriter } from './disk.js';
import { CHAIN_START, type ChainHead, sealLine } from './line.js';

export interface OpenJournalOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly onEvent?: (event: JournalEvent) => void;
  /** Called once, when the disk refuses. `append` goes on in memory: the run still has to revert. */
  readonly onDiskError?: (error: WorldError) => void;
}

/** Starts a new journal. Its first event must be `run.opened`, whose `clockOriginMs` is zero of the run's clock. */
export function openJournal(options: OpenJournalOptions): JournalSink {
  const fd = openEmpty(options.path);
  return sinkOn({ ...options, fd, head: CHAIN_START, originMs: null, foreignClock: false });
}

function openEmpty(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, 'a');
  } catch (error) {
    throw diskError(path, error);
  }
  if (fstatSync(fd).size > 0) {
    throw new WorldError({
      code: 'journal-exists',
      message: bi(`The journal ${path} exists already and is not overwritten.`, `日志 ${path} 已存在，不会覆盖。`),
    });
  }
  return fd;
}

export interface SinkOptions extends OpenJournalOptions {
  readonly fd: number;
  readonly head: ChainHead;
  /** The clock's reading at the run's zero; null = the first event sets it. */
  readonly originMs: number | null;
  /** The clock is another boot's: its readings say nothing about the run's. */
  readonly foreignClock: boolean;
  /** Text that must stand before the first line. */
  readonly before?: string;
}

export function sinkOn(options: SinkOptions): JournalSink {
  const { clock, path, onEvent } = options;
  let { head, originMs } = options;
  let told = options.onDiskError !== undefined;
  const disk = new DiskWriter({
    fd: options.fd,
    path,
    onFailure: (error) => options.onDiskError?.(diskError(path, error)),
  });
  if (options.before !== undefined) disk.push(options.before);

  const toRunMs = (clockMs: number): number => {
    invariant(originMs !== null, 'the run clock begins with the first event of the journal');
    invariant(!options.foreignClock, 'times of another boot cannot be told on the clock of this run');
    return Math.round((clockMs - originMs) * 1000) / 1000;
  };
  const append = (body: EventBody): JournalEvent => {
    const nowMs = clock.monotonicMs();
    originMs ??= body.type === 'run.opened' ? body.clockOriginMs : nowMs;
    const time = { at: clock.wallIso(), ms: options.foreignClock ? null : toRunMs(nowMs) };
    const { event, line } = sealLine(body, head, time);
    head = { seq: event.seq, hash: event.hash };
    disk.push(line);
    onEvent?.(event);
    return event;
  };
  return {
    append,
    toRunMs,
    flush: () =>
      disk.flush().catch((error: unknown) => {
        told = true;
        throw diskError(path, error);
      }),
    // Who was told of a refusing disk before need not hear it again on the way out.
    close: () =>
      disk.close().catch((error: unknown) => {
        if (!told) throw diskError(path, error);
      }),
  };
}

function diskError(path: string, error: unknown): WorldError {
  const why = error instanceof Error ? error.message : String(error);
  return new WorldError({
    code: 'journal-unwritable',
    message: bi(`The journal ${path} cannot be written: ${why}.`, `无法写入日志 ${path}：${why}。`),
    hint: bi('Free some space there, or choose another folder with --out.', '请释放该处空间，或用 --out 换一个目录。'),
    cause: error,
  });
}
