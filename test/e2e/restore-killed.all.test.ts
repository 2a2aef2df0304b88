/**
 * `restore` is killed at each of its sub-steps: run again it ends right, with the archive's content and nothing left
 * over. And where it must not go without the word, it does not, before anything is touched.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as scene from '../drills/scene.js';
import { type CliHome, cliHome, type Started, until } from '../support/cli.js';
import { type LabName, missingLab } from '../support/cluster.js';
import { post } from '../truth/plain-node.js';
import { encode } from '../truth/read-lies.js';

const LIMIT_MS = 120_000;
const WORDS = ['--into-non-empty', '--into-other-cluster'] as const;

const LABS: readonly { readonly lab: LabName; readonly basePort: number }[] = [
  { lab: 'antietcd-3', basePort: 21_860 },
  { lab: 'etcd-3', basePort: 21_890 },
];

type Content = Readonly<Record<string, string>>;

async function put({ url }: scene.LabNode, key: string, value: string): Promise<void> {
  await post(`${url}/v3/kv/put`, { key: encode(key), value: encode(value) });
}

/** Full and increment of 200 entries, of which the increment changes each; returns the folder and what it holds. */
async function backUp(home: CliHome, lab: LabName): Promise<{ readonly dir: string; readonly content: Content }> {
  const nodes = await scene.labUp(home, lab);
  const [node] = nodes;
  if (node === undefined) throw new Error('the lab is up');
  const dir = join(home.dir, 'backups');
  for (const mode of ['full', 'incremental']) {
    for (let n = 0; n < 200; n += 1) await put(node, `/services/killed/k${n}`, mode);
    const made = await home.run('backup', mode, '--target', `lab:${lab}`, '--to', dir);
    expect(made.code, made.stderr).toBe(0);
  }
  return { dir, content: await scene.contentOf(lab, nodes) };
}

describe.each(LABS)('restore on $lab', ({ lab, basePort }) => {
  const why = missingLab(lab);
  let home: CliHome;
  let dir: string;
  let content: Content;
  beforeAll(async () => {
    if (why !== null) return;
    home = cliHome(basePort);
    ({ dir, content } = await backUp(home, lab));
  });
  afterAll(() => home?.dispose());

  const start = (...words: readonly string[]): Started =>
    home.start(['restore', dir, '--target', `lab:${lab}`, ...words]);
  const labFolder = (): string => join(home.state, 'labs', lab);

  async function expectRestored(): Promise<void> {
    const nodes = await scene.labUp(home, lab);
    expect(await scene.contentOf(lab, nodes)).toEqual(content);
    scene.expectOnlyLabLeft(home, nodes);
    const left = readdirSync(labFolder(), { recursive: true }).filter((name) => `${name}`.includes('firedrill-'));
    expect(left).toEqual([]);
  }

  const MOMENTS = [
    { moment: 'its state is on disk', reached: () => existsSync(join(home.state, 'runs')) },
    ...['check-archive', 'stop', 'clear', 'restore', 'verify', 'start', 'registrations'].map((name) => ({
      moment: `${name} is done`,
      reached: (started: Started) => new RegExp(`[✓?] ${name} `).test(started.stderr()),
    })),
  ];

  test.skipIf(why !== null).each(MOMENTS.flatMap((at) => [false, true].map((recovers) => ({ ...at, recovers }))))(
    'killed when $moment, and run again (recovered before: $recovers): the archive’s content, and nothing left over',
    async ({ reached, recovers }) => {
      const before = await scene.labUp(home, lab);
      const [node] = before;
      if (node === undefined) throw new Error('the lab is up');
      await put(node, '/services/killed/k7', 'damaged');
      await put(node, '/services/intruder/x', 'not in the archive');
      const damaged = await scene.contentOf(lab, before);
      const started = start(...WORDS);
      await until('the moment', () => reached(started) || null);
      started.child.kill('SIGKILL');
      expect((await started.ended).signal).toBe('SIGKILL');
      if (recovers) {
        const recovered = await home.run('recover');
        expect(recovered.code, recovered.stdout + recovered.stderr).toBe(0);
        const now = await scene.contentOf(lab, await scene.labUp(home, lab));
        // Old data until the restore was complete; new data from then on. Never a mixture.
        expect([damaged, content]).toContainEqual(now);
      }
      const again = await start(...WORDS).ended;
      if (!recovers && again.code !== 0) {
        // Refused with the way out, before anything else is touched.
        expect(again.code).toBe(6);
        expect(again.stderr).toContain('firedrill recover');
        expect((await home.run('recover')).code).toBe(0);
        const third = await start(...WORDS).ended;
        expect(third.code, third.stderr).toBe(0);
      } else expect(again.code, again.stderr).toBe(0);
      await expectRestored();
    },
    LIMIT_MS,
  );

  test.skipIf(why !== null)(
    'leased instances are told apart: those that the native copy brings back are counted, and end with their lease',
    async () => {
      const nodes = await scene.labUp(home, lab);
      const [node] = nodes;
      if (node === undefined) throw new Error('the lab is up');
      const key = '/services/killed/leased';
      const { ID } = await post<{ ID: string }>(`${node.url}/v3/lease/grant`, { TTL: 8 });
      await post(`${node.url}/v3/kv/put`, { key: encode(key), value: encode('{}'), lease: ID });
      const own = join(home.dir, 'leased');
      const made = await home.run('backup', 'full', '--target', `lab:${lab}`, '--to', own);
      expect(made.code, made.stderr).toBe(0);
      const done = await home.run('restore', own, '--target', `lab:${lab}`, ...WORDS);
      expect(done.code, done.stderr).toBe(0);
      const told = /and 1 leased ones, which end with their lease unless their owners renew it/;
      // antietcd's copy holds no lease, so nothing that hangs on one.
      expect(told.test(done.stderr)).toBe(lab === 'etcd-3');
      const after = await scene.labUp(home, lab);
      const gone = async () => !(key in (await scene.contentOf(lab, after)));
      await until('the lease has ended', gone);
      const now = await scene.contentOf(lab, after);
      expect(now).toEqual(content);
    },
    LIMIT_MS,
  );
});

/** antietcd has no cluster id: only its product can be told. */
describe('restore of another cluster’s archive, on etcd-3', () => {
  const why = missingLab('etcd-3');
  let home: CliHome;
  let dir: string;
  let content: Content;
  beforeAll(async () => {
    if (why !== null) return;
    const other = cliHome(21_920);
    try {
      const made = await backUp(other, 'etcd-3');
      content = made.content;
      home = cliHome(21_890);
      dir = join(home.dir, 'backups');
      const copied = await home.run('backup', 'copy', newest(made.dir), '--to', dir);
      expect(copied.code, copied.stderr).toBe(0);
    } finally {
      await other.dispose();
    }
  });
  afterAll(() => home?.dispose());

  const newest = (folder: string): string =>
    join(
      folder,
      readdirSync(folder)
        .filter((name) => name.endsWith('.tar.gz'))
        .toSorted()
        .at(-1) ?? '',
    );

  test.skipIf(why !== null)(
    'goes only with both words; without one of them nothing is touched',
    async () => {
      const before = await scene.labUp(home, 'etcd-3');
      const own = await scene.contentOf('etcd-3', before);
      const restore = (...words: readonly string[]) => home.run('restore', dir, '--target', 'lab:etcd-3', ...words);
      for (const [words, wanted] of [
        [[], '--into-other-cluster'],
        [['--into-non-empty'], '--into-other-cluster'],
        [['--into-other-cluster'], '--into-non-empty'],
        [['--service', 'killed'], '--into-other-cluster'],
      ] as const) {
        const refused = await restore(...words);
        expect(refused.code).toBe(4);
        expect(refused.stderr).toContain(wanted);
        expect(refused.stderr).not.toContain('check-archive');
        expect(await scene.contentOf('etcd-3', before)).toEqual(own);
        scene.expectOnlyLabLeft(home, before);
      }
      const done = await restore(...WORDS);
      expect(done.code, done.stderr).toBe(0);
      const after = await scene.labUp(home, 'etcd-3');
      expect(await scene.contentOf('etcd-3', after)).toEqual(content);
      scene.expectOnlyLabLeft(home, after);
    },
    LIMIT_MS,
  );
});
