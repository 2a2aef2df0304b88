/** The registry's own copy inside an archive: one that was cut off before it was packed has a good hash there all the same. */
import type { CheckNative } from '../core/backup.js';
import type { OpenedArchive } from './open-archive.js';

/** Throws with the reason; an increment holds none. */
export async function proveNative(archive: OpenedArchive, check: CheckNative | undefined): Promise<void> {
  if (archive.type === 'incremental' || check === undefined) return;
  const { name, bytes } = archive.native;
  const problem = await check(name, bytes);
  if (problem !== null) throw new Error(`${name} in ${archive.info.fileName} is not a whole copy: ${problem}`);
}
