/** `readiness --target` on real etcd, beside the archive of another product and one of another cluster. */
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { formatLabel, labelName, parseLabel } from '../../src/core/archive-label.js';
import type { Readiness } from '../../src/readiness/index.js';
import { type CliHome, cliHome, repo } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import { post } from '../truth/plain-node.js';
import { encode } from '../truth/read-lies.js';

const PORT = 19_300;
const LIMIT_MS = 120_000;
const ETCD = ['--target', 'lab:etcd-3'];
const OTHER = ['--target', 'lab:antietcd-3'];

let home: CliHome;
let tier = '';
let plan = '';
/** Of a node of etcd, whose lab is started last. */
let url = '';

const why = missingLab('etcd-3');
describe.skipIf(why !== null)(`a target among others ${why ?? ''}`, () => {
  beforeAll(async () => {
    home = cliHome(PORT);
    tier = join(home.dir, 'tier');
    plan = join(home.dir, 'plan.yaml');
    mkdirSync(tier);
    const builtIn = parse(readFileSync(join(repo, 'templates/recovery-plan.yaml'), 'utf8'));
    const local = { ...builtIn.tiers.local, place: './tier' };
    writeFileSync(plan, stringify({ ...builtIn, encryption: { none: 'a test' }, tiers: { local } }));
    for (const lab of ['antietcd-3', 'etcd-3']) {
      const up = await home.run('lab', 'up', lab, '--driver', 'process', '--json');
      expect(up.code, up.stderr).toBe(0);
      url = JSON.parse(up.stdout).nodes[0].url;
    }
  }, LIMIT_MS);
  afterAll(() => home?.dispose());

  const readiness = (...more: readonly string[]) =>
    home.run('readiness', '--plan', plan, '--out', home.reports, ...more);
  async function found(...more: readonly string[]): Promise<Readiness> {
    const { stdout, stderr } = await readiness('--json', ...more);
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout);
  }
  const answers = ({ answers: given }: Readiness, ...numbers: readonly number[]) =>
    numbers.map((number) => given.find((each) => each.number === number)?.answer);

  async function backup(...args: readonly string[]): Promise<string> {
    const made = await home.run('backup', 'full', ...args, '--to', tier, '--json');
    expect(made.code, made.stderr).toBe(0);
    return JSON.parse(made.stdout).path;
  }

  async function verifiedBackup(...args: readonly string[]): Promise<string> {
    const path = await backup(...args);
    expect((await home.run('backup', 'verify', path, '--out', home.reports)).code).toBe(0);
    return path;
  }

  test(
    'the archive of another product, or of another cluster, is told and does not count',
    async () => {
      await verifiedBackup(...OTHER);
      const all = await found();
      expect([all.target, ...answers(all, 2)]).toEqual([null, 'yes']);

      const none = await found(...ETCD);
      expect(answers(none, 1, 2, 3, 8)).toEqual(['no', 'unknown', 'no', 'unknown']);
      expect(none.target).toMatchObject({ product: 'etcd', clusterId: expect.stringMatching(/^[0-9a-f]+$/) });
      expect(none.target?.leftOut).toMatchObject([{ what: 'archives', product: 'antietcd', count: 1 }]);

      const own = labelName(await verifiedBackup(...ETCD));
      expect(answers(await found(...ETCD), 2)).toEqual(['yes']);
      expect(answers(await found(...OTHER), 2)).toEqual(['yes']);

      const label = readFileSync(own, 'utf8');
      writeFileSync(own, formatLabel({ ...parseLabel(label), cluster_id: 'f00d' }));
      expect(answers(await found(...ETCD), 2)).toEqual(['unknown']);
      const { stdout } = await readiness(...ETCD, '--lang', 'en');
      expect(stdout).toMatch(/1 archives of antietcd do not count .*\n.*1 archives of cluster f00d do not count: /);

      // Without a label its manifest tells whose it is.
      rmSync(own);
      expect(answers(await found(...ETCD), 2)).toEqual(['yes']);
      writeFileSync(own, label);
    },
    LIMIT_MS,
  );

  test(
    'what it holds now stands beside its newest backup: one of an empty registry is no backup of it',
    async () => {
      const put = (name: string, more: object = {}) =>
        post(`${url}/v3/kv/put`, { key: encode(`/services/orders/${name}`), value: encode('{}'), ...more });
      const { ID } = await post<{ ID: string }>(`${url}/v3/lease/grant`, { TTL: 60 });
      await post(`${url}/v3/kv/deleterange`, { key: encode('/'), range_end: encode('0') });
      await backup(...ETCD, '--empty-is-right');
      await put('leased', { lease: ID });
      for (const name of ['one', 'two', 'three']) await put(name);

      const emptied = await found(...ETCD);
      expect(emptied.target).toMatchObject({ services: 1, instances: 4, durable: 3, leader: true });
      expect(answers(emptied, 8)).toEqual(['no']);
      expect(emptied.forecasts.map(({ held }) => held)).toEqual([{ now: 3, archive: 0 }]);

      await backup(...ETCD);
      await put('four');
      const { stdout } = await readiness(...ETCD, '--lang', 'en');
      expect(stdout).toContain('the registry now holds 4 durable instances, the newest backup 3');
    },
    LIMIT_MS,
  );

  test(
    'a run on another product, and the issues that only such runs have shown, are none of its own',
    async () => {
      const sample = join(repo, 'reports/sample');
      const { runId, startedAt, endedAt, issues } = JSON.parse(readFileSync(join(sample, 'result.json'), 'utf8'));
      cpSync(sample, join(home.reports, runId), { recursive: true });
      expect(answers(await found(...OTHER), 6, 14)).toEqual(['yes', 'yes']);
      const none = await found(...ETCD);
      expect(answers(none, 6, 14)).toEqual(['unknown', 'unknown']);
      expect(none.target?.leftOut).toContainEqual(
        expect.objectContaining({ what: 'runs', product: 'antietcd', count: 1 }),
      );

      const sees = (run: string, id: string): void => {
        const issue = { ...issues[0], id, due: '2026-01-01T00:00:00Z' };
        const seen = { type: 'seen', runId: run, drillId: 'd', startedAt, endedAt, issue };
        appendFileSync(join(home.reports, 'issues.jsonl'), `${JSON.stringify(seen)}\n`);
      };
      sees(runId, 'FD-1');
      expect(answers(await found(...OTHER), 14)).toEqual(['no']);
      expect(answers(await found(...ETCD), 14)).toEqual(['unknown']);
      // Its folder is gone: it may have been on this registry.
      sees('gone', 'FD-2');
      expect(answers(await found(...ETCD), 14)).toEqual(['no']);
    },
    LIMIT_MS,
  );

  test(
    'one that does not answer is refused as by `backup`, and nothing is answered without it',
    async () => {
      const down = join(home.dir, 'down.yaml');
      const nobody = [{ name: 'n1', url: `http://127.0.0.1:${PORT + 290}` }];
      const silent = { registry: 'etcd', driver: 'command', commands: { status: ['true'] }, nodes: nobody };
      writeFileSync(down, stringify({ target: silent }));
      const wants = [
        [down, /^error: none of the 1 nodes told what it is.*\n {2}next: Check that the nodes run/],
        ['lab:zookeeper-3', /^error: Lab zookeeper-3 is not up\.\n {2}next: Start it/],
      ] as const;
      for (const [target, error] of wants) {
        const { code, stdout, stderr } = await readiness('--target', target, '--json');
        expect([code, stdout]).toEqual([4, '']);
        expect(stderr).toMatch(error);
        expect((await home.run('backup', 'full', '--target', target, '--to', tier)).stderr).toBe(stderr);
      }
      expect((await readiness('--target', join(home.dir, 'nowhere.yaml'))).code).toBe(2);
    },
    LIMIT_MS,
  );
});
