import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { invariant, WorldError } from '../core/errors.js';
import { findNodeProcess, startNodeProcess } from '../core/node-process.js';
import { bi } from '../core/text.js';
import type { LabStandby } from './kind.js';
import type { LabRunner } from './runner.js';
import { stopProcess } from './stop.js';

/** Processes of two sites, with the one that copies what is written at the first to the second. */
export function runWithReplication(lab: string, runner: LabRunner, standby: LabStandby): LabRunner {
  const { replication, program } = standby;
  const runs = (dir: string): boolean => findNodeProcess(replication(dir)) !== null;
  return {
    ...runner,
    afterReady: async ({ dir, clock }) => {
      const spec = replication(dir);
      const [link] = spec.start;
      invariant(link !== undefined, 'a replication has a program');
      if (!existsSync(link)) await symlink(await found(program), link);
      await startNodeProcess(spec, clock);
    },
    remains: async (dir) => {
      const left = await runner.remains(dir);
      const { name } = replication(dir);
      return runs(dir) ? [...left, bi(`${lab}: ${name} still runs`, `${lab}：${name} 仍在运行`)] : left;
    },
    clear: async (dir, clock) => {
      const ran = runs(dir);
      await stopProcess(replication(dir), clock);
      return (await runner.clear(dir, clock)) || ran;
    },
  };
}

async function found(program: LabStandby['program']): Promise<string> {
  const path = await program();
  if (path !== null) return path;
  throw new WorldError({
    code: 'lab-missing',
    message: bi('The program that replicates is not on the PATH any more.', 'PATH 中已没有复制程序。'),
  });
}
