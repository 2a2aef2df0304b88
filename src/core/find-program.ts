import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The first of that name on the PATH that may be run; null = none. */
export async function findProgram(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  for (const dir of (env.PATH ?? '').split(delimiter).filter((each) => each !== '')) {
    const path = join(dir, name);
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  return null;
}
