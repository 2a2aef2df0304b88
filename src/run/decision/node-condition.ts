/** What each node is like now, as far as a repair on the spot depends on it. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { missingAbility } from '../../core/abilities.js';
import { flatSteps, type NodeSpec } from '../../core/drill.js';
import { describeError } from '../../core/errors.js';
import { readMembers } from '../../core/members.js';
import { clusterOf, faultsOn, type Run } from '../context.js';

const STATUS_LIMIT_MS = 1_000;

/**
 * `serving`: answers and takes part. `startable`: does not, and can be started where its data lies. `data-lost`: its data
 * is gone. `beyond`: its site is lost, or nobody can start it. `unseen`:
 * it could not be looked at.
 */
export interface NodeCondition {
  readonly node: string;
  readonly is: 'serving' | 'startable' | 'data-lost' | 'beyond' | 'unseen';
  readonly why: string;
}

export async function nodeConditions(run: Run, signal: AbortSignal): Promise<readonly NodeCondition[]> {
  const { binding, registry } = clusterOf(run);
  const views = await readMembers(registry, { limitMs: STATUS_LIMIT_MS, signal });
  const led = new Set(
    views.filter(({ answer }) => answer.outcome === 'ok' && answer.value.leader !== null).map(({ node }) => node),
  );
  return Promise.all(binding.nodes.map((node) => conditionOf(run, node, led.has(node.name))));
}

async function conditionOf(run: Run, node: NodeSpec, serves: boolean): Promise<NodeCondition> {
  const is = (state: NodeCondition['is'], why: string): NodeCondition => ({ node: node.name, is: state, why });
  const site = lostSite(run, node.name);
  if (site !== null) return is('beyond', `its site ${site} is lost`);
  const { driver } = clusterOf(run);
  try {
    const { state } = await driver.inspect(node);
    if (state === 'running' && serves) return is('serving', 'answers, knows a leader');
    if (driver.name === 'process' && isEmptied(node)) return is('data-lost', `${state}, no data`);
    if (state !== 'gone') return is('startable', state === 'frozen' ? 'frozen' : 'runs, does not serve');
    const missing = await missingAbility(driver, node, 'start');
    if (missing !== null) return is('beyond', missing.en);
    if (driver.name === 'process' && node.start.length === 0) return is('beyond', 'gone, no start command');
    return is('startable', 'gone, can be started');
  } catch (error) {
    return is('unseen', describeError(error).en);
  }
}

/** A fault that is on and was chosen by site stands for the loss of the site, not of processes: nobody starts them there. */
function lostSite(run: Run, node: string): string | null {
  const steps = flatSteps(run.drill).map(({ step }) => step);
  for (const record of faultsOn(run).filter(({ nodes }) => nodes.includes(node))) {
    const injected = steps.find(({ id }) => id === record.step);
    if (injected?.verb === 'inject' && injected.on?.by.kind === 'site') return injected.on.by.site;
  }
  return null;
}

/** Its data is on this machine and is not there (any more). A node that does not say where its data lies is believed. */
function isEmptied({ data }: NodeSpec): boolean {
  if (data === undefined) return false;
  if (!existsSync(data)) return true;
  return statSync(data).isDirectory() ? !holdsFile(data) : statSync(data).size === 0;
}

const holdsFile = (dir: string): boolean =>
  readdirSync(dir, { withFileTypes: true }).some((entry) =>
    entry.isDirectory() ? holdsFile(join(dir, entry.name)) : entry.isFile(),
  );
