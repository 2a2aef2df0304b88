/** Shipped drills as a user runs them, and the lab as seen by plain calls, without any code of the product. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import type { EventBody, EventOf, JournalEvent } from '../../src/core/journal.js';
import type { Result } from '../../src/core/result.js';
import { type CliHome, type Ended, processesWith, processState, repo, until } from '../support/cli.js';
import type { LabName } from '../support/cluster.js';
import { post } from '../truth/plain-node.js';
import { decode } from '../truth/read-lies.js';

export interface LabNode {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
}

export interface DrillRun extends Ended {
  readonly dir: string;
  readonly result: Result;
  readonly of: <T extends EventBody['type']>(type: T) => readonly EventOf<T>[];
}

/** Runs a drill file of the repository on the lab named, in a copy where the file names another one. */
export async function runDrill(home: CliHome, file: string, more: readonly string[] = []): Promise<DrillRun> {
  const ended = await home.run('run', file, '--out', home.reports, '--no-input', ...more);
  return readRun(ended, home);
}

export function readRun(ended: Ended, home: CliHome): DrillRun {
  const name = basename(ended.stderr.trim().split('\n').at(-1) ?? '');
  const dir = join(home.reports, name);
  if (name === '' || !readdirSync(home.reports).includes(name)) throw new Error(`no run folder: ${ended.stderr}`);
  const lines = readFileSync(join(dir, 'journal.jsonl'), 'utf8').trimEnd().split('\n');
  const events = lines.map((line): JournalEvent => JSON.parse(line));
  const of = <T extends EventBody['type']>(type: T) => events.filter((e): e is EventOf<T> => e.type === type);
  return { ...ended, dir, of, result: JSON.parse(readFileSync(join(dir, 'result.json'), 'utf8')) };
}

/** The shipped file itself on antietcd; on etcd the one line that names the lab is changed. */
export function drillFor(home: CliHome, lab: LabName, file: string): string {
  return lab === 'antietcd-3' ? file : drillCopy(home, lab, file);
}

/** A copy of the shipped file that may be changed; its programs are those beside the original. */
export function drillCopy(home: CliHome, lab: LabName, file: string): string {
  const text = readFileSync(join(repo, file), 'utf8');
  const path = join(home.dir, basename(file));
  writeFileSync(
    path,
    text
      .replace('lab: antietcd-3', `lab: ${lab}`)
      .replaceAll(/(owners|practice)\//g, (_, folder: string) => `${join(repo, 'drills', folder)}/`),
  );
  return path;
}

export async function labUp(home: CliHome, lab: LabName): Promise<readonly LabNode[]> {
  const { code, stdout, stderr } = await home.run('lab', 'up', lab, '--json');
  if (code !== 0) throw new Error(`lab up ended with ${code}: ${stderr}`);
  const { nodes }: { nodes: LabNode[] } = JSON.parse(stdout);
  return nodes;
}

/** The name of the leader that all nodes agree on. */
export const leaderOf = (lab: LabName, nodes: readonly LabNode[]): Promise<string> =>
  until('all nodes name one leader', async () => {
    const named = await Promise.all(nodes.map((node) => leaderSeenBy(lab, node, nodes).catch(() => null)));
    return named.every((name) => name !== null && name === named[0]) ? named[0] : null;
  });

interface Status {
  readonly leader?: string;
  readonly header?: { readonly member_id: string };
}

async function leaderSeenBy(lab: LabName, node: LabNode, nodes: readonly LabNode[]): Promise<string | null> {
  const status = (of: LabNode): Promise<Status> => post(`${of.url}/v3/maintenance/status`, {});
  const { leader = null } = await status(node);
  if (lab === 'antietcd-3') return leader;
  const members = await Promise.all(
    nodes.map(async (of) => ({ name: of.name, id: (await status(of)).header?.member_id })),
  );
  return members.find(({ id }) => id === leader)?.name ?? null;
}

type Content = Readonly<Record<string, string>>;

/** Key → value of all services and settings, the same on every node once they agree; without the prober's own key. */
export const contentOf = (lab: LabName, nodes: readonly LabNode[]): Promise<Content> =>
  until('all nodes hold the same', async () => {
    const read = lab === 'antietcd-3' ? antietcdContent : etcdContent;
    const contents = await Promise.all(nodes.map((node) => read(node).catch(() => null)));
    const [first] = contents;
    return contents.every((content) => content !== null && JSON.stringify(content) === JSON.stringify(first))
      ? first
      : null;
  });

async function etcdContent({ url }: LabNode): Promise<Content> {
  const all = { key: 'AA==', range_end: 'AA==', serializable: true };
  const { kvs = [] }: { kvs?: { key: string; value: string }[] } = await post(`${url}/v3/kv/range`, all);
  return sorted(kvs.map(({ key, value }) => [decode(key), decode(value)]));
}

interface Branch {
  readonly value?: string;
  readonly children?: Readonly<Record<string, Branch>>;
}

async function antietcdContent({ url }: LabNode): Promise<Content> {
  const found: [string, string][] = [];
  const walk = (branch: Branch, path: readonly string[]): void => {
    if (typeof branch.value === 'string')
      found.push([`/${path.filter((part) => part !== '').join('/')}`, branch.value]);
    for (const [part, child] of Object.entries(branch.children ?? {})) walk(child, [...path, part]);
  };
  const dump: { state: Branch } = await post(`${url}/dump`, {});
  walk(dump.state, []);
  return sorted(found);
}

const sorted = (entries: readonly (readonly [string, string])[]): Content =>
  Object.fromEntries(entries.filter(([key]) => !key.startsWith('/prober/')).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Live processes that belong to the home's labs, by their data folder. */
const labProcesses = (home: CliHome): readonly number[] =>
  processesWith(join(home.state, 'labs')).map(({ pid }) => pid);

/** A lab that is up is used and left up, with nothing of the run in it. */
export function expectOnlyLabLeft(home: CliHome, nodes: readonly LabNode[]): void {
  expect(readdirSync(home.state)).toEqual(['labs']);
  expect(labProcesses(home).toSorted()).toEqual(nodes.map(({ pid }) => pid).toSorted());
  for (const { pid } of nodes) expect(processState(pid)).toMatch(/[SRD]/);
}

export function expectNothingLeft(home: CliHome): void {
  expect(processesWith(home.dir)).toEqual([]);
  expect(readdirSync(home.dir).includes('state') ? readdirSync(home.state) : []).toEqual([]);
}
