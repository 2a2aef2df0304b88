/** Builds etcd 3.6 into the cache: its modules cannot be installed directly, but a module that requires them builds them. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cache, findOnPath } from './cache.js';

const VERSION = '3.6.16';
const MODULES = { etcd: 'server', etcdctl: 'etcdctl', etcdutl: 'etcdutl' } as const;

/** Its programs; before Debian's on a PATH, a lab and the tools are this etcd. */
export const ETCD_36 = join(cache, `etcd-${VERSION}`);

/** The environment in which a lab is etcd 3.6. */
export const withEtcd36 = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${ETCD_36}${delimiter}${process.env.PATH ?? ''}`,
});

/** For `skipIf`, once the set-up has run; null = it is there. */
export const missingEtcd36 = (): string | null => process.env.FIREDRILL_MISSING_ETCD_36 ?? null;

/** Why it cannot be had; empty = it is there. */
export function getEtcd36(): string {
  if (Object.keys(MODULES).every((program) => existsSync(join(ETCD_36, program)))) return '';
  if (!findOnPath('go')) return `etcd ${VERSION} is not in the cache, and there is no Go to build it`;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'etcd-'));
  const go = (...args: readonly string[]): Buffer => execFileSync('go', [...args], { cwd: work, stdio: 'pipe' });
  try {
    console.error(`setup: building etcd ${VERSION} into ${ETCD_36}`);
    go('mod', 'init', 'etcdbin');
    go('get', ...Object.values(MODULES).map((module) => `go.etcd.io/etcd/${module}/v3@v${VERSION}`));
    for (const [program, module] of Object.entries(MODULES)) {
      go('build', '-trimpath', '-ldflags', '-s -w', '-o', program, `go.etcd.io/etcd/${module}/v3`);
    }
    rmSync(ETCD_36, { recursive: true, force: true });
    renameSync(work, ETCD_36);
    return '';
  } catch (error) {
    return `etcd ${VERSION} could not be built: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
