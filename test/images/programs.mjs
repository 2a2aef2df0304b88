import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The program into a folder of the image, and the libraries it loads to where it looks for them. */
export function copyProgram(program, root, folder) {
  copyFile(program, join(root, folder, basename(program)));
  for (const library of librariesOf(program)) {
    if (!existsSync(join(root, library))) copyFile(library, join(root, library));
  }
}

function copyFile(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { dereference: true });
}

/** Empty for a static program, at which `ldd` fails. */
function librariesOf(program) {
  try {
    const said = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return [...said.matchAll(/(?:=> |^\s*)(\/\S+)/gm)].map(([, path]) => path);
  } catch {
    return [];
  }
}
