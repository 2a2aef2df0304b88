/** The whole program as one file, with the code that V8 made of it at the build: a start compiles next to nothing. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const PATH = fileURLToPath(new URL('firedrill.cjs', import.meta.url));
/** Belongs to exactly one bundle: V8 itself compares no more than its own version and the length of the source. */
export const CODE_CACHE = `${PATH}.cache`;

export interface Bundle {
  readonly main: () => Promise<void>;
  readonly script: Script;
}

type CommonJs = (exports: object, require: NodeJS.Require, filename: string) => void;

/** A cache that another version of Node made is refused by V8, which then compiles as usual. */
export function loadBundle(): Bundle {
  const script = new Script(`(function (exports, require, __filename) {${readFileSync(PATH, 'utf8')}\n})`, {
    filename: PATH,
    ...(existsSync(CODE_CACHE) ? { cachedData: readFileSync(CODE_CACHE) } : {}),
  });
  const run: CommonJs = script.runInThisContext();
  const exported = { main: async () => {} };
  run(exported, createRequire(PATH), PATH);
  return { script, main: exported.main };
}
