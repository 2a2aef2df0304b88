/** What the drills on slow links have in common. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type CliHome, said } from '../support/cli.js';
import type { LabName } from '../support/cluster.js';
import { type DrillRun, type LabNode, labUp, readRun } from './scene.js';

export interface Linked {
  readonly name: string;
  readonly links: { readonly api: string; readonly client: { readonly listen: string; readonly upstream: string } };
}

interface Watched {
  readonly lab: LabName;
  readonly name: string;
  /** Of the drill: begins when the links are slow, or cut. */
  readonly step?: string;
  readonly leaderOf: (nodes: readonly LabNode[]) => Promise<string>;
  readonly look: (nodes: readonly Linked[], leader: string) => Promise<void>;
}

/** Runs it on a lab that stays up, and looks at the nodes while the links are disturbed. */
export async function watchedWhileSlow(
  home: CliHome,
  { lab, name, step = 'watch-while-slow', leaderOf, look }: Watched,
): Promise<{ readonly run: DrillRun; readonly leader: string }> {
  const nodes = await labUp(home, lab);
  const record: { nodes: Linked[] } = JSON.parse(readFileSync(join(home.state, 'labs', lab, 'lab.json'), 'utf8'));
  const leader = await leaderOf(nodes);
  const started = home.start(['run', `drills/${name}.drill.yaml`, '--out', home.reports, '--no-input']);
  await said(started, `→ ${step}`);
  await look(record.nodes, leader);
  const run = readRun(await started.ended, home);
  expect(await leaderOf(nodes), 'the leader stays').toBe(leader);
  expect((await labUp(home, lab)).map(({ pid }) => pid)).toEqual(nodes.map(({ pid }) => pid));
  expect(await toxicsOn(record.nodes[0]?.links.api ?? '')).toEqual([]);
  return { run, leader };
}

/** While the link was slow nothing failed, and everything took its time. */
export function expectAllServed({ of }: DrillRun): void {
  const on = of('fault.confirmed')[0]?.observedMs ?? Number.NaN;
  const off = of('step.started').find(({ step }) => step === 'fast-again')?.ms ?? Number.NaN;
  const attempts = of('attempt').filter(({ issuedMs, endedMs }) => issuedMs > on && endedMs < off);
  expect(attempts.length).toBeGreaterThan(100);
  expect(attempts.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
}

async function toxicsOn(api: string): Promise<readonly string[]> {
  const proxies = (await (await fetch(`${api}/proxies`)).json()) as Record<string, { toxics: { name: string }[] }>;
  return Object.values(proxies).flatMap(({ toxics }) => toxics.map(({ name }) => name));
}
