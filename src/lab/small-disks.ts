/** A disk for each node of a lab: a tmpfs, mounted on the host where the node's folder is, also for a container. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';
import { NODE_NAMES } from './kind.js';
import type { LabRunner } from './runner.js';

const MOUNTS = '/proc/self/mounts';
const run = promisify(execFile);

export function onSmallDisks(lab: string, runner: LabRunner, sizeMiB: number): LabRunner {
  return {
    ...runner,
    missing: async () => (mayMount() ? runner.missing() : NEEDS_ROOT),
    prepare: async (dir) => {
      if (!mayMount()) throw new WorldError({ code: 'lab-missing', message: NEEDS_ROOT });
      await runner.prepare(dir);
    },
    startAll: async (idle, place) => {
      const mounted = await disksIn(place.dir);
      for (const node of NODE_NAMES) {
        const path = join(place.dir, node);
        await mkdir(path, { recursive: true });
        if (!mounted.includes(await realpath(path))) await mountDisk(path, sizeMiB);
      }
      await runner.startAll(idle, place);
    },
    remains: async (dir) => [
      ...(await runner.remains(dir)),
      ...(await disksIn(dir)).map((path) => bi(`${lab}: ${path} is still mounted`, `${lab}：${path} 仍处于挂载状态`)),
    ],
    clear: async (dir, clock) => {
      const cleared = await runner.clear(dir, clock);
      const disks = await disksIn(dir);
      for (const path of disks) await unmount(path);
      return cleared || disks.length > 0;
    },
  };
}

const mayMount = (): boolean => userInfo().uid === 0 && existsSync(MOUNTS);

const NEEDS_ROOT = bi(
  'a disk for each node can be mounted only by root, on Linux: run Firedrill with sudo',
  '只有 Linux 上的 root 才能为每个节点挂载磁盘：请用 sudo 运行 Firedrill',
);

/** Mount points below the folder. */
async function disksIn(dir: string): Promise<readonly string[]> {
  if (!existsSync(MOUNTS) || !existsSync(dir)) return [];
  const real = (await realpath(dir)) + sep;
  const lines = (await readFile(MOUNTS, 'utf8')).split('\n');
  return lines.map((each) => unescaped(each.split(' ')[1] ?? '')).filter((path) => path.startsWith(real));
}

/** The kernel writes spaces and the like as octal numbers. */
const unescaped = (path: string): string =>
  path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

const mountDisk = (path: string, sizeMiB: number): Promise<void> =>
  mountTool('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m,mode=0700`, 'firedrill', path], path);

const unmount = (path: string): Promise<void> => mountTool('umount', [path], path);

async function mountTool(tool: 'mount' | 'umount', args: readonly string[], path: string): Promise<void> {
  try {
    await run(tool, [...args]);
  } catch (error) {
    const why = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new WorldError({
      code: 'lab-disk',
      message: bi(`${tool} of ${path} failed: ${why}`, `对 ${path} 执行 ${tool} 失败：${why}`),
      hint: bi(
        `\`fuser -m ${path}\` tells who uses it; in a container mounting needs its own permission.`,
        `\`fuser -m ${path}\` 可查看占用者；在容器中挂载需要额外权限。`,
      ),
      cause: error,
    });
  }
}
