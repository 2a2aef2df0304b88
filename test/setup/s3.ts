/** Builds Versity's S3 gateway into the cache: a real S3 server for the tests. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache, findOnPath } from './cache.js';

const VERSION = '1.8.0';
const HOME = join(cache, `versitygw-${VERSION}`);

/** The server's program. */
export const VERSITYGW = join(HOME, 'versitygw');

/** For `skipIf`, once the set-up has run; null = it is there. */
export const missingS3 = (): string | null => process.env.FIREDRILL_MISSING_S3 ?? null;

/** Why it cannot be had; empty = it is there. */
export function getS3(): string {
  if (existsSync(VERSITYGW)) return '';
  if (!findOnPath('go')) return `versitygw ${VERSION} is not in the cache, and there is no Go to build it`;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'versitygw-'));
  try {
    console.error(`setup: building versitygw ${VERSION} into ${HOME}`);
    const module = `github.com/versity/versitygw/cmd/versitygw@v${VERSION}`;
    execFileSync('go', ['install', '-trimpath', '-ldflags', '-s -w', module], {
      stdio: 'pipe',
      env: { ...process.env, GOBIN: work },
    });
    rmSync(HOME, { recursive: true, force: true });
    renameSync(work, HOME);
    return '';
  } catch (error) {
    return `versitygw could not be built: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
