import { isAlive, type ProcessRow, readProcess } from '../core/process-table.js';
import { type Bilingual, bi } from '../core/text.js';

const LOOK_EVERY_MS = 200;
const MOST_ANCESTORS = 16;

/**
 * Tells once when the process that started us is gone. npm dies of a signal at once and hands it to nobody, and the
 * shell between npm and us may live on: under npm every ancestor up to npm itself is watched.
 */
export function watchParent(options: {
  readonly onLost: (detail: Bilingual) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
}): { readonly stop: () => void } {
  const watched = options.env.npm_lifecycle_event === undefined ? [] : ancestorsUpToNpm(options.pid);
  const firstParent = readProcess(options.pid)?.ppid;
  const look = (): void => {
    const lost = watched.find((row) => !isAlive(row.pid, row.startTicks))?.pid ?? changedParent();
    if (lost === null) return;
    clearInterval(timer);
    options.onLost(bi(`the parent process ${lost} is gone`, `父进程 ${lost} 已消失`));
  };
  const changedParent = (): number | null => {
    if (firstParent === undefined) return null;
    return readProcess(options.pid)?.ppid === firstParent ? null : firstParent;
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** From our parent up to npm; nothing when npm is not among the ancestors. */
function ancestorsUpToNpm(pid: number): readonly ProcessRow[] {
  const chain: ProcessRow[] = [];
  let row = readProcess(pid);
  while (row !== null && row.ppid > 1 && chain.length < MOST_ANCESTORS) {
    row = readProcess(row.ppid);
    if (row !== null) chain.push(row);
    if (row !== null && isPackageManager(row)) return chain;
  }
  return [];
}

/** npm names itself `npm run …` in its title; others show the path of their script. */
const isPackageManager = (row: ProcessRow): boolean =>
  row.argv.slice(0, 2).some((arg) => /(^|\/)(npm|npx|pnpm|yarn)(-cli)?(\.c?js)?(\s|$)/.test(arg));
