import { InvariantError } from '../core/errors.js';

/** A put that is not finished stands under this in a folder. */
export const PARTIAL = '.partial';

/** A plain name: nothing that could lead out of the store, or that the store uses itself. */
export function requirePlainName(file: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(file) && !file.endsWith(PARTIAL)) return;
  throw new InvariantError(`a store takes plain file names, not "${file}"`);
}
