/** The contract on servers that want TLS, certificates and a password; and what they say to whoever has none. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessFiles } from '../../src/core/access.js';
import type { Answer } from '../../src/core/registry.js';
import { zookeeper } from '../../src/registries/zookeeper/index.js';
import { ZOOKEEPER_38_LIB } from '../setup/zookeeper.js';
import { missingLab } from '../support/cluster.js';
import { type Secured, startSecured } from '../support/secured-zookeeper.js';
import { ok } from './contract/tools.js';
import { registryContract } from './contract.js';

const LIMIT = { limitMs: 3_000 };
const missing = missingLab('zookeeper-3');

registryContract('ZooKeeper 3.9 with TLS and access lists', missing, () => startSecured(23_500));

registryContract(
  'ZooKeeper 3.8 with TLS and access lists',
  process.env.FIREDRILL_MISSING_ZOOKEEPER_38 ?? null,
  () => startSecured(23_550, { ...process.env, FIREDRILL_ZOOKEEPER_LIB: ZOOKEEPER_38_LIB }),
  { copies: false },
);

describe.skipIf(missing !== null)(`who may not ${missing ?? ''}`, () => {
  let secured: Secured;
  beforeAll(async () => {
    secured = await startSecured(23_600);
  });
  afterAll(() => secured?.stop());

  /** What somebody with these files is told when he registers, lists, and asks for the status. */
  async function told(files: AccessFiles, scheme?: string): Promise<readonly Answer<unknown>[]> {
    const { registry, binding } = secured.as(files, scheme);
    try {
      const client = registry.client('n1');
      const entry = { service: 'order-service', instance: 'intruder', value: 'v' };
      // By the client port alone: the AdminServer has a door of its own.
      const nodes = binding.nodes.map(({ adminUrl: _, ...node }) => node);
      const identified = await zookeeper.identify(nodes, { ...LIMIT, access: files }).then(
        (): Answer<unknown> => ({ outcome: 'ok', value: null }),
        (error: Error): Answer<unknown> => ({ outcome: 'failed', reason: error.message }),
      );
      return [await client.register(entry, LIMIT), await client.discover('order-service', LIMIT), identified];
    } finally {
      registry.close();
    }
  }
  const refused = (words: RegExp) => ({ outcome: 'failed', reason: expect.stringMatching(words) });

  test('a wrong password and no password at all are told apart, in a sentence', async () => {
    const { access } = secured;
    const wrong = join(dirname(access.ca), 'wrong.yaml');
    writeFileSync(wrong, 'user: alice\npassword: guessed\n');
    const [write, read] = await told({ ...access, credentials: wrong });
    expect([write, read]).toEqual([refused(/do not allow it to alice with this password/), refused(/alice/)]);
    expect(JSON.stringify([write, read])).not.toContain('guessed');
    const { credentials: _, ...anybody } = access;
    expect((await told(anybody)).slice(0, 2)).toEqual([refused(/just anybody.*credentials/), refused(/just anybody/)]);
  });

  test('plain words, no certificate, and an authority we do not know: each a sentence, nothing is applied', async () => {
    const { access } = secured;
    const plain = refused(/speaks TLS only.*zookeepers:/);
    expect(await told({}, 'zookeeper')).toEqual([plain, plain, plain]);
    const bare = refused(/refuses TLS with us.*cert/);
    expect(await told({ ca: access.ca })).toEqual([bare, bare, bare]);
    const stranger = refused(/unable to verify/);
    expect(await told({ cert: access.cert, key: access.key })).toEqual([stranger, stranger, stranger]);
    const held = ok(await secured.cluster.registry.client('n2').discover('order-service', LIMIT));
    expect(held.map(({ instance }) => instance)).not.toContain('intruder');
  });

  test('what we make has the rules of its folder', async () => {
    const { registry } = secured.cluster;
    ok(await registry.client('n1').register({ service: 'fresh', instance: 'i', value: 'v' }, LIMIT));
    const rules = ok((await registry.access?.rules('n2', LIMIT)) ?? { outcome: 'unknown', reason: 'no ability' });
    const of = (path: string) =>
      rules.filter(({ resource }) => resource === path).map(({ subject, rights }) => `${subject} ${rights}`);
    expect(of('/services/fresh/i')).toEqual(of('/services'));
    expect(of('/services')).toEqual([expect.stringMatching(/^digest:alice:\S+= cdrwa$/)]);
  });
});
