/** Backup and restore on a real lab, judged by a reading that does not go through our adapter. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { backupService } from '../../src/backup/index.js';
import type { ArchiveVerdict, SubstepReport } from '../../src/core/backup.js';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import { type BackupSubstep, RESTORE_SUBSTEPS, type RestoreSubstep } from '../../src/core/drill.js';
import { WorldError } from '../../src/core/errors.js';
import type { UndoData, World } from '../../src/core/fault.js';
import { agreedLeader, readMembers } from '../../src/core/members.js';
import type { NativeBackup } from '../../src/core/registry.js';
import type { Cluster } from '../../src/core/target.js';
import { registries } from '../../src/registries/index.js';
import { type LabName, missingLab, type StartedLab, startLab } from '../support/cluster.js';
import { independentContent } from './material.js';

type Sound = ArchiveVerdict & { readonly sound: true };
const CALL = { limitMs: 2_000 };

export interface RestoreOptions {
  readonly title?: string;
  /** Why it cannot be had here, besides the lab itself. */
  readonly missing?: string | null;
  readonly env?: () => NodeJS.ProcessEnv;
}

export function restoreContract(labName: LabName, basePort: number, options: RestoreOptions = {}): void {
  const { title = labName, env = () => process.env } = options;
  const why = options.missing ?? missingLab(labName);
  describe.skipIf(why !== null)(`backup and restore on ${title}${why === null ? '' : `: ${why}`}`, () => {
    let lab: StartedLab;
    let stateDir: string;
    let world: World;
    let archive: Sound;
    let original: readonly string[];

    beforeAll(async () => {
      stateDir = await mkdtemp(join(tmpdir(), 'firedrill-restore-'));
      lab = await startLab(labName, basePort, env());
      world = { cluster: lab.cluster, clock: systemClock, stateDir };
      await put('shop', 'a', 'one');
      await put('shop', 'b', 'not json “中文”\n');
      original = await contentOf(lab.cluster);
      archive = (await takeBackup()).archive;
    });
    afterAll(async () => {
      await lab?.stop();
      await rm(stateDir, { recursive: true, force: true });
    });

    /** Damage that a restore has to repair: one entry gone, one changed, one too many. */
    beforeEach(async () => {
      await hasLeader(world);
      await client().deregister({ service: 'shop', instance: 'a' }, CALL);
      await put('shop', 'b', `changed ${systemClock.monotonicMs()}`);
      await put('intruder', 'x', 'should not survive a full restore');
    });

    const client = () => lab.cluster.registry.client('n2');
    const put = async (service: string, instance: string, value: string): Promise<void> => {
      expect(await client().register({ service, instance, value }, CALL)).toMatchObject({ outcome: 'ok' });
    };

    async function takeBackup(): Promise<{ archive: Sound; reports: readonly SubstepReport<BackupSubstep>[] }> {
      const reports: SubstepReport<BackupSubstep>[] = [];
      const info = await backupService.full({
        cluster: lab.cluster,
        dir: join(stateDir, 'backups'),
        timeZone: 'Asia/Shanghai',
        clock: systemClock,
        onSubstep: (report) => reports.push(report),
      });
      const verdict = await backupService.verify(info.path);
      if (!verdict.sound) throw new Error(verdict.reason.en);
      expect(info).toMatchObject(verdict.info);
      return { archive: verdict, reports };
    }

    const restore = async (
      service: string | null,
      onSubstep: (report: SubstepReport<RestoreSubstep>) => void,
    ): Promise<UndoData> => {
      const prepared = await backupService.restore.prepare(world, { archive, service });
      const undo = JSON.parse(JSON.stringify(prepared)) as UndoData;
      await backupService.restore.execute(world, { archive, service, undo, onSubstep });
      return undo;
    };

    it('makes an archive in the five steps of the seed', async () => {
      const { archive: made, reports } = await takeBackup();
      expect(reports.map(({ name, outcome }) => [name, outcome])).toEqual([
        ['lock', 'not-applicable'],
        ['export', 'pass'],
        ['compress', 'pass'],
        ['upload', 'pass'],
        ['unlock', 'not-applicable'],
      ]);
      expect(made.info.fileName).toMatch(/^registry-backup-\d{8}-\d{6}(-\d+)?\.tar\.gz$/);
      expect(made.snapshot.settings).toEqual([
        { name: 'heartbeat', value: '30s' },
        { name: 'lease', value: '90s' },
      ]);
      const listed = made.snapshot.services.flatMap(({ name, instances }) =>
        instances.map(({ id, raw }) => `/services/${name}/${id}=${raw}`),
      );
      const services = (await contentOf(lab.cluster)).filter((line) => line.startsWith('/services/'));
      expect(listed.sort()).toEqual(services);
    });

    /** Stops when the native copy is asked for the n-th time, or after a sub-step; the cluster itself is the real one. */
    async function stoppedBackup(at: { readonly copy?: number; readonly after?: BackupSubstep }) {
      const dir = join(stateDir, 'stopped');
      const stop = new AbortController();
      const reports: string[] = [];
      let copies = 0;
      const exportFrom: NativeBackup['exportFrom'] = async (node, options) => {
        copies += 1;
        // A write between two looks: they differ, so the export would look again and again.
        await put('moving', 'x', `${systemClock.monotonicMs()}`);
        const answer = lab.cluster.registry.backup.exportFrom(node, options);
        if (copies === at.copy) stop.abort();
        return answer;
      };
      const { registry } = lab.cluster;
      // Without the reading of the copy itself: then there is one state, and one look.
      const { contentOf: _, ...copying } = registry.backup;
      const moving = { ...registry, backup: { ...copying, exportFrom } };
      const failure = await backupService
        .full({
          cluster: { ...lab.cluster, registry: at.copy === undefined ? registry : moving },
          dir,
          timeZone: 'UTC',
          clock: systemClock,
          signal: stop.signal,
          onSubstep: ({ name, outcome }) => {
            reports.push(`${name} ${outcome}`);
            if (name === at.after) stop.abort();
          },
        })
        .catch((error: unknown) => error);
      const files = existsSync(dir) ? readdirSync(dir) : [];
      return { code: failure instanceof WorldError ? failure.code : failure, copies, reports, files };
    }

    it.each([
      [{ copy: 1 }, 1, ['lock not-applicable', 'export fail']],
      [{ copy: 3 }, 3, ['lock not-applicable', 'export fail']],
      [{ after: 'export' }, 0, ['lock not-applicable', 'export pass', 'compress fail']],
      [{ after: 'compress' }, 0, ['lock not-applicable', 'export pass', 'compress pass', 'upload fail']],
    ] as const)('a backup is stopped at %j and leaves no file', async (at, copies, reports) => {
      expect(await stoppedBackup(at)).toEqual({ code: 'interrupted', copies, reports, files: [] });
    });

    it('restores everything in the six steps of the seed, and commits', async () => {
      const lease = await client().grantLease(60_000, CALL);
      if (lease.outcome !== 'ok') throw new Error(lease.reason);
      await client().register({ service: 'live', instance: 'l', value: 'l', leaseId: lease.value.leaseId }, CALL);
      const before = await pidsOf(lab.cluster);
      const reports: SubstepReport<RestoreSubstep>[] = [];
      const undo = await restore(null, (report) => reports.push(report));
      expect(reports.map(({ name, outcome }) => [name, outcome])).toEqual(
        RESTORE_SUBSTEPS.map((name) => [name, 'pass']),
      );
      expect(await contentOf(lab.cluster)).toEqual(original);
      const after = await pidsOf(lab.cluster);
      for (const [node, pid] of Object.entries(before)) expect(after[node]).not.toBe(pid);
      const facts = (name: RestoreSubstep) => reports.find((report) => report.name === name)?.facts;
      expect(facts('stop')).toMatchObject(Object.fromEntries(Object.entries(before).map(([n, pid]) => [n, { pid }])));
      expect(facts('start')).toEqual({ pids: after });
      expect(JSON.stringify(facts('verify'))).toMatch(/[0-9a-f]{64}/);
      expect(JSON.stringify(reports.map(({ facts: f }) => f)), 'no absolute path').not.toContain(lab.stateRoot);

      expect(await backupService.undoer.residue(world, undo)).not.toEqual([]);
      await backupService.restore.commit(world, undo);
      expect(await backupService.undoer.residue(world, undo)).toEqual([]);
      expect(asides(lab.cluster)).toEqual([]);
      expect(await backupService.undoer.revert(world, undo)).toMatchObject({ reverted: true, nothingToDo: true });
      expect(await contentOf(lab.cluster)).toEqual(original);
      await put('shop', 'new', 'the registry takes writes again');
      await client().deregister({ service: 'shop', instance: 'new' }, CALL);
    });

    it.each(RESTORE_SUBSTEPS)('can be undone by another process when it dies after %s', async (last) => {
      const damaged = await contentOf(lab.cluster);
      const undo = await backupService.restore.prepare(world, { archive, service: null });
      const died = backupService.restore.execute(world, {
        archive,
        service: null,
        undo,
        onSubstep: ({ name }) => {
          if (name === last) throw new Error('the process dies here');
        },
      });
      await expect(died).rejects.toThrow('dies here');
      const other = freshWorld(world);
      const untouched = last === 'check-archive';
      expect((await backupService.undoer.residue(other, undo)).length > 0).toBe(!untouched);
      const first = await backupService.undoer.revert(other, undo);
      expect(first, first.detail.en).toMatchObject({ reverted: true, nothingToDo: untouched });
      expect(await contentOf(other.cluster)).toEqual(damaged);
      expect(await backupService.undoer.residue(other, undo)).toEqual([]);
      expect(asides(other.cluster)).toEqual([]);
      expect(await backupService.undoer.revert(other, undo)).toMatchObject({ reverted: true, nothingToDo: true });
      other.cluster.registry.close();
    });

    it('completes a commit that was broken off, and never puts half removed data back', async () => {
      const undo = await restore(null, () => {});
      await writeFile(join(stateDir, `restore-${String(undo.mark)}.closed`), 'committed\n');
      expect(asides(lab.cluster)).toHaveLength(3);
      expect(await backupService.undoer.revert(world, undo)).toMatchObject({ reverted: true, nothingToDo: true });
      expect(asides(lab.cluster)).toEqual([]);
      expect(await contentOf(lab.cluster)).toEqual(original);
    });

    it('refuses another product, and an archive that changed since it was chosen, before it touches anything', async () => {
      const pids = await pidsOf(lab.cluster);
      const strange: Sound = { ...archive, info: { ...archive.info, product: 'consul' } };
      await expect(backupService.restore.prepare(world, { archive: strange, service: null })).rejects.toThrow('consul');
      const path = join(stateDir, 'copy.tar.gz');
      await writeFile(path, 'no archive any more');
      const changed: Sound = { ...archive, info: { ...archive.info, path } };
      const undo = await backupService.restore.prepare(world, { archive: changed, service: null });
      const reports: string[] = [];
      const onSubstep = ({ name, outcome }: SubstepReport<RestoreSubstep>): number =>
        reports.push(`${name} ${outcome}`);
      await expect(
        backupService.restore.execute(world, { archive: changed, service: null, undo, onSubstep }),
      ).rejects.toThrow('nothing was touched');
      expect(reports).toEqual(['check-archive fail']);
      expect(await pidsOf(lab.cluster)).toEqual(pids);
    });

    it('restores one service into the running registry and leaves everything else alone', async () => {
      const pids = await pidsOf(lab.cluster);
      const reports: SubstepReport<RestoreSubstep>[] = [];
      const undo = await restore('shop', (report) => reports.push(report));
      expect(reports.filter(({ outcome }) => outcome === 'pass').map(({ name }) => name)).toEqual([
        'check-archive',
        'restore',
        'verify',
        'registrations',
      ]);
      expect(reports.filter(({ outcome }) => outcome === 'not-applicable')).toHaveLength(3);
      expect(await pidsOf(lab.cluster)).toEqual(pids);
      const expected = [...original, '/services/intruder/x=should not survive a full restore'].sort();
      expect(await contentOf(lab.cluster)).toEqual(expected);
      await backupService.restore.commit(world, undo);
      expect(await backupService.undoer.revert(world, undo)).toMatchObject({ reverted: true, nothingToDo: true });
      expect(await contentOf(lab.cluster)).toEqual(expected);
    });

    it('undoes a service restore that was not completed, but not what was written since', async () => {
      const before = await contentOf(lab.cluster);
      const undo = await restore('shop', () => {});
      expect(await backupService.undoer.residue(world, undo)).toHaveLength(1);
      const other = freshWorld(world);
      expect(await backupService.undoer.revert(other, undo)).toMatchObject({ reverted: true, nothingToDo: false });
      expect(await contentOf(other.cluster)).toEqual(before);
      expect(await backupService.undoer.residue(other, undo)).toEqual([]);
      await put('shop', 'a', 'one');
      expect(await backupService.undoer.revert(other, undo)).toMatchObject({ nothingToDo: true });
      expect(await contentOf(other.cluster)).not.toEqual(before);
      other.cluster.registry.close();
    });

    it('starts no node on data that is not the archive’s', async () => {
      // etcd's own tool and the placing for ZooKeeper refuse such bytes by themselves, one step earlier.
      const [failing, why] =
        labName === 'antietcd-3' ? ['verify', 'not the archive’s copy'] : ['restore', 'could not be put in place'];
      const damaged = await contentOf(lab.cluster);
      const { registry } = lab.cluster;
      const backup: typeof registry.backup = {
        ...registry.backup,
        place: (bytes, node) => registry.backup.place(bytes.subarray(0, -1), node),
      };
      const unlucky: World = { ...world, cluster: { ...lab.cluster, registry: { ...registry, backup } } };
      const undo = await backupService.restore.prepare(unlucky, { archive, service: null });
      const reports: string[] = [];
      const onSubstep = ({ name, outcome }: SubstepReport<RestoreSubstep>): number =>
        reports.push(`${name} ${outcome}`);
      await expect(backupService.restore.execute(unlucky, { archive, service: null, undo, onSubstep })).rejects.toThrow(
        why,
      );
      expect(reports.at(-1)).toBe(`${failing} fail`);
      expect(await backupService.undoer.revert(world, undo)).toMatchObject({ reverted: true });
      expect(await contentOf(lab.cluster)).toEqual(damaged);
    });

    it('refuses a service that the archive does not hold', async () => {
      const asked = backupService.restore.prepare(world, { archive, service: 'shopp' });
      await expect(asked).rejects.toThrow('holds no durable instance of shopp');
    });

    it('exports one state while clients go on writing, and names a second archive of the same second', async () => {
      let writing = true;
      let n = 0;
      const writer = (async () => {
        while (writing) {
          await client().register({ service: 'busy', instance: `i${n % 5}`, value: `v${n++}` }, CALL);
          await systemClock.sleep(30);
        }
      })();
      const busy = await takeBackup();
      const again = await takeBackup();
      writing = false;
      await writer;
      expect(busy.reports.find(({ name }) => name === 'export')).toMatchObject({
        outcome: 'pass',
        facts: { stable: true },
      });
      expect(again.archive.info.path).not.toBe(busy.archive.info.path);
      for (let i = 0; i < 5; i += 1) await client().deregister({ service: 'busy', instance: `i${i}` }, CALL);
    });

    it('exports from what is left without a majority, and says what it could not list', async () => {
      for (const node of lab.cluster.binding.nodes.slice(1)) await lab.cluster.driver.signal(node, 'SIGKILL');
      try {
        // A leader of antietcd learns from a write, and from nothing else, that it stands alone.
        const alone = { service: 'alone', instance: 'i', value: 'unknown' };
        const { outcome: written } = await lab.cluster.registry.client('n1').register(alone, { limitMs: 1_000 });
        expect(written).toBe('unknown');
        await pollUntil(
          () => readMembers(lab.cluster.registry, { limitMs: 300 }),
          (views) => views.every(({ answer }) => answer.outcome !== 'ok' || answer.value.leader === null),
          { clock: systemClock, withinMs: 10_000, everyMs: 50 },
        );
        const { archive: made, reports } = await takeBackup();
        // Where the listing is read out of the copy itself, the settings are, too; of ZooKeeper also the access rules.
        const [outcome, settings, said] =
          labName === 'antietcd-3'
            ? (['unknown', null, '; the settings could not be listed'] as const)
            : labName === 'zookeeper-3'
              ? (['pass', 2, ''] as const)
              : (['unknown', 2, '; the access rules could not be listed'] as const);
        expect(reports.find(({ name }) => name === 'export')).toMatchObject({
          outcome,
          detail: { en: expect.stringContaining(`not restored${said}`) },
          facts: { node: 'n1', leader: false, settings },
        });
        expect(made.info.durable).toBeGreaterThan(0);
      } finally {
        for (const node of lab.cluster.binding.nodes) await lab.cluster.driver.start(node);
      }
    });
  });
}

/** As another process sees it: connected anew from the binding as plain JSON. */
function freshWorld(world: World): World {
  const binding = JSON.parse(JSON.stringify(world.cluster.binding)) as Cluster['binding'];
  const registry = registries.find(binding.registry);
  if (registry === undefined) throw new Error(`no registry ${binding.registry}`);
  return { ...world, cluster: { binding, driver: world.cluster.driver, registry: registry.connect(binding) } };
}

/** Nodes of antietcd that find each other again hold an election for every new connection; they are tried every 200 ms. */
const SETTLED_MS = 600;

/** Every node answers, and they keep one leader in one term. */
async function hasLeader({ cluster }: Pick<World, 'cluster'>): Promise<void> {
  let kept: string | null = null;
  let keptSinceMs = 0;
  const { reached } = await pollUntil(
    async () => {
      const views = await readMembers(cluster.registry, { limitMs: 300 });
      const terms = views.map(({ answer }) => (answer.outcome === 'ok' ? answer.value.term : null));
      const leader = terms.includes(null) ? null : agreedLeader(views);
      const now = leader === null ? null : `${leader} ${Math.max(...terms.map(Number))}`;
      if (now === null || now !== kept) keptSinceMs = systemClock.monotonicMs();
      kept = now;
      return kept !== null && systemClock.monotonicMs() - keptSinceMs >= SETTLED_MS;
    },
    (settled) => settled,
    { clock: systemClock, withinMs: 20_000, everyMs: 50 },
  );
  expect(reached, 'the cluster keeps a leader').toBe(true);
}

/** What every node holds, once all of them hold the same. */
async function contentOf(cluster: Cluster): Promise<readonly string[]> {
  await hasLeader({ cluster });
  const { value, reached } = await pollUntil(
    () => Promise.all(cluster.binding.nodes.map((node) => independentContent(cluster.binding.product, node))),
    (nodes) => new Set(nodes.map((lines) => lines.join('\n'))).size === 1,
    { clock: systemClock, withinMs: 5_000, everyMs: 50 },
  );
  expect(reached, 'all nodes hold the same').toBe(true);
  return value[0] ?? [];
}

async function pidsOf({ binding, driver }: Cluster): Promise<Readonly<Record<string, number>>> {
  const states = await Promise.all(binding.nodes.map((node) => driver.inspect(node)));
  return Object.fromEntries(
    binding.nodes.map(({ name }, i) => {
      const state = states[i];
      return [name, state === undefined || state.state === 'gone' ? 0 : state.pid];
    }),
  );
}

const asides = ({ binding }: Cluster): readonly string[] =>
  binding.nodes.flatMap(({ data = '' }) =>
    existsSync(dirname(data))
      ? readdirSync(dirname(data)).filter((name) => join(dirname(data), name).startsWith(`${data}.firedrill-`))
      : [],
  );
