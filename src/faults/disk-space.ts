/** The disk that a path is on: how full it is, filling it with one file, and the proof that nothing more goes on it. */
import { open, rm, stat, statfs } from 'node:fs/promises';

export interface Disk {
  /** The same number = the same disk. */
  readonly device: number;
  readonly sizeBytes: number;
  /** For users other than root, where the file system keeps something back. */
  readonly freeBytes: number;
}

/** Null = there is no such path here. */
export async function diskAt(path: string): Promise<Disk | null> {
  try {
    const [{ dev }, { bsize, blocks, bavail }] = await Promise.all([stat(path), statfs(path)]);
    return { device: dev, sizeBytes: blocks * bsize, freeBytes: bavail * bsize };
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}

const KIB = 1024;
/** The last bytes fit only in small pieces. */
const PIECES = [1024 * KIB, 64 * KIB, 4 * KIB, 1];
const PROBE_BYTES = 64 * KIB;
const probeOf = (ballast: string): string => `${ballast}.probe`;

/** Real bytes, appended until the disk takes no more, or `mostBytes` are written: false = it never was full. */
export async function fillWith(ballast: string, mostBytes: number): Promise<boolean> {
  const file = await open(ballast, 'a', 0o600);
  try {
    let left = mostBytes - (await file.stat()).size;
    let full = false;
    for (const bytes of PIECES) {
      const piece = Buffer.alloc(bytes, 'firedrill ');
      full = false;
      while (!full && left > 0) {
        const written = await appended(file, piece);
        left -= written;
        full = written === 0;
      }
    }
    return full;
  } finally {
    await file.close();
  }
}

/** How much of it went on the disk; 0 = none. */
async function appended(file: Awaited<ReturnType<typeof open>>, piece: Buffer): Promise<number> {
  try {
    return (await file.write(piece)).bytesWritten;
  } catch (error) {
    if (isFull(error)) return 0;
    throw error;
  }
}

/** The system's own word with which it refuses a write beside the ballast; null = the write went through. */
export async function refusedWrite(ballast: string): Promise<string | null> {
  const probe = probeOf(ballast);
  try {
    const file = await open(probe, 'w', 0o600);
    try {
      for (let left = PROBE_BYTES; left > 0; ) left -= (await file.write(Buffer.alloc(left, 'x'))).bytesWritten;
      await file.sync();
    } finally {
      await file.close();
    }
    return null;
  } catch (error) {
    if (isFull(error)) return String(codeOf(error));
    throw error;
  } finally {
    await rm(probe, { force: true });
  }
}

export const isRoomFor = ({ freeBytes }: Disk): boolean => freeBytes >= PROBE_BYTES;

export async function removeBallast(ballast: string): Promise<void> {
  await rm(probeOf(ballast), { force: true });
  await rm(ballast, { force: true });
}

const isFull = (error: unknown): boolean => codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT';

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
