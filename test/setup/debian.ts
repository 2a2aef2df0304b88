/** Debian's packages, unpacked into the cache: without installing them and without root. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cache, findOnPath } from './cache.js';

export interface DebianPrograms {
  /** Folder in the cache. */
  readonly folder: string;
  readonly packages: readonly string[];
  /** In `usr/bin` of what was unpacked. */
  readonly programs: readonly string[];
}

export const folderOf = ({ folder }: DebianPrograms): string => join(cache, folder);

/** The folder with the programs, or why they cannot be had. */
export function unpackDebian(wanted: DebianPrograms): string {
  const home = folderOf(wanted);
  const bin = join(home, 'usr', 'bin');
  const [first = ''] = wanted.packages;
  if (wanted.programs.every((program) => existsSync(join(bin, program)))) return bin;
  if (!findOnPath('apt-get') || !findOnPath('dpkg'))
    return `${first} is not on the PATH, and there is no apt-get to get it`;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'firedrill-debian-'));
  try {
    console.error(`setup: unpacking Debian's ${wanted.packages.join(', ')} into ${home}`);
    downloadPackages(work, wanted.packages);
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      execFileSync('dpkg', ['-x', join(work, file), join(work, 'root')], { stdio: 'pipe' });
    }
    renameOrCopy(join(work, 'root'), home);
    return bin;
  } catch (error) {
    return `Debian's ${first} could not be downloaded: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function downloadPackages(cwd: string, packages: readonly string[]): void {
  const download = (): Buffer => execFileSync('apt-get', ['download', ...packages], { cwd, stdio: 'pipe' });
  try {
    download();
  } catch {
    // A bare machine has no package lists yet.
    if (process.getuid?.() === 0) execFileSync('apt-get', ['update'], { stdio: 'pipe' });
    download();
  }
}

function renameOrCopy(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  try {
    renameSync(from, to);
  } catch {
    execFileSync('cp', ['-a', from, to]);
  }
}
