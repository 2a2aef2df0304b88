/** Access lists and the change feed, held against a client of other people. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from 'node-zookeeper-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { invariant } from '../../../src/core/errors.js';
import type { Registry } from '../../../src/core/registry.js';
import type { AccessAbility, AccessRule, ChangeNews } from '../../../src/core/registry-abilities.js';
import { zookeeper } from '../../../src/registries/zookeeper/index.js';
import { missingLab, type StartedLab, startLab } from '../../support/cluster.js';
import { heal, nodeNamed, ok } from '../contract/tools.js';

const LIMIT = { limitMs: 3_000 };
const NO_AUTH = -102;
const missing = missingLab('zookeeper-3');

describe.skipIf(missing !== null)(`access lists and changes of ZooKeeper ${missing ?? ''}`, () => {
  let lab: StartedLab;
  let dir: string;
  let alice: Registry;
  let access: AccessAbility;
  const plain: Client[] = [];
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'firedrill-rules-'));
    const credentials = join(dir, 'alice.yaml');
    writeFileSync(credentials, 'user: alice\npassword: secret\n');
    lab = await startLab('zookeeper-3', 23_700);
    alice = zookeeper.connect({ ...lab.cluster.binding, access: { credentials } });
    invariant(alice.access, 'it has access lists');
    access = alice.access;
  });
  afterAll(async () => {
    for (const client of plain) client.close();
    alice?.close();
    await lab?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function plainClient(user?: string): Promise<Client> {
    const host = new URL(nodeNamed(lab.cluster, 'n2').url).host;
    const client = createClient(host, { sessionTimeout: 8_000, spinDelay: 50, retries: 0 });
    plain.push(client);
    await new Promise<void>((resolve) => {
      client.once('connected', resolve);
      client.connect();
    });
    if (user !== undefined) client.addAuthInfo('digest', Buffer.from(user));
    return client;
  }
  /** The code of the refusal; 0 = it was done. */
  const code = (ask: (done: (error: { getCode: () => number } | null) => void) => void): Promise<number> =>
    new Promise((resolve) => ask((error) => resolve(error === null ? 0 : error.getCode())));
  const listOf = (client: Client, path: string): Promise<readonly unknown[]> =>
    new Promise((resolve, reject) => client.getACL(path, (error, list) => (error ? reject(error) : resolve(list))));
  const create = (client: Client, path: string): Promise<number> =>
    code((done) => client.create(path, Buffer.from('v'), 0, done));
  const read = (client: Client, path: string): Promise<number> => code((done) => client.getData(path, done));

  test('an open registry has no rules to lose', async () => {
    expect(await access.rules('n1', LIMIT)).toEqual({ outcome: 'ok', value: [] });
  });

  test('rules are listed, taken from everybody, and put back exactly', async () => {
    const guard: readonly AccessRule[] = [
      { subject: 'auth:', resource: '/services', rights: 'cdrwa' },
      { subject: 'world:anyone', resource: '/services', rights: 'r' },
    ];
    // The plain clients are on n2: it shows them what was acknowledged through it.
    ok(await access.putBack('n2', guard, LIMIT));
    ok(await alice.client('n2').register({ service: 'guarded', instance: 'i', value: 'v' }, LIMIT));
    const anybody = await plainClient();
    const owner = await plainClient('alice:secret');
    const paths = ['/services', '/services/guarded', '/services/guarded/i'];
    const before = await Promise.all(paths.map((path) => listOf(owner, path)));
    expect(before[2]).toEqual(before[0]);
    expect(await create(anybody, '/services/x')).toBe(NO_AUTH);
    expect(await read(anybody, '/services/guarded/i')).toBe(0);

    const rules = ok(await access.rules('n3', LIMIT));
    const told = rules.filter(({ resource }) => resource === '/services/guarded/i');
    expect(told.map(({ subject, rights }) => `${subject.replace(/[^:]{20,}$/, 'HASH')} ${rights}`)).toEqual([
      'digest:alice:HASH cdrwa',
      'world:anyone r',
    ]);
    ok(await access.takeAway('n2', rules, LIMIT));
    for (const client of [anybody, owner]) {
      expect(await read(client, '/services/guarded/i')).toBe(NO_AUTH);
      expect(await create(client, '/services/guarded/x')).toBe(NO_AUTH);
    }
    expect(await alice.client('n2').discover('guarded', LIMIT)).toMatchObject({ outcome: 'failed' });
    ok(await access.takeAway('n2', rules, LIMIT));

    ok(await access.putBack('n2', rules, LIMIT));
    expect(await Promise.all(paths.map((path) => listOf(owner, path)))).toEqual(before);
    ok(await access.putBack('n3', rules, LIMIT));
    expect(ok(await access.rules('n1', LIMIT))).toEqual(rules);
    expect(ok(await alice.client('n1').discover('guarded', LIMIT))).toHaveLength(1);
  });

  test('somebody without the right to administer neither takes rules nor shows hashes that could be put back', async () => {
    const { access: anybodys } = lab.cluster.registry;
    invariant(anybodys, 'it has access lists');
    const rules = ok(await anybodys.rules('n1', LIMIT));
    expect(rules.map(({ subject }) => subject)).toContain('digest:alice:x');
    const before = ok(await access.rules('n1', LIMIT));
    expect(await anybodys.takeAway('n1', rules, LIMIT)).toMatchObject({ outcome: 'failed', reason: /admin/ });
    const own = rules.filter(({ subject, resource }) => subject === 'world:anyone' && resource === '/services');
    expect(await anybodys.takeAway('n1', own, LIMIT)).toMatchObject({ outcome: 'failed' });
    expect(ok(await access.rules('n1', LIMIT))).toEqual(before);
  });

  test('changes are told in order, with what came of them; a lost connection is a gap', async () => {
    const { changes } = alice;
    invariant(changes, 'it has a change feed');
    const stop = new AbortController();
    const news: ChangeNews[] = [];
    const following = (async () => {
      for await (const one of changes.follow('n3', 1, stop.signal)) news.push(one);
    })();
    const kinds = () => news.map(({ news: kind }) => kind);
    await expect.poll(kinds).toEqual(['gap']);
    const owner = await plainClient('alice:secret');
    // The watch may still be on its way.
    await expect
      .poll(async () => {
        ok(await alice.client('n1').register({ service: 'beacon', instance: 'b', value: `${news.length}` }, LIMIT));
        return news.length > 1;
      })
      .toBe(true);
    const from = news.length;
    const mine = () =>
      news.slice(from).filter((one) => ('entry' in one ? one.entry.service === 'fed' : 'service' in one));
    ok(await alice.client('n1').register({ service: 'fed', instance: 'i', value: 'one' }, LIMIT));
    await expect.poll(mine).toHaveLength(1);
    await code((done) => owner.setData('/services/fed/i', Buffer.from('two'), -1, done));
    await expect.poll(mine).toHaveLength(2);
    await code((done) => owner.remove('/services/fed/i', -1, done));
    await expect.poll(mine).toHaveLength(3);
    expect(mine()).toMatchObject([
      { news: 'put', entry: { service: 'fed', instance: 'i', value: 'one', leased: false } },
      { news: 'put', entry: { value: 'two' } },
      { news: 'removed', service: 'fed', instance: 'i' },
    ]);
    const revisions = mine().map((one) => ('revision' in one ? one.revision : 0));
    expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
    expect(new Set(revisions).size).toBe(3);

    const { driver } = lab.cluster;
    await driver.signal(nodeNamed(lab.cluster, 'n3'), 'SIGKILL');
    await expect.poll(() => kinds().slice(from)).toContain('gap');
    await heal({ ...lab.cluster, registry: alice });
    await expect
      .poll(
        async () => {
          ok(await alice.client('n1').register({ service: 'again', instance: 'i', value: `${news.length}` }, LIMIT));
          return news.some((one) => 'entry' in one && one.entry.service === 'again');
        },
        { timeout: 10_000 },
      )
      .toBe(true);
    stop.abort();
    await following;
  });
});
