import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Clock } from '../core/clock.js';
import type { DriverName } from '../core/drill.js';
import { type Bilingual, bi } from '../core/text.js';
import { type LabRecord, labDir, readRecord, removeEmpty } from './folder.js';
import type { LabRunner } from './runner.js';

/** A lab and the ways it can be run. */
export interface Runnable {
  readonly name: string;
  readonly runners: readonly LabRunner[];
}

/** What is left of the lab, told by looking: its record may be damaged or gone. Empty = nothing. */
export async function remainsOf(lab: Runnable, stateRoot: string): Promise<readonly Bilingual[]> {
  const dir = labDir(stateRoot, lab.name);
  const { runners } = await concerned(lab, dir);
  const left = await Promise.all(runners.map((runner) => runner.remains(dir)));
  const folder = existsSync(dir) ? [bi(`${lab.name}: ${dir} is still there`, `${lab.name}：${dir} 仍在`)] : [];
  return [...left.flat(), ...folder];
}

/** A start that was killed may leave a child that has yet to become the node: it has no arguments of its own so far. */
const FORK_TO_EXEC_MS = 200;

/** Stops processes and containers, removes the files and empty parents; false = there was nothing. */
export async function tearDown(lab: Runnable, stateRoot: string, clock: Clock): Promise<boolean> {
  const dir = labDir(stateRoot, lab.name);
  const { runners, cutShort } = await concerned(lab, dir);
  if (cutShort) await clock.sleep(FORK_TO_EXEC_MS);
  let wasThere = existsSync(dir);
  for (const runner of runners) wasThere = (await runner.clear(dir, clock)) || wasThere;
  if (existsSync(dir)) {
    await rm(dir, { recursive: true, force: true });
    await removeEmpty(stateRoot);
  }
  return wasThere;
}

/**
 * The ways in which something of the lab may run: the recorded one. Without a readable record all of them, as far as
 * they can be had here: an engine that does not answer holds nothing that we could take down now.
 */
async function concerned(
  { runners }: Runnable,
  dir: string,
): Promise<{ readonly runners: readonly LabRunner[]; readonly cutShort: boolean }> {
  const record = await recordOf(dir);
  if (record !== 'unreadable' && record !== null) {
    const driver: DriverName = record.driver ?? 'process';
    return { runners: runners.filter((runner) => runner.driver === driver), cutShort: !record.seeded };
  }
  const reachable = await Promise.all(runners.map((runner) => runner.reachable()));
  // A damaged record is no reason to leave the lab up; it may well be the trace of a start that was cut short.
  return { runners: runners.filter((_, index) => reachable[index]), cutShort: record === 'unreadable' };
}

async function recordOf(dir: string): Promise<LabRecord | null | 'unreadable'> {
  try {
    return await readRecord(dir);
  } catch {
    return 'unreadable';
  }
}
