import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invariant } from './errors.js';

/**
 * Folder that holds `package.json` and `templates/`. Looked for upwards from this file, because the program is built
 * twice, at different depths: as single files for imports, and bundled for a quick start.
 */
export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)));
export const templatesDir = join(packageRoot, 'templates');

function findRoot(from: string): string {
  let dir = from;
  while (!existsSync(join(dir, 'package.json')) || !existsSync(join(dir, 'templates'))) {
    invariant(dirname(dir) !== dir, `no folder above ${from} holds package.json and templates/`);
    dir = dirname(dir);
  }
  return dir;
}
