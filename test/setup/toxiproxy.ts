/** Builds Toxiproxy's server into the cache, where the lab finds it by itself. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache, findOnPath } from './cache.js';

const VERSION = '2.12.0';
const MODULE = `github.com/Shopify/toxiproxy/v2`;

/** Why the server cannot be had; empty = it is there. */
export function getToxiproxy(): string {
  const home = join(cache, `toxiproxy-${VERSION}`);
  if (findOnPath('toxiproxy-server') || existsSync(join(home, 'toxiproxy-server'))) return '';
  if (!findOnPath('go')) return 'toxiproxy-server is not on the PATH, and there is no Go to build it';
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'toxiproxy-'));
  try {
    console.error(`setup: building Toxiproxy ${VERSION} into ${home}`);
    const version = `-s -w -X ${MODULE}.Version=${VERSION}`;
    execFileSync('go', ['install', '-ldflags', version, `${MODULE}/cmd/server@v${VERSION}`], {
      stdio: 'pipe',
      env: { ...process.env, GOBIN: work },
    });
    renameSync(join(work, 'server'), join(work, 'toxiproxy-server'));
    rmSync(home, { recursive: true, force: true });
    renameSync(work, home);
    return '';
  } catch (error) {
    return `Toxiproxy could not be built: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
