import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { WorldError } from '../core/errors.js';
import type { LoadedDrill } from '../core/plan.js';
import type { RecoveryPlan } from '../core/recovery-plan.js';
import { bi } from '../core/text.js';
import { loadDrill } from '../drill/index.js';
import { builtInRecoveryPlan, loadRecoveryPlan } from '../plan/index.js';
import { catalogs } from './catalogs.js';
import { type Context, showPath } from './context.js';

/** A file's bytes, or a sentence about why it cannot be read. */
export function readInput(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new WorldError({
      code: 'file-unreadable',
      exit: 'file-invalid',
      message: bi(`Cannot read ${path}: ${code}.`, `无法读取 ${path}：${code}。`),
      hint:
        code === 'ENOENT'
          ? bi(
              'Check the path; `ls drills/` shows the drills that come with Firedrill.',
              '请检查路径；`ls drills/` 可查看自带的演练。',
            )
          : bi('Check that it is a file that you may read.', '请确认它是您可读的文件。'),
      cause: error,
    });
  }
}

export interface DrillFile {
  readonly loaded: LoadedDrill;
  readonly recoveryPlan: RecoveryPlan;
  /** Folder of the drill file. */
  readonly dir: string;
}

/** load → validate: the checked drill with its recovery plan. Throws InputError with every problem. */
export function readDrillFile(path: string, ctx: Context): DrillFile {
  const dir = dirname(resolve(ctx.cwd, path));
  const { faults, probes, labs } = catalogs(ctx);
  let used: RecoveryPlan | null = null;
  const loaded = loadDrill({
    path: showPath(resolve(ctx.cwd, path), ctx),
    bytes: readInput(resolve(ctx.cwd, path)),
    faults,
    probes,
    labs: labs.names,
    dir,
    recoveryPlan: (relative) => {
      used = relative === undefined ? builtInRecoveryPlan() : readPlanFile(join(dir, relative), ctx);
      return used;
    },
  });
  return { loaded, recoveryPlan: used ?? builtInRecoveryPlan(), dir };
}

export const readPlanFile = (path: string, ctx: Context): RecoveryPlan =>
  loadRecoveryPlan({ path: showPath(path, ctx), bytes: readInput(path) });
