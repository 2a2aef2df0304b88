import { join } from 'node:path';

/** The lock of whoever is recovering the run with this state folder. */
export const recoverLock = (dir: string): string => join(dir, 'recover.lock');
