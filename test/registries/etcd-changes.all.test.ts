/** The feed of changes and the lists in pages, on real etcd: nothing twice, nothing left out, and a gap is told. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock as clock, pollUntil } from '../../src/core/clock.js';
import { invariant } from '../../src/core/errors.js';
import type { NodeClient } from '../../src/core/registry.js';
import type { ChangeNews, ChangesAbility } from '../../src/core/registry-abilities.js';
import { missingLab, type StartedLab, startLab } from '../support/cluster.js';
import { post } from '../truth/plain-node.js';
import { encode } from '../truth/read-lies.js';
import { ok } from './contract/tools.js';

const LIMIT = { limitMs: 5_000 };
const why = missingLab('etcd-3');

describe.skipIf(why !== null)(`etcd's changes and pages${why === null ? '' : `: ${why}`}`, () => {
  let lab: StartedLab;
  beforeAll(async () => {
    lab = await startLab('etcd-3', 24_540);
  });
  afterAll(() => lab?.stop());

  const client = (node = 'n1'): NodeClient => lab.cluster.registry.client(node);
  const urlOf = (node: string): string => lab.cluster.binding.nodes.find(({ name }) => name === node)?.url ?? '';
  const feed = (): ChangesAbility => {
    const { changes } = lab.cluster.registry;
    invariant(changes, 'etcd has a feed of changes');
    return changes;
  };
  const nextRevision = async (): Promise<number> => ok(await client().status(LIMIT)).revision + 1;

  function follow(node: string, from: number | null) {
    const stop = new AbortController();
    const seen: ChangeNews[] = [];
    const ended = (async () => {
      for await (const news of feed().follow(node, from, stop.signal)) seen.push(news);
    })();
    return {
      seen,
      ended,
      until: (done: () => boolean) => pollUntil(async () => done(), Boolean, { clock, withinMs: 10_000, everyMs: 20 }),
      stop: async () => {
        stop.abort();
        await ended;
      },
    };
  }

  test('every write under load appears exactly once and in order, on every node', async () => {
    const from = await nextRevision();
    const feeds = ['n1', 'n2', 'n3'].map((node) => follow(node, from));
    const written: string[] = [];
    const writer = async (service: string): Promise<void> => {
      for (let n = 0; n < 300; n += 1) {
        const entry = { service, instance: `i${n % 7}`, value: `${service} ${n} “中文”` };
        ok(await client(`n${(n % 3) + 1}`).register(entry, LIMIT));
        written.push(entry.value);
        if (n % 10 === 9) ok(await client().deregister(entry, LIMIT));
      }
    };
    await Promise.all([writer('feed-a'), writer('feed-b')]);
    for (const { seen, until, stop } of feeds) {
      await until(() => seen.length >= 660);
      await stop();
      const puts = seen.flatMap((news) => (news.news === 'put' ? [news.entry.value] : []));
      expect(puts.toSorted()).toEqual(written.toSorted());
      for (const service of ['feed-a', 'feed-b']) {
        const own = puts.filter((value) => value.startsWith(service)).map((value) => Number(value.split(' ')[1]));
        expect(own).toEqual(Array.from({ length: 300 }, (_, n) => n));
      }
      expect(seen.filter(({ news }) => news === 'removed')).toHaveLength(60);
      const revisions = seen.map((news) => (news.news === 'gap' ? -1 : news.revision));
      expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b));
      expect(seen.filter(({ news }) => news === 'gap')).toEqual([]);
    }
  });

  test('is taken up again from any revision; nothing of other keys is told', async () => {
    const from = await nextRevision();
    ok(await client().register({ service: 'again', instance: 'a', value: '1' }, LIMIT));
    ok(await client().putSetting({ name: 'heartbeat', value: '30s' }, LIMIT));
    ok(await client().deregister({ service: 'again', instance: 'a' }, LIMIT));
    for (const [start, count] of [
      [from, 2],
      [from + 1, 1],
    ] as const) {
      const { seen, until, stop } = follow('n2', start);
      await until(() => seen.length >= count);
      // Longer than an idle connection is kept: the feed must not end by itself.
      await clock.sleep(3_500);
      await stop();
      expect(seen.map(({ news }) => news)).toEqual(['put', 'removed'].slice(-count));
    }
  });

  test('a compacted revision is told as a gap, and so is the end of the node', async () => {
    const from = await nextRevision();
    for (let n = 0; n < 3; n += 1) ok(await client().register({ service: 'old', instance: 'a', value: `${n}` }, LIMIT));
    await post(`${urlOf('n1')}/v3/kv/compaction`, { revision: from + 2, physical: true });
    const old = follow('n1', from);
    await old.ended;
    expect(old.seen).toEqual([
      { news: 'gap', reason: expect.stringContaining(`before revision ${from + 2} has been`) },
    ]);

    const node = lab.cluster.binding.nodes.find(({ name }) => name === 'n3');
    invariant(node, 'there is a node n3');
    const live = follow('n3', from + 2);
    await live.until(() => live.seen.length === 1);
    await lab.cluster.driver.signal(node, 'SIGKILL');
    await live.ended;
    expect(live.seen.map(({ news }) => news)).toEqual(['put', 'gap']);
    await lab.cluster.driver.start(node);
  });

  test('100,000 instances are listed whole, as they were at one revision, while clients go on writing', async () => {
    const COUNT = 100_000;
    const BATCH = 125;
    const put = (n: number) => ({
      request_put: { key: encode(`/services/many-${n % 10}/${String(n).padStart(6, '0')}`), value: encode(`v${n}`) },
    });
    const batches = Array.from({ length: COUNT / BATCH }, (_, b) => b);
    const sender = async (): Promise<void> => {
      for (let b = batches.shift(); b !== undefined; b = batches.shift()) {
        const first = b * BATCH;
        const success = Array.from({ length: BATCH }, (_, i) => put(first + i));
        await post(`${urlOf('n1')}/v3/kv/txn`, { success });
      }
    };
    await Promise.all(Array.from({ length: 8 }, sender));
    let writing = true;
    let moment = 0;
    // The first and the last key change together: a list of two moments would tell them apart.
    const writeBoth = (): Promise<unknown> => {
      const value = encode(`moment ${moment++}`);
      const success = ['/services/a/first', '/services/zz/last'].map((key) => ({
        request_put: { key: encode(key), value },
      }));
      return post(`${urlOf('n2')}/v3/kv/txn`, { success });
    };
    await writeBoth();
    for (const node of ['n1', 'n2', 'n3']) ok(await client(node).discover('zz', LIMIT));
    const writer = (async () => {
      while (writing) {
        await writeBoth();
        await clock.sleep(10);
      }
    })();
    try {
      for (const node of ['n1', 'n2', 'n3']) {
        const own = ok(await client(node).listOwn({ limitMs: 20_000 }));
        const many = own.filter(({ service, instance }) => service.startsWith('many-') && instance.length === 6);
        expect(many).toHaveLength(COUNT);
        expect(new Set(many.map(({ service, instance }) => `${service}/${instance}`)).size).toBe(COUNT);
        const ends = own.filter(({ value }) => value.startsWith('moment')).map(({ value }) => value);
        expect(ends).toHaveLength(2);
        expect(ends[0]).toBe(ends[1]);
      }
      expect(ok(await client('n2').discover('many-7', { limitMs: 20_000 }))).toHaveLength(COUNT / 10);
    } finally {
      writing = false;
      await writer;
    }
  }, 120_000);
});
