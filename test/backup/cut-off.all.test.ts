/** A snapshot of real etcd that does not arrive whole: the connection lies, and no archive is written. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backupService, backupServiceWith } from '../../src/backup/index.js';
import { systemClock } from '../../src/core/clock.js';
import type { Cluster } from '../../src/core/target.js';
import { registries } from '../../src/registries/index.js';
import { missingLab, type StartedLab, startLab } from '../support/cluster.js';
import { withNative } from './repack.js';

const LIMIT_MS = 60_000;
const SNAPSHOT = '/v3/maintenance/snapshot';
const why = missingLab('etcd-3');

/** What a proxy sends instead of the snapshot; `null` breaks the connection off. */
type Lie = (snapshot: Buffer) => readonly { readonly blob: Buffer; readonly remaining: number }[] | null;

describe.skipIf(why !== null)(`a snapshot of etcd ${why ?? ''}`, () => {
  let lab: StartedLab;
  let root: string;
  let lie: Lie;
  let proxied: Cluster;
  const proxies: http.Server[] = [];
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'firedrill-cut-off-'));
    lab = await startLab('etcd-3', 18_400);
    const nodes = await Promise.all(
      lab.cluster.binding.nodes.map(async (node) => ({ ...node, url: await startProxy(node.url) })),
    );
    const binding = { ...lab.cluster.binding, nodes };
    const registry = registries.find('etcd')?.connect(binding);
    if (registry === undefined) throw new Error('no driver for etcd');
    proxied = { ...lab.cluster, binding, registry };
  }, LIMIT_MS);
  afterAll(async () => {
    proxied?.registry.close();
    for (const proxy of proxies) {
      proxy.closeAllConnections();
      proxy.close();
    }
    await lab?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  /** Everything goes through as it is, except for the snapshot. */
  async function startProxy(url: string): Promise<string> {
    const proxy = http.createServer(async (request, response) => {
      const body = await buffer(request);
      const answer = await fetch(`${url}${request.url}`, { method: request.method ?? 'GET', body });
      if (request.url !== SNAPSHOT) {
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
        return;
      }
      const lines = (await answer.text()).split('\n').filter((line) => line !== '');
      const blobs = lines.map((line) => {
        const { result }: { result: { blob?: string } } = JSON.parse(line);
        return Buffer.from(result.blob ?? '', 'base64');
      });
      const parts = lie(Buffer.concat(blobs));
      response.writeHead(200, { 'content-type': 'application/json' });
      for (const { blob, remaining } of parts ?? []) {
        const result = { remaining_bytes: `${remaining}`, blob: blob.toString('base64') };
        response.write(`${JSON.stringify({ result })}\n`);
      }
      if (parts === null) response.destroy();
      else response.end();
    });
    proxies.push(proxy);
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  }

  const folder = (): string => mkdtempSync(join(root, 'backups-'));
  const full = (cluster: Cluster, dir: string) =>
    backupService.full({ cluster, dir, timeZone: 'UTC', clock: systemClock, onSubstep: () => {} });
  const whole = (blob: Buffer) => [{ blob, remaining: 0 }];

  test(
    'is taken through the proxy when that is honest',
    async () => {
      lie = whole;
      await expect(full(proxied, folder())).resolves.toMatchObject({ type: 'full', state: { instances: 7 } });
    },
    LIMIT_MS,
  );

  test.each<[string, Lie, RegExp]>([
    ['the connection breaks', () => null, /aborted|hang up|broke/],
    [
      'it ends before its end',
      (all) => [{ blob: all.subarray(0, 4_096), remaining: all.length - 4_096 }],
      /the snapshot broke off after 4096 bytes/,
    ],
    ['its hash is missing', (all) => whole(all.subarray(0, -32)), /is not that of a snapshot with its hash/],
    [
      'pages are missing before the hash',
      (all) => whole(Buffer.concat([all.subarray(0, 8_192), all.subarray(-32)])),
      /its SHA-256 is/,
    ],
    ['one bit of it is another', (all) => whole(flipped(all)), /its SHA-256 is/],
    ['nothing comes', () => [], /the snapshot broke off after 0 bytes/],
  ])(
    'of which %s gives no archive',
    async (_, how, says) => {
      lie = how;
      const dir = folder();
      await expect(full(proxied, dir)).rejects.toMatchObject({
        code: 'export-failed',
        text: { en: expect.stringMatching(says) },
      });
      expect(readdirSync(dir)).toEqual([]);
    },
    LIMIT_MS,
  );

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['without its hash', (bytes) => bytes.subarray(0, -32)],
    ['cut off', (bytes) => bytes.subarray(0, 8_192 + 32)],
    ['with another bit', (bytes) => flipped(Buffer.from(bytes))],
  ])(
    'that lies %s in an archive with good hashes is found by who looks into it',
    async (_, change) => {
      const { path } = await full(lab.cluster, folder());
      const changed = await withNative(path, folder(), change);
      const nativeCopies = registries.find('etcd')?.nativeCopies;
      const checkNative = async (name: string, bytes: Uint8Array) => nativeCopies?.[name]?.(bytes) ?? null;
      expect(await backupServiceWith({ checkNative }).verify(path)).toMatchObject({ sound: true });
      expect(await backupServiceWith({ checkNative }).verify(changed)).toMatchObject({
        sound: false,
        reason: { en: expect.stringMatching(/etcd-snapshot\.db in registry-backup-.* is not a whole copy/) },
      });
      // The restore looks by itself, whoever verified the archive before it.
      const archive = await backupService.verify(changed);
      if (!archive.sound) throw new Error(archive.reason.en);
      const world = { cluster: lab.cluster, clock: systemClock, stateDir: root };
      const undo = await backupService.restore.prepare(world, { archive, service: null });
      const revision = () => lab.cluster.registry.client('n1').status({ limitMs: 2_000 });
      const before = await revision();
      const restoring = backupService.restore.execute(world, { archive, service: null, undo, onSubstep: () => {} });
      await expect(restoring).rejects.toMatchObject({ code: 'archive-damaged' });
      expect(await revision()).toEqual(before);
    },
    LIMIT_MS,
  );
});

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.length >> 1;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
