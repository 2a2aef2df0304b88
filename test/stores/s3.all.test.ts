import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import type { Store, StorePlace } from '../../src/core/store.js';
import { stores } from '../../src/stores/index.js';
import { missingS3 } from '../setup/s3.js';
import { type S3Server, s3Server } from '../support/s3-server.js';
import { storeContract } from './contract.js';
import { cutOffAt, readAll, someBytes, sourceOf } from './material.js';

const MIB = 1024 * 1024;

type S3Place = StorePlace & { readonly kind: 's3' };

const openS3 = (place: S3Place, env: Readonly<Record<string, string>>): Store => {
  const driver = stores.find('s3');
  if (driver === undefined) throw new Error('there is no store of kind s3');
  return driver.open(place, { clock: systemClock, env });
};

const placeAt = ({ endpoint }: { readonly endpoint: string }, bucket: string, prefix = ''): S3Place => ({
  kind: 's3',
  endpoint,
  bucket,
  prefix,
  region: 'us-east-1',
});

describe.skipIf(missingS3() !== null)('a real S3 server', () => {
  storeContract(
    's3',
    async () => {
      const server = await s3Server(22_070);
      server.bucket('contract');
      const store = openS3(placeAt(server, 'contract', 'registry/of + ours/'), server.env);
      return {
        store,
        independently: async (file) => server.plain('contract', `registry/of + ours/${file}`),
        dispose: async () => {
          store.close();
          await server.dispose();
        },
      };
    },
    { largeBytes: 20 * MIB },
  );

  let server: S3Server;
  const opened: Store[] = [];
  const open = (...of: Parameters<typeof openS3>): Store => {
    const store = openS3(...of);
    opened.push(store);
    return store;
  };
  beforeAll(async () => {
    server = await s3Server(22_071);
    server.bucket('backups');
  });
  afterAll(async () => {
    for (const store of opened) store.close();
    await server.dispose();
  });

  it('lists what lies there in pages, without what lies deeper', async () => {
    const deep = open(placeAt(server, 'backups', 'many/deeper/'), server.env);
    await deep.put('x.json', sourceOf(someBytes(3)));
    const store = open(placeAt(server, 'backups', 'many/'), server.env);
    const names = Array.from({ length: 1_005 }, (_, index) => `f${String(index).padStart(4, '0')}.json`);
    for (let at = 0; at < names.length; at += 20) {
      await Promise.all(names.slice(at, at + 20).map((name) => store.put(name, sourceOf(someBytes(2)))));
    }
    expect((await store.list()).map(({ file }) => file)).toEqual(names);
  });

  it('what the server loses of a cut-off put is sent again', async () => {
    const store = open(placeAt(server, 'backups', 'lost/'), server.env);
    const source = sourceOf(someBytes(20 * MIB));
    await cutOffAt(store, 'a.bin', source, 17 * MIB);
    for (const left of await store.unfinished()) await store.abandon(left);
    expect(await store.put('a.bin', source)).toEqual({ keptBytes: 0, checked: 'server-checksum' });
    expect(server.plain('backups', 'lost/a.bin').equals(someBytes(20 * MIB))).toBe(true);
  });

  it('the server going away in the middle is one sentence, and the put goes on once it is back', async () => {
    const store = open(placeAt(server, 'backups', 'gone/'), server.env);
    const bytes = someBytes(20 * MIB);
    let stopping: Promise<void> | null = null;
    const put = store.put('a.bin', sourceOf(bytes), {
      limitBytesPerSecond: 40 * MIB,
      onProgress: ({ doneBytes }) => {
        if (doneBytes > 10 * MIB) stopping ??= server.stop();
      },
    });
    await expect(put).rejects.toMatchObject({ code: 's3-unreachable' });
    await stopping;
    await expect(store.list()).rejects.toMatchObject({
      code: 's3-unreachable',
      text: { en: expect.stringMatching(/^S3 at http:\/\/127\.0\.0\.1:22071 cannot be reached: connect ECONNREFUSED/) },
    });
    await server.start();
    expect((await store.put('a.bin', sourceOf(bytes))).keptBytes).toBe(8 * MIB);
    expect(server.plain('backups', 'gone/a.bin').equals(bytes)).toBe(true);
  });

  it.each([
    ['the secret key is wrong', { AWS_SECRET_ACCESS_KEY: 'another' }, 'SignatureDoesNotMatch'],
    ['the access key is unknown', { AWS_ACCESS_KEY_ID: 'nobody' }, 'XAdminUserNotFound'],
  ])('says so in one sentence when %s', async (_, change, code) => {
    const store = open(placeAt(server, 'backups'), { ...server.env, ...change });
    const text = `S3 at ${server.endpoint} does not accept the credentials (${code}), which are from AWS_ACCESS_KEY_ID`;
    for (const attempt of [
      () => store.list(),
      () => store.put('a.bin', sourceOf(someBytes(20 * MIB))),
      () => readAll(store, 'a.bin'),
      () => store.remove('a.bin'),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 's3-credentials-refused', text: { en: text } });
    }
  });

  it('says so in one sentence when there is no such bucket', async () => {
    const store = open(placeAt(server, 'nowhere'), server.env);
    const text = { en: `there is no bucket nowhere at ${server.endpoint}` };
    for (const attempt of [() => store.list(), () => store.put('a.bin', sourceOf(someBytes(20)))]) {
      await expect(attempt()).rejects.toMatchObject({ code: 's3-no-bucket', text });
    }
  });

  it('reads credentials from a file, and never shows what is in it', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'firedrill-s3-keys-'));
    const file = join(dir, 'credentials');
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = server.env;
    const place = { ...placeAt(server, 'backups', 'keys/'), credentials: file };
    try {
      writeFileSync(file, `[other]\naws_access_key_id = x\n[default]\naws_access_key_id = ${id}\n`);
      expect(() => open(place, server.env)).toThrow(`no S3 credentials were found in ${file}`);
      writeFileSync(file, `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n[x]\n`);
      expect(await open(place, {}).list()).toEqual([]);
      expect(() => open(place, { AWS_PROFILE: 'other' })).toThrow(`no S3 credentials were found in ${file}`);
      expect(() => open(placeAt(server, 'backups'), { HOME: dir })).toThrow('no S3 credentials were found in');
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

describe('a server that holds something else than it was sent', () => {
  it.each([
    ['other bytes under a checksum of its own kind', 'not-an-md5', 'far-end-differs'],
    ['the right ones, encrypted with its own key', 'not-an-md5', null],
  ])('%s: it is read back', async (_, etag, code) => {
    const right = someBytes(1_000);
    const held = code === null ? right : someBytes(1_000, 9);
    let there = false;
    const asked: string[] = [];
    const liar = createServer((request, response) => {
      asked.push(request.method ?? '');
      if (request.method === 'PUT') there = true;
      if (request.method === 'DELETE') there = false;
      request.resume();
      request.on('end', () => {
        const list = `<ListBucketResult>${there ? `<Contents><Key>a.bin</Key><Size>1000</Size><ETag>"${etag}"</ETag><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>` : ''}</ListBucketResult>`;
        const isList = request.url?.includes('list-type') === true;
        response.end(request.method === 'GET' ? (isList ? list : held) : '');
      });
    });
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
    const { port } = liar.address() as AddressInfo;
    const place = placeAt({ endpoint: `http://127.0.0.1:${port}` }, 'bucket');
    const store = openS3(place, { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' });
    try {
      const put = store.put('a.bin', sourceOf(right));
      if (code === null) expect(await put).toEqual({ keptBytes: 0, checked: 'read-back' });
      else await expect(put).rejects.toMatchObject({ code });
      // What is wrong was taken away again.
      expect(asked.includes('DELETE')).toBe(code !== null);
    } finally {
      store.close();
      liar.closeAllConnections();
      await new Promise((resolve) => liar.close(resolve));
    }
  });
});
