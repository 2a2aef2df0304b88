/** The drills that cut containers off from each other, and their variants that must miss. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, said } from '../support/cli.js';
import { hostRules } from '../support/host-rules.js';
import { encode } from '../truth/read-lies.js';
import { expectMissed } from './misses.js';
import { ON_DOCKER } from './on-docker.js';
import { expectPassed } from './passes.js';
import * as scene from './scene.js';

const missing = process.env.FIREDRILL_MISSING_DOCKER ?? process.env.FIREDRILL_MISSING_ETCD ?? null;
const LIMIT_MS = 150_000;
const BASE_PORT = 24_300;
const docker = (...args: readonly string[]): string => execFileSync('docker', args, { encoding: 'utf8' }).trim();
const held = (): readonly string[] => [
  docker('ps', '-a', '--filter', `name=${BASE_PORT}`, '--format', '{{.Names}}'),
  docker('ps', '-a', '--filter', 'label=firedrill.helper', '--format', '{{.Names}}'),
  docker('network', 'ls', '--filter', `name=${BASE_PORT}`, '--format', '{{.Name}}'),
  hostRules(),
];

describe.skipIf(missing !== null)(`shipped drills on etcd-3 in containers ${missing ?? ''}`, () => {
  let home: CliHome;
  let before: readonly string[] = [];
  beforeAll(() => {
    before = held();
    process.env.FIREDRILL_IMAGE_ETCD ??= process.env.FIREDRILL_TEST_IMAGE_ETCD;
    home = cliHome(BASE_PORT);
  });
  afterAll(() => home?.dispose());

  const up = async (): Promise<readonly scene.LabNode[]> => {
    const { stdout } = await home.run('lab', 'up', 'etcd-3', '--driver', 'docker', '--json');
    const { nodes }: { nodes: scene.LabNode[] } = JSON.parse(stdout);
    return nodes;
  };
  const put = ({ url }: scene.LabNode): Promise<boolean> =>
    fetch(`${url}/v3/kv/put`, {
      method: 'POST',
      body: JSON.stringify({ key: encode('/prober/x'), value: encode('y') }),
      signal: AbortSignal.timeout(800),
    }).then(
      ({ ok }) => ok,
      () => false,
    );
  /** Runs it on a lab that stays up, and writes to every node while some are cut off. */
  async function cutOff(name: string, watching: string) {
    const nodes = await up();
    const leader = await scene.leaderOf('etcd-3', nodes);
    const content = await scene.contentOf('etcd-3', nodes);
    const started = home.start(['run', `drills/${name}.drill.yaml`, '--out', home.reports, '--no-input']);
    await said(started, `→ ${watching}`);
    const took = await Promise.all(nodes.map(async (node) => ((await put(node)) ? [node.name] : [])));
    const run = scene.readRun(await started.ended, home);
    expect(await scene.contentOf('etcd-3', nodes)).toEqual(content);
    expect((await up()).map(({ pid }) => pid)).toEqual(nodes.map(({ pid }) => pid));
    return { run, leader, took: took.flat(), names: nodes.map(({ name: node }) => node) };
  }

  test(
    'etcd-leader-partitioned: the others elect a leader; the old one acknowledges nothing, though clients reach it',
    async () => {
      const { run, leader, took, names } = await cutOff('etcd-leader-partitioned', 'watch-without-leader');
      expect(took).toEqual(names.filter((name) => name !== leader));
      expectPassed(run, {
        faults: [{ step: 'cut-leader', name: 'network.partition', targets: [leader] }],
        recoveryMs: [300, 5_000],
      });
      expectNothingFrom(run, leader);
    },
    LIMIT_MS,
  );

  test(
    'etcd-minority-partitioned: the majority serves on under the same leader',
    async () => {
      const { run, leader, took, names } = await cutOff('etcd-minority-partitioned', 'watch-without-follower');
      const [cut = ''] = run.result.faults[0]?.targets ?? [];
      expect(cut).not.toBe(leader);
      expect(took).toEqual(names.filter((name) => name !== cut));
      expectPassed(run, {
        faults: [{ step: 'cut-follower', name: 'network.partition', targets: [cut] }],
        recoveryMs: [-1, 5_000],
      });
      expectNothingFrom(run, cut);
    },
    LIMIT_MS,
  );

  test('and when the lab goes down, no container, network or packet rule is left', async () => {
    expect((await home.run('lab', 'down', 'etcd-3')).code).toBe(0);
    expect(held()).toEqual(before);
  });

  test.each(ON_DOCKER)(
    '%s: the variant that must miss does, on a lab of its own, and leaves nothing',
    async (name) => {
      await expectMissed(home, name);
      expect(held()).toEqual(before);
    },
    LIMIT_MS,
  );
});

/** By the journal: from the confirmation to the healing, that node acknowledged no write. */
function expectNothingFrom({ of }: scene.DrillRun, node: string): void {
  const on = of('fault.confirmed')[0]?.observedMs ?? Number.NaN;
  const off = of('step.started').find(({ step }) => step === 'reconnect')?.ms ?? Number.NaN;
  const writes = of('attempt').filter(
    ({ op, issuedMs, endedMs }) => (op === 'register' || op === 'deregister') && issuedMs > on && endedMs < off,
  );
  expect(writes.length).toBeGreaterThan(50);
  expect(writes.filter((write) => write.node === node && write.outcome === 'ok')).toEqual([]);
}
