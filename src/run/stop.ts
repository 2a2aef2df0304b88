import type { StopCause } from '../core/journal.js';
import { type Bilingual, bi } from '../core/text.js';

/** Why a drill ends before its plan does. The cli aborts the run's signal with one of these as its reason. */
export interface StopReason {
  readonly cause: StopCause;
  readonly detail: Bilingual;
  /** Clock reading; see `run.stopping` of the journal. */
  readonly nodesWellMs?: number;
}

export interface StopControl {
  readonly signal: AbortSignal;
  /** The first reason wins; later ones change nothing. */
  readonly request: (reason: StopReason) => void;
  readonly reason: () => StopReason | null;
  /** Too late to stop: later requests change nothing. */
  readonly release: () => void;
}

/** One way to end the drill for everything that may end it. `announce` runs before anything is cancelled. */
export function stopControl(outside: AbortSignal, announce: (reason: StopReason) => void): StopControl {
  const controller = new AbortController();
  let first: StopReason | null = null;
  let over = false;
  const request = (reason: StopReason): void => {
    if (first !== null || over) return;
    first = reason;
    announce(reason);
    controller.abort(reason);
  };
  const onOutside = (): void => request(stopReasonOf(outside.reason));
  outside.addEventListener('abort', onOutside, { once: true });
  if (outside.aborted) onOutside();
  return {
    signal: controller.signal,
    request,
    reason: () => first,
    release: () => {
      over = true;
      outside.removeEventListener('abort', onOutside);
    },
  };
}

function stopReasonOf(reason: unknown): StopReason {
  if (isStopReason(reason)) return reason;
  return { cause: 'interrupt', detail: bi('The run was interrupted.', '运行被中断。') };
}

const isStopReason = (reason: unknown): reason is StopReason =>
  typeof reason === 'object' && reason !== null && 'cause' in reason && 'detail' in reason;

/** What the system says, and what the journal and the undo log make of it. */
const DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'undo-unwritable', 'journal-unwritable']);

export const isDiskFailure = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && DISK_CODES.has(error.code);
