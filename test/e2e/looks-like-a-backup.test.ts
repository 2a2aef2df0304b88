/** What only looks like a backup, or like one of this registry's, is refused: when it is made, and before it is restored. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withManifest, withNative } from '../backup/repack.js';
import { type CliHome, cliHome, type Ended, repo } from '../support/cli.js';
import { post } from '../truth/plain-node.js';
import { encode } from '../truth/read-lies.js';
import { agreedContent, type LabNode, labUp, put, runDrill, runOf, writeDrill } from './scene.js';

const LIMIT_MS = 60_000;
const TARGET = ['--target', 'lab:antietcd-3'];

let home: CliHome;
let nodes: readonly LabNode[];
beforeAll(async () => {
  home = cliHome(18_000);
  nodes = await labUp(home);
}, LIMIT_MS);
afterAll(() => home?.dispose());

const first = (): LabNode => nodes[0] ?? { name: '', url: '', pid: 0 };
const folder = (): string => mkdtempSync(join(home.dir, 'backups-'));
const filesIn = (dir: string): readonly string[] => (existsSync(dir) ? readdirSync(dir).sort() : []);
const back = (mode: 'full' | 'incremental', to: string, ...more: readonly string[]): Promise<Ended> =>
  home.run('backup', mode, ...TARGET, '--to', to, ...more);

async function backedUp(mode: 'full' | 'incremental', to: string): Promise<string> {
  const ended = await back(mode, to);
  expect(ended.code, ended.stderr).toBe(0);
  return join(to, ended.stdout.trim().split('/').at(-1) ?? '');
}

const emptied = async (...folders: readonly string[]): Promise<void> => {
  for (const name of folders) {
    await post(`${first().url}/v3/kv/deleterange`, { key: encode(`/${name}/`), range_end: encode(`/${name}0`) });
  }
};

const refill = (): Promise<unknown> => put(first(), '/services/order-service/a', '{"ip":"10.0.0.1","port":1}');

/** The revision of every node, by a plain call: a write of anybody's would move it. */
async function revisions(): Promise<readonly unknown[]> {
  const status = ({ url }: LabNode) => post<{ header?: { revision?: unknown } }>(`${url}/v3/maintenance/status`, {});
  return (await Promise.all(nodes.map(status))).map(({ header }) => header?.revision);
}

describe('a registry that lost everything', () => {
  test(
    'is not backed up over a backup that has something, unless somebody says that it is right',
    async () => {
      const dir = folder();
      await backedUp('full', dir);
      await emptied('services');
      const before = filesIn(dir);
      for (const mode of ['full', 'incremental'] as const) {
        const { code, stderr } = await back(mode, dir);
        expect(code, stderr).toBe(4);
        expect(stderr).toMatch(
          /the registry holds no instance below \/services\/, and registry-backup-\S+\.tar\.gz, the newest backup here, has 7; no backup was written/,
        );
        expect(stderr).toContain('--empty-is-right');
        expect(filesIn(dir)).toEqual(before);
      }
      const said = await back('incremental', dir, '--empty-is-right');
      expect(said.code, said.stderr).toBe(0);
      expect(filesIn(dir).length).toBeGreaterThan(before.length);
      // From then on the newest backup is an empty one, too.
      await backedUp('full', dir);
      await refill();
    },
    LIMIT_MS,
  );

  test(
    'is told from one that never had an instance, also where only settings are gone, or where no backup can tell',
    async () => {
      await emptied('services');
      const dir = folder();
      await backedUp('full', dir);
      await emptied('settings');
      const settings = await back('full', dir);
      expect(settings.code).toBe(4);
      expect(settings.stderr).toContain('nor a setting');
      const mute = folder();
      writeFileSync(join(mute, 'registry-backup-20250101-000000.tar.gz'), 'no archive');
      const unknown = await back('full', mute);
      expect(unknown.code).toBe(4);
      expect(unknown.stderr).toMatch(/whether there was one before no backup here tells/);
      await backedUp('full', folder());
      await refill();
      await put(first(), '/settings/heartbeat', '30s');
    },
    LIMIT_MS,
  );

  test(
    'is not put into a tier that has a backup with something; nothing is left in between',
    async () => {
      await refill();
      const plan = join(home.dir, 'tiers.yaml');
      const tier = folder();
      const builtIn = readFileSync(join(repo, 'templates/recovery-plan.yaml'), 'utf8');
      const near = `place: ${tier}\n    encryption: { none: a test }`;
      writeFileSync(plan, builtIn.replace('place: /data/backup/registry/', near));
      const made = await back('full', 'local', '--plan', plan);
      expect(made.code, made.stderr).toBe(0);
      const before = filesIn(tier);
      await emptied('services');
      const { code, stderr } = await back('full', 'local', '--plan', plan);
      expect(code, stderr).toBe(4);
      expect(stderr).toContain('the newest backup here, has 1');
      expect(filesIn(tier)).toEqual(before);
      expect(filesIn(join(home.state, 'staging'))).toEqual([]);
      await refill();
    },
    LIMIT_MS,
  );

  test(
    'fails the backup step of a drill, which may say that it is right',
    async () => {
      const drill = (id: string, more: object) =>
        writeDrill(home, {
          id,
          phases: {
            prepare: [{ id: 'before', backup: 'full' }],
            verify: [{ id: 'after', backup: 'full', ...more }],
          },
          execute: [{ id: 'gone', inject: 'service.delete', with: { service: 'order-service' } }],
        });
      await emptied('services');
      await refill();
      await runDrill(home, drill('emptied', {}));
      const run = runOf(home, 'emptied');
      const after = run.of('step.ended').find(({ step }) => step === 'after');
      expect(after?.outcome).toBe('fail');
      expect(JSON.stringify(after)).toContain('holds no instance');
      expect(run.of('backup.written').map(({ step }) => step)).toEqual(['before']);
      await runDrill(home, drill('emptied-rightly', { emptyIsRight: true }));
      expect(
        runOf(home, 'emptied-rightly')
          .of('backup.written')
          .map(({ step }) => step),
      ).toEqual(['before', 'after']);
    },
    LIMIT_MS,
  );
});

describe('an archive whose own hashes are right', () => {
  let sound: string;
  beforeAll(async () => {
    await refill();
    sound = await backedUp('full', folder());
  }, LIMIT_MS);

  /** By `backup verify`, `backup list` and `restore`; the registry is as it was. */
  async function expectRefused(path: string, why: RegExp, ...keys: readonly string[]): Promise<void> {
    const before = { revisions: await revisions(), content: await agreedContent(nodes) };
    const out = join(home.dir, 'verified');
    const verified = await home.run('backup', 'verify', path, '--out', out, ...keys);
    expect(verified.code).toBe(1);
    expect(verified.stdout).toMatch(why);
    const restored = await home.run('restore', path, ...TARGET, '--into-non-empty', ...keys);
    expect(restored.code, restored.stderr).toBe(4);
    expect(restored.stderr).toMatch(why);
    expect(restored.stderr).toContain('nothing was touched');
    expect({ revisions: await revisions(), content: await agreedContent(nodes) }).toEqual(before);
  }

  test.each([
    ['cut off in the middle', (bytes: Uint8Array) => bytes.subarray(0, bytes.length >> 1), /unexpected end of file/],
    ['empty', () => new Uint8Array(), /unexpected end of file/],
    [
      'of a registry that was never one',
      (bytes: Uint8Array) => gzipSync(JSON.stringify({ ...JSON.parse(gunzipSync(bytes).toString()), state: 7 })),
      /has no `state`/,
    ],
  ])(
    'but whose copy of the registry is %s is refused',
    async (_, change, why) => {
      const dir = folder();
      const path = await withNative(sound, dir, change);
      await expectRefused(path, why);
      const listed = await home.run('backup', 'list', dir);
      expect(listed.stdout).toMatch(/✗ .*antietcd-dump\.json\.gz in .* is not a whole copy/);
    },
    LIMIT_MS,
  );

  test(
    'but which a newer Firedrill made is told as such',
    async () => {
      const newer = await withManifest(sound, folder(), (text) =>
        text.replace('"format_version": "1.1"', '"format_version": "2.0"'),
      );
      await expectRefused(newer, /its format 2\.0 is newer than 1\.1, .*: use the version that made it/);
    },
    LIMIT_MS,
  );
});
