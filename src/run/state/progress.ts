import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PhaseName } from '../../core/drill.js';
import type { Text } from '../../core/text.js';
import { readIfThere } from './run-file.js';

/** Where a run is, for `status` in another terminal. */
export interface RunProgress {
  readonly phase: PhaseName | null;
  readonly step: string | null;
  readonly title?: Text | null;
  readonly stepsDone?: number;
  readonly stepsTotal?: number;
}

/** `at`: UTC, when the run came there. */
export type ProgressFile = RunProgress & { readonly at: string };

const progressPath = (dir: string): string => join(dir, 'status.json');

/**
 * Only for people who look on: a disk that refuses is no reason to end a run here, and the journal will tell of it. An
 * old status would be a lie, so then there is none.
 */
export function writeProgress(dir: string, progress: ProgressFile): void {
  const path = progressPath(dir);
  try {
    writeFileSync(`${path}.new`, JSON.stringify(progress));
    renameSync(`${path}.new`, path);
  } catch {
    rmSync(path, { force: true });
    rmSync(`${path}.new`, { force: true });
  }
}

/** Null = nothing is known of where the run is. */
export function readProgress(dir: string): ProgressFile | null {
  const text = readIfThere(progressPath(dir));
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  return isProgress(value) ? value : null;
}

const isProgress = (value: unknown): value is ProgressFile =>
  typeof value === 'object' && value !== null && 'phase' in value && 'step' in value && 'at' in value;
