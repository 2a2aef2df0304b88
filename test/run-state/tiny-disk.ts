/** A file system of 256 KB that can really be full. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TinyDisk {
  readonly path: string;
  readonly fill: () => void;
  readonly makeRoom: () => void;
  readonly unmount: () => void;
}

/** Gives `work` a tiny disk and takes it away again; `skip` is told why it cannot be had here. */
export async function onTinyDisk(skip: (why: string) => void, work: (disk: TinyDisk) => Promise<void>): Promise<void> {
  const disk = mountTinyDisk();
  if (typeof disk === 'string') return skip(disk);
  try {
    await work(disk);
  } finally {
    disk.unmount();
  }
}

function mountTinyDisk(): TinyDisk | string {
  const path = mkdtempSync(join(tmpdir(), 'firedrill-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path], { stdio: 'pipe' });
  } catch (error) {
    rmSync(path, { recursive: true });
    return `a tmpfs cannot be mounted here: ${error instanceof Error ? error.message.split('\n')[1] : error}`;
  }
  const filler = join(path, 'filler');
  return {
    path,
    fill: () => {
      for (let block = 65536; block >= 1; block = Math.floor(block / 2)) fillWith(filler, block);
    },
    makeRoom: () => rmSync(filler),
    unmount: () => {
      // Lazily: a test that failed may still have a file open there.
      execFileSync('umount', ['-l', path]);
      rmSync(path, { recursive: true });
    },
  };
}

function fillWith(filler: string, block: number): void {
  try {
    for (;;) writeFileSync(filler, Buffer.alloc(block), { flag: 'a' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}
