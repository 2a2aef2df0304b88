/** `backup copy` of the built command line, killed with SIGKILL at any moment and run again. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ArchiveLabel } from '../../src/core/archive-label.js';
import { DAY_MS, someLabel, writeLabelled } from '../backup/tier/material.js';
import { type CliHome, until } from '../support/cli.js';
import { someBytes } from './material.js';

const START_MS = Date.UTC(2026, 0, 4);

export interface KilledCopy {
  readonly archive: ArchiveLabel;
  readonly bytes: Buffer;
  readonly from: string;
}

/** A folder with one archive of so many bytes. */
export function folderWith(home: CliHome, length: number, day = 1): KilledCopy {
  const bytes = someBytes(length);
  const archive = someLabel(START_MS + day * DAY_MS, null, bytes);
  const from = join(home.dir, 'from');
  mkdirSync(from, { recursive: true });
  writeLabelled(from, archive, bytes);
  return { archive, bytes, from };
}

/** A recovery plan like the one that comes with Firedrill, whose only tier is this. */
export function planWith(home: CliHome, tier: string): string {
  const builtIn = readFileSync(new URL('../../templates/recovery-plan.yaml', import.meta.url), 'utf8');
  const [before, rest] = builtIn.split(/^tiers:\n/m);
  const after = rest?.slice(rest.search(/^# When backups are made/m));
  if (before === undefined || after === undefined) throw new Error('the built-in plan has tiers');
  const path = join(home.dir, 'plan.yaml');
  writeFileSync(path, `${before}tiers:\n${tier}\n${after}`);
  return path;
}

/**
 * Kills a slowed-down copy once so much has arrived, as the far end shows it, and resolves to what the next one says.
 */
export async function killAndContinue(
  home: CliHome,
  args: readonly string[],
  when: { readonly arrivedBytes: () => number; readonly atLeast: number; readonly env?: NodeJS.ProcessEnv },
): Promise<{ readonly keptBytes: number; readonly checked: string }> {
  const options = when.env === undefined ? {} : { env: when.env };
  const first = home.start(['backup', 'copy', ...args, '--limit-rate', '8MiB/s'], options);
  await until(
    'so much has arrived',
    () => when.arrivedBytes() >= when.atLeast || first.child.exitCode !== null || null,
  );
  first.child.kill('SIGKILL');
  expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });
  const second = await home.start(['backup', 'copy', ...args, '--json'], options).ended;
  expect(second).toMatchObject({ code: 0 });
  const { copied } = JSON.parse(second.stdout) as { copied: readonly { keptBytes: number; checked: string }[] };
  const [one] = copied;
  if (one === undefined) throw new Error('nothing was copied');
  return one;
}

/** Of all files below the folder whose path fits. */
export function bytesBelow(folder: string, fits: RegExp): number {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return files
    .filter((entry) => entry.isFile() && fits.test(join(entry.parentPath, entry.name)))
    .reduce(
      (sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
}
