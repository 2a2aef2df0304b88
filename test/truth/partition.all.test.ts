/**
 * The leader cut off from its peers, in containers, while somebody else writes to every node too: what the cut node takes is
 * nothing, what the others took is on every node afterwards, and the ledger is what etcdctl reads.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectPassed } from '../drills/passes.js';
import type { LabNode } from '../drills/scene.js';
import { type CliHome, cliHome, repo } from '../support/cli.js';
import { AUDIT_STEP, audited, expectSameLedger } from './audited.js';
import { etcdCopy } from './own-copy.js';
import { post } from './plain-node.js';
import { decode, encode } from './read-lies.js';

const missing = process.env.FIREDRILL_MISSING_DOCKER ?? process.env.FIREDRILL_MISSING_ETCD ?? null;
const LIMIT_MS = 180_000;
const EVERY_MS = 40;
const ANSWER_WITHIN_MS = 1_000;
const PREFIX = '/outside/';

/** One write of a key of its own. CLOCK_MONOTONIC, ms. */
interface Put {
  readonly key: string;
  readonly node: string;
  readonly sentMs: number;
  readonly endedMs: number;
  readonly ok: boolean;
}

describe.skipIf(missing !== null)(`a cut between the leader and the others ${missing ?? ''}`, () => {
  let home: CliHome;
  beforeAll(() => {
    process.env.FIREDRILL_IMAGE_ETCD ??= process.env.FIREDRILL_TEST_IMAGE_ETCD;
    home = cliHome(26_960);
  });
  afterAll(() => home?.dispose());

  test(
    'the old leader acknowledges nothing to anybody; nothing that the others acknowledged is missing anywhere',
    async () => {
      const up = await home.run('lab', 'up', 'etcd-3', '--driver', 'docker', '--json');
      expect(up.code, up.stderr).toBe(0);
      const { nodes }: { readonly nodes: readonly LabNode[] } = JSON.parse(up.stdout);
      const text = readFileSync(join(repo, 'drills/etcd-leader-partitioned.drill.yaml'), 'utf8');
      const drill = text.replace('  verify:\n', `  verify:\n    ${AUDIT_STEP}\n`).replace('lease: 6s', 'lease: 30s');
      const writer = outsideWriter(nodes);
      const seen = await audited(home, drill, { nodes, copyOf: etcdCopy });
      const puts = await writer.stop();
      const { run } = seen;
      const [cut = ''] = run.result.faults[0]?.targets ?? [];
      expectPassed(run, {
        faults: [{ step: 'cut-leader', name: 'network.partition', targets: [cut] }],
        recoveryMs: [300, 5_000],
      });
      expectSameLedger(seen);
      expect(seen.opinion).toMatchObject({ lost: [], outdated: [], resurrected: [] });
      const origin = run.of('run.opened')[0]?.clockOriginMs ?? Number.NaN;
      const onMs = origin + (run.of('fault.confirmed')[0]?.observedMs ?? Number.NaN);
      const offMs = origin + (run.of('step.started').find(({ step }) => step === 'reconnect')?.ms ?? Number.NaN);
      const meanwhile = puts.filter(({ sentMs, endedMs }) => sentMs > onMs && endedMs < offMs);
      const toCut = meanwhile.filter(({ node }) => node === cut);
      expect(toCut.length).toBeGreaterThan(30);
      expect(toCut.filter(({ ok }) => ok)).toEqual([]);
      expect(meanwhile.filter(({ node, ok }) => node !== cut && ok).length).toBeGreaterThan(50);
      const taken = puts.filter(({ ok }) => ok).map(({ key }) => key);
      for (const { name, url } of nodes) {
        const held = await keysOn(url);
        expect(
          taken.filter((key) => !held.has(key)),
          name,
        ).toEqual([]);
        // Not even later: what the old leader alone had taken in was thrown away when it followed.
        expect(toCut.filter(({ key, endedMs }) => endedMs < offMs - ANSWER_WITHIN_MS && held.has(key))).toEqual([]);
      }
      expect((await home.run('lab', 'down', 'etcd-3')).code).toBe(0);
    },
    LIMIT_MS,
  );
});

/** To each node in turn, whatever became of the write before. */
function outsideWriter(nodes: readonly LabNode[]): { readonly stop: () => Promise<readonly Put[]> } {
  const puts: Promise<Put>[] = [];
  const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
  const put = async ({ name, url }: LabNode, n: number): Promise<Put> => {
    const key = `${PREFIX}${n}`;
    const sentMs = nowMs();
    const body = JSON.stringify({ key: encode(key), value: encode(String(n)) });
    const ok = await fetch(`${url}/v3/kv/put`, { method: 'POST', body, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
      .then(async (answer) => answer.ok && (await answer.text()).includes('revision'))
      .catch(() => false);
    return { key, node: name, sentMs, endedMs: nowMs(), ok };
  };
  const timer = setInterval(() => {
    const node = nodes[puts.length % nodes.length];
    if (node !== undefined) puts.push(put(node, puts.length));
  }, EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return Promise.all(puts);
    },
  };
}

async function keysOn(url: string): Promise<ReadonlySet<string>> {
  const range = { key: encode(PREFIX), range_end: encode('/outside0'), serializable: true, keys_only: true };
  const { kvs = [] }: { kvs?: readonly { readonly key: string }[] } = await post(`${url}/v3/kv/range`, range);
  return new Set(kvs.map(({ key }) => decode(key)));
}
