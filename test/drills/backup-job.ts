/** A backup job of a week ago, for the drill that must catch it: real archives of the practice cluster. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backupService } from '../../src/backup/index.js';
import { systemClock } from '../../src/core/clock.js';
import { registries } from '../../src/registries/index.js';
import { drivers } from '../../src/targets/index.js';
import { type CliHome, repo } from '../support/cli.js';
import type { LabName } from '../support/cluster.js';
import type { LabNode } from './scene.js';

const DRILL = 'drills/backup-job-stopped.drill.yaml';

/** Backs the cluster up as it would have been `agoMs` ago; returns a copy of the drill that looks at that folder. */
export async function drillOnJobOf(
  home: CliHome,
  { lab, nodes, agoMs }: { readonly lab: LabName; readonly nodes: readonly LabNode[]; readonly agoMs: number },
): Promise<string> {
  const dir = join(home.dir, `job-${agoMs}`);
  mkdirSync(dir);
  await backUp(nodes, dir, agoMs);
  const path = join(home.dir, `job-${agoMs}.drill.yaml`);
  const text = readFileSync(join(repo, DRILL), 'utf8');
  writeFileSync(path, text.replace('../reports/sample/backups', dir).replace('lab: antietcd-3', `lab: ${lab}`));
  return path;
}

async function backUp(nodes: readonly LabNode[], dir: string, agoMs: number): Promise<void> {
  const driver = registries.find('etcd');
  const node = drivers.find('process');
  if (driver === undefined || node === undefined) throw new Error('no driver for etcd');
  const specs = nodes.map(({ name, url }) => ({ name, url, find: { by: 'argument' as const, text: name }, start: [] }));
  const identity = await driver.identify(specs, { limitMs: 3_000 });
  const binding = {
    ...identity,
    registry: 'etcd' as const,
    lab: null,
    driver: 'process' as const,
    prefix: '/services/',
    nodes: specs,
  };
  const registry = driver.connect(binding);
  try {
    await backupService.full({
      cluster: { binding, driver: node, registry },
      dir,
      timeZone: 'UTC',
      clock: { ...systemClock, wallIso: () => new Date(Date.now() - agoMs).toISOString() },
      onSubstep: () => {},
    });
  } finally {
    registry.close();
  }
}
