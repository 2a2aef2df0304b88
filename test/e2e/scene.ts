/** What the end-to-end tests share: small drills, runs as found on disk, and the nodes as seen without Firedrill. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventBody, EventOf, JournalEvent } from '../../src/core/journal.js';
import type { Result } from '../../src/core/result.js';
import { type CliHome, type Ended, processState, type Started, until } from '../support/cli.js';
import { post } from '../truth/plain-node.js';
import { encode } from '../truth/read-lies.js';

export interface LabNode {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
}

/** Starts the lab, or the nodes of it that are down. */
export async function labUp(home: CliHome): Promise<readonly LabNode[]> {
  const { code, stdout, stderr } = await home.run('lab', 'up', 'antietcd-3', '--json');
  if (code !== 0) throw new Error(`lab up ended with ${code}: ${stderr}`);
  const { nodes }: { nodes: LabNode[] } = JSON.parse(stdout);
  return nodes;
}

type Steps = readonly Readonly<Record<string, unknown>>[];

interface DrillParts {
  readonly id: string;
  readonly execute?: Steps;
  readonly phases?: Readonly<Record<string, Steps>>;
  readonly [key: string]: unknown;
}

/** A partial drill without traffic, so that it is at its fault in a second. YAML takes JSON. */
export function writeDrill(home: CliHome, { execute = [], phases = {}, ...parts }: DrillParts): string {
  const path = join(home.dir, `${parts.id}.drill.yaml`);
  const usual = {
    apiVersion: 'firedrill/v1',
    title: parts.id,
    kind: 'partial',
    level: 'P2',
    target: { registry: 'etcd', lab: 'antietcd-3' },
    safety: { maxDuration: '3m' },
  };
  writeFileSync(path, JSON.stringify({ ...usual, ...parts, phases: { ...phases, execute } }, null, 2));
  return path;
}

/** Two faults on at one time, and then nothing for a long while: said `→ hold`, both are on. */
export const TWO_FAULTS: Steps = [
  { id: 'delete', inject: 'service.delete', with: { service: 'user-service' } },
  { id: 'freeze', inject: 'node.freeze', on: { role: 'follower' } },
  { id: 'hold', wait: '1m' },
];

/** As short as a drill can be that is valid, and judged on all that is measured. */
export const leaderKilledDrill = (
  home: CliHome,
  { rto, prepare = [] }: { readonly rto: string; readonly prepare?: Steps },
): string =>
  writeDrill(home, {
    id: 'leader-killed',
    kind: 'fault-injection',
    objectives: { rto, rpo: { time: '5m', records: 0 }, stableFor: '2s' },
    traffic: { services: 2, instances: 6, writes: '20/s', reads: '20/s', lease: '6s', settle: '1s' },
    steadyState: [{ probe: 'registry.writable', within: '10s' }],
    phases: {
      prepare: [...prepare, { id: 'backup', backup: 'full' }],
      kickoff: [{ id: 'leader-known', check: 'registry.leader', within: '5s' }],
      verify: [
        { id: 'by-count', check: 'integrity.count' },
        { id: 'by-hash', check: 'integrity.hash' },
        { id: 'by-function', check: 'integrity.functional' },
      ],
    },
    execute: [
      { id: 'kill-leader', inject: 'node.kill', on: { role: 'leader' } },
      { id: 'writable-again', check: 'registry.writable', within: '15s' },
      { id: 'watch', wait: '4s' },
      { id: 'restart', recover: 'node.start', on: { step: 'kill-leader' } },
      { id: 'healthy-again', check: 'registry.healthy', within: '20s' },
    ],
  });

/** `run FILE` into the home's own reports folder. */
export const runDrill = (home: CliHome, file: string, ...more: readonly string[]): Promise<Ended> =>
  home.run('run', file, '--out', home.reports, ...more);
export const startDrill = (home: CliHome, file: string, ...more: readonly string[]): Started =>
  home.start(['run', file, '--out', home.reports, ...more]);

export interface Run {
  readonly id: string;
  readonly dir: string;
  readonly events: readonly JournalEvent[];
  readonly of: <T extends EventBody['type']>(type: T) => readonly EventOf<T>[];
  readonly result: Result;
}

/** The newest run of a drill, as it lies on the disk. */
export function runOf(home: CliHome, drillId: string, reports = home.reports): Run {
  const dir = newestRunDir(reports, drillId);
  const events = journalLines(dir).map((line): JournalEvent => JSON.parse(line));
  return {
    id: dir.slice(reports.length + 1),
    dir,
    events,
    of: <T extends EventBody['type']>(type: T) => events.filter((event): event is EventOf<T> => event.type === type),
    result: JSON.parse(readFileSync(join(dir, 'result.json'), 'utf8')),
  };
}

export function newestRunDir(reports: string, drillId: string): string {
  const stamped = existsSync(reports) ? readdirSync(reports).filter((name) => name.includes(`-${drillId}-`)) : [];
  // Two runs of one second are told apart by when their journal was made.
  const began = (name: string): string => journalLines(join(reports, name))[0]?.match(/"at":"([^"]*)"/)?.[1] ?? '';
  const newest = stamped.sort((a, b) => (began(a) < began(b) ? -1 : 1)).at(-1);
  if (newest === undefined) throw new Error(`there is no run of ${drillId} in ${reports}`);
  return join(reports, newest);
}

export const journalLines = (runDir: string): readonly string[] =>
  existsSync(join(runDir, 'journal.jsonl'))
    ? readFileSync(join(runDir, 'journal.jsonl'), 'utf8').split('\n').slice(0, -1)
    : [];

/** File name → SHA-256 of everything directly in a folder. */
export const hashesOf = (dir: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(dir, name)))
          .digest('hex'),
      ]),
  );

export const frozenOf = (nodes: readonly LabNode[]): readonly LabNode[] =>
  nodes.filter(({ pid }) => processState(pid) === 'T');
export const deadOf = (nodes: readonly LabNode[]): readonly LabNode[] =>
  nodes.filter(({ pid }) => processState(pid) === null);

/** No run is known of any more; the lab may be up. */
export const stateIsClean = (home: CliHome): boolean => !existsSync(join(home.state, 'runs'));

interface Branch {
  readonly value?: string;
  readonly children?: Readonly<Record<string, Branch>>;
}

/** Key → value of all that one antietcd node holds, by a plain call. */
export async function contentOf(node: Pick<LabNode, 'url'>): Promise<Readonly<Record<string, string>>> {
  const found: [string, string][] = [];
  const walk = (branch: Branch, path: readonly string[]): void => {
    if (typeof branch.value === 'string') found.push([path.join('/'), branch.value]);
    for (const [part, child] of Object.entries(branch.children ?? {})) walk(child, [...path, part]);
  };
  const dump: { state: Branch } = await post(`${node.url}/dump`, {});
  walk(dump.state, []);
  return Object.fromEntries(found.sort());
}

/** The same on every node, once they agree; a node that does not answer yet is asked again. */
export const agreedContent = (nodes: readonly LabNode[]): Promise<Readonly<Record<string, string>>> =>
  until('all nodes hold the same', async () => {
    const contents = await Promise.all(nodes.map((node) => contentOf(node).catch(() => null)));
    const [first] = contents;
    return contents.every((content) => content !== null && JSON.stringify(content) === JSON.stringify(first))
      ? first
      : null;
  });

/** The leader that all nodes have named for half a second: nodes that find each other again hold elections first. */
export async function settled(nodes: readonly LabNode[]): Promise<string> {
  let leader: string | null = null;
  let sinceMs = performance.now();
  return until('all nodes keep one leader', async () => {
    const status = (node: LabNode): Promise<{ leader?: string } | null> =>
      post<{ leader?: string }>(`${node.url}/v3/maintenance/status`, {}).catch(() => null);
    const named = new Set((await Promise.all(nodes.map(status))).map((answer) => answer?.leader ?? null));
    const [one = null] = named.size === 1 ? named : [];
    if (one === null || one !== leader) sinceMs = performance.now();
    leader = one;
    return one !== null && performance.now() - sinceMs >= 500 ? one : null;
  });
}

export const put = (node: LabNode, key: string, value: string): Promise<unknown> =>
  post(`${node.url}/v3/kv/put`, { key: encode(key), value: encode(value) });

/** The lab's nodes as a user's own: the same processes, with other addresses or another way to start them. */
export function ownNodes(
  home: CliHome,
  change: (node: LabRecordNode) => Partial<LabRecordNode> = () => ({}),
): Readonly<Record<string, unknown>> {
  const record: { nodes: LabRecordNode[] } = JSON.parse(
    readFileSync(join(home.state, 'labs/antietcd-3/lab.json'), 'utf8'),
  );
  const nodes = record.nodes.map((node) => {
    const { name, url, start, cwd, data } = { ...node, ...change(node) };
    return { name, url, start, cwd, data, argument: data };
  });
  return { registry: 'etcd', driver: 'process', nodes };
}

export interface LabRecordNode {
  readonly name: string;
  readonly url: string;
  readonly start: readonly string[];
  readonly cwd: string;
  readonly data: string;
}

export function folder(...parts: readonly string[]): string {
  const path = join(...parts);
  mkdirSync(path, { recursive: true });
  return path;
}
