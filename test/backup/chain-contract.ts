/** Increments and chains on a real lab, held against what the node itself tells without our adapter. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backupService } from '../../src/backup/index.js';
import { labelName, parseLabel } from '../../src/core/archive-label.js';
import type { ArchiveVerdict, Increment, SubstepReport } from '../../src/core/backup.js';
import { pollUntil, systemClock } from '../../src/core/clock.js';
import { type BackupSubstep, RESTORE_SUBSTEPS, type RestoreSubstep } from '../../src/core/drill.js';
import type { UndoData } from '../../src/core/fault.js';
import type { WrittenBackup } from '../../src/core/services.js';
import { type LabName, missingLab, type StartedLab, startLab } from '../support/cluster.js';
import { independentContent } from './material.js';

const CALL = { limitMs: 2_000 };

interface Change {
  readonly service: string;
  readonly instance: string;
  /** Null = it is taken away. */
  readonly value: string | null;
}

export function chainContract(labName: LabName, basePort: number): void {
  const why = missingLab(labName);
  describe.skipIf(why !== null)(`increments on ${labName}${why === null ? '' : `: ${why}`}`, () => {
    let lab: StartedLab;
    let root: string;
    const client = () => lab.cluster.registry.client('n1');
    const put = async (service: string, instance: string, value: string): Promise<void> => {
      expect(await client().register({ service, instance, value }, CALL)).toMatchObject({ outcome: 'ok' });
    };
    const remove = async (service: string, instance: string): Promise<void> => {
      expect(await client().deregister({ service, instance }, CALL)).toMatchObject({ outcome: 'ok' });
    };
    /** To the registry and to the model. */
    async function apply(model: Map<string, string>, { service, instance, value }: Change): Promise<void> {
      if (value === null) await remove(service, instance);
      else await put(service, instance, value);
      if (value === null) model.delete(`${service}/${instance}`);
      else model.set(`${service}/${instance}`, value);
    }
    const folder = (): string => mkdtempSync(join(root, 'chain-'));
    async function take(mode: 'full' | 'incremental', dir: string) {
      const reports: SubstepReport<BackupSubstep>[] = [];
      const info = await backupService[mode]({
        cluster: lab.cluster,
        dir,
        timeZone: 'Asia/Shanghai',
        clock: systemClock,
        onSubstep: (report) => reports.push(report),
      });
      return { info, reports };
    }
    /** Key → value of every durable entry, as the chain up to this archive has it. */
    async function held({ path }: WrittenBackup): Promise<Readonly<Record<string, string>>> {
      const verdict = await backupService.verify(path);
      return contentOf(verdict);
    }
    /** What the leader lists now. */
    async function now(): Promise<Readonly<Record<string, string>>> {
      const services = await client().listOwn(CALL);
      if (services.outcome !== 'ok') throw new Error(services.reason);
      return Object.fromEntries(services.value.map((e) => [`${e.service}/${e.instance}`, e.value]));
    }

    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), 'firedrill-chain-'));
      lab = await startLab(labName, basePort, process.env);
      await put('shop', 'a', 'one');
      await put('shop', 'b', 'two “中文”\n');
      await put('bank', 'a', 'kept');
    });
    afterAll(async () => {
      await lab?.stop();
      rmSync(root, { recursive: true, force: true });
    });

    it('holds only what changed, and its chain holds everything', async () => {
      const dir = folder();
      const { info: full } = await take('full', dir);
      expect(full).toMatchObject({ type: 'full', parent: null, base: full.fileName, instead: null });
      await put('shop', 'b', 'changed');
      await put('new', 'x', '新');
      await remove('shop', 'a');
      await client().putSetting({ name: 'lease', value: '91s' }, CALL);
      const { info: first, reports } = await take('incremental', dir);
      expect(reports.map(({ name, outcome }) => [name, outcome])).toEqual([
        ['lock', 'not-applicable'],
        ['export', 'pass'],
        ['compress', 'pass'],
        ['upload', 'pass'],
        ['unlock', 'not-applicable'],
      ]);
      expect(first).toMatchObject({
        type: 'incremental',
        base: full.fileName,
        instances: 2,
        removed: 1,
        instead: null,
      });
      expect(first.parent).toMatchObject({ file: full.fileName, revision: full.revision });
      expect(await held(first)).toEqual(await now());
      // Nothing changed: an empty increment is one too.
      const { info: second } = await take('incremental', dir);
      expect(second).toMatchObject({ type: 'incremental', instances: 0, removed: 0, state: first.state });
      await put('shop', 'a', 'back again');
      await remove('new', 'x');
      const { info: third } = await take('incremental', dir);
      const verdict = await backupService.verify(third.path);
      expect(contentOf(verdict)).toEqual(await now());
      if (!verdict.sound) throw new Error(verdict.reason.en);
      expect(verdict.chain.map(({ fileName }) => fileName)).toEqual(
        [full, first, second, third].map(({ fileName }) => fileName),
      );
      expect(verdict.snapshot.settings).toContainEqual({ name: 'lease', value: '91s' });
      // Each of them is still what it was.
      expect(await held(full)).toMatchObject({ 'shop/a': 'one', 'shop/b': 'two “中文”\n' });
      expect(await held(first)).toMatchObject({ 'shop/b': 'changed', 'new/x': '新' });
      const listed = await backupService.list(dir);
      expect(listed.map((one) => (one.sound ? one.info.fileName : one.reason.en))).toEqual(
        [third, second, first, full].map(({ fileName }) => fileName),
      );
      const label = parseLabel(readFileSync(join(dir, labelName(third.fileName)), 'utf8'));
      expect(label).toMatchObject({
        type: 'incremental',
        base: full.fileName,
        sha256: third.sha256,
        parent: third.parent,
      });
    });

    it('tells a leased entry from a durable one, also when only that changed', async () => {
      const dir = folder();
      await put('mixed', 'm', 'same');
      await take('full', dir);
      const lease = await client().grantLease(60_000, CALL);
      if (lease.outcome !== 'ok') throw new Error(lease.reason);
      const { leaseId } = lease.value;
      await client().register({ service: 'mixed', instance: 'm', value: 'same', leaseId }, CALL);
      const { info } = await take('incremental', dir);
      expect(info).toMatchObject({ type: 'incremental', instances: 1, durable: 0 });
      expect((await backupService.verify(info.path)).sound).toBe(true);
      await put('mixed', 'm', 'same');
      const { info: after } = await take('incremental', dir);
      expect(after).toMatchObject({ instances: 1, durable: 1 });
      await remove('mixed', 'm');
    });

    it.each([
      ['there is none', (dir: string) => rmSync(dir, { recursive: true })],
      ['the full one is gone', (dir: string, full: string) => unlinkSync(join(dir, full))],
      ['the full one is damaged', (dir: string, full: string) => flip(join(dir, full))],
      ['the newest is damaged', (dir: string, _: string, newest: string) => flip(join(dir, newest))],
      [
        'the full one is gone, and no label tells of it',
        (dir: string, full: string) => {
          for (const name of readdirSync(dir)) if (name.endsWith('.json')) unlinkSync(join(dir, name));
          unlinkSync(join(dir, full));
        },
      ],
    ])('is a full one, and says why, when %s', async (_, damage) => {
      const dir = folder();
      const { info: full } = await take('full', dir);
      await put('shop', 'c', `${systemClock.monotonicMs()}`);
      const { info: newest } = await take('incremental', dir);
      expect(newest.type).toBe('incremental');
      damage(dir, full.fileName, newest.fileName);
      const { info, reports } = await take('incremental', dir);
      expect(info).toMatchObject({ type: 'full', parent: null, instead: { en: expect.any(String) } });
      expect(reports.find(({ name }) => name === 'export')?.detail.en).toContain('instead of an increment');
      expect(await held(info)).toEqual(await now());
      expect((await backupService.verify(info.path)).sound).toBe(true);
    });

    it('goes on without labels, and with a damaged one, by what the archives say of themselves', async () => {
      const dir = folder();
      const { info: full } = await take('full', dir);
      unlinkSync(join(dir, labelName(full.fileName)));
      await put('shop', 'd', '1');
      const { info } = await take('incremental', dir);
      expect(info).toMatchObject({ type: 'incremental', instances: 1 });
      const label = join(dir, labelName(info.fileName));
      writeFileSync(label, readFileSync(label, 'utf8').replace('"revision": ', '"revision": 1'));
      await put('shop', 'd', '2');
      const { info: next } = await take('incremental', dir);
      expect(next).toMatchObject({ type: 'incremental', instances: 1 });
      expect(await held(next)).toEqual(await now());
    });

    it('verify finds a missing and an exchanged parent', async () => {
      const dir = folder();
      const { info: full } = await take('full', dir);
      await put('shop', 'e', '1');
      const { info: first } = await take('incremental', dir);
      await put('shop', 'e', '2');
      const { info: second } = await take('incremental', dir);
      const bytes = readFileSync(first.path);
      unlinkSync(first.path);
      expect(await backupService.verify(second.path)).toMatchObject({
        sound: false,
        reason: { en: expect.stringContaining(`${first.fileName} is missing`) },
      });
      // Its label would tell first that these are other bytes.
      unlinkSync(join(dir, labelName(first.fileName)));
      writeFileSync(first.path, readFileSync(full.path));
      expect(await backupService.verify(second.path)).toMatchObject({
        sound: false,
        reason: { en: expect.stringContaining('another archive of the same name') },
      });
      writeFileSync(first.path, bytes);
      expect((await backupService.verify(second.path)).sound).toBe(true);
    });

    /** The six steps with this archive, and all that it stands on. */
    async function restoreAll({ path }: WrittenBackup): Promise<SubstepReport<RestoreSubstep>[]> {
      const archive = await backupService.verify(path);
      if (!archive.sound) throw new Error(archive.reason.en);
      const world = { cluster: lab.cluster, clock: systemClock, stateDir: root };
      const undo = await backupService.restore.prepare(world, { archive, service: null });
      const reports: SubstepReport<RestoreSubstep>[] = [];
      const onSubstep = (report: SubstepReport<RestoreSubstep>): number => reports.push(report);
      await backupService.restore.execute(world, { archive, service: null, undo, onSubstep });
      await backupService.restore.commit(world, undo);
      return reports;
    }

    it('puts a list of services back from a chain, and leaves the others alone', async () => {
      const dir = folder();
      await put('left', 'l', '1');
      await put('right', 'r', '1');
      await take('full', dir);
      await put('right', 'r', '2');
      await put('right', 's', 'new');
      const { info } = await take('incremental', dir);
      await put('left', 'l', 'broken');
      await remove('right', 'r');
      await put('other', 'o', 'stays');
      const archive = await backupService.verify(info.path);
      if (!archive.sound) throw new Error(archive.reason.en);
      const world = { cluster: lab.cluster, clock: systemClock, stateDir: root };
      const service = ['left', 'right'];
      const undo = JSON.parse(
        JSON.stringify(await backupService.restore.prepare(world, { archive, service })),
      ) as UndoData;
      await backupService.restore.execute(world, { archive, service, undo, onSubstep: () => {} });
      await backupService.restore.commit(world, undo);
      expect(await now()).toMatchObject({ 'left/l': '1', 'right/r': '2', 'right/s': 'new', 'other/o': 'stays' });
    });

    it('can be read with tar and sha256sum alone, and equal changes at an equal time give equal bytes', async () => {
      const dir = folder();
      await take('full', dir);
      await put('plain', 'p', 'x');
      await remove('other', 'o');
      const clock = { ...systemClock, wallIso: () => '2026-11-23T08:00:00.000Z' };
      const options = { cluster: lab.cluster, timeZone: 'UTC', clock, onSubstep: () => {} };
      const copy = folder();
      cpSync(dir, copy, { recursive: true });
      const one = await backupService.incremental({ ...options, dir });
      const two = await backupService.incremental({ ...options, dir: copy });
      expect(one.type).toBe('incremental');
      if (labName !== 'zookeeper-3') expect(two.sha256).toBe(one.sha256);
      const out = folder();
      execFileSync('tar', ['-xzf', one.path, '-C', out]);
      execFileSync('sha256sum', ['-c', 'backup.sha256'], { cwd: out });
      expect(readdirSync(out).sort()).toEqual(['backup.md5', 'backup.sha256', 'manifest.json', 'snapshot.json']);
      const snapshot = JSON.parse(readFileSync(join(out, 'snapshot.json'), 'utf8')) as Increment;
      expect(snapshot.services).toMatchObject([{ name: 'plain', instances: [{ id: 'p', raw: 'x' }] }]);
      expect(snapshot.removed).toEqual([{ service: 'other', id: 'o' }]);
    });

    it('equals the model at every point of random histories', { timeout: 60_000 }, async () => {
      const change = fc.record({
        service: fc.constantFrom('m1', 'm2'),
        instance: fc.constantFrom('a', 'b', 'c/d', '中'),
        value: fc.option(fc.constantFrom('', 'x', '{"ip":"10.0.0.1"}', '"\n', '值'), { freq: 2 }),
      });
      const part = fc.record({
        mode: fc.constantFrom('full', 'incremental', 'incremental'),
        changes: fc.array(change, { maxLength: 6 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(part, { minLength: 2, maxLength: 5 }), async (history) => {
          const dir = folder();
          const model = new Map(Object.entries(await now()));
          const points: { readonly info: WrittenBackup; readonly state: Readonly<Record<string, string>> }[] = [];
          for (const { mode, changes } of history) {
            for (const one of changes) await apply(model, one);
            const { info } = await take(mode as 'full' | 'incremental', dir);
            points.push({ info, state: Object.fromEntries(model) });
          }
          for (const { info, state } of points) expect(await held(info)).toEqual(state);
          expect((await backupService.list(dir)).every(({ sound }) => sound)).toBe(true);
        }),
        { numRuns: 5, seed: 5 },
      );
    });

    // Of a registry without a history nothing can be compacted.
    if (labName === 'etcd-3') {
      it('is a full one when the history was compacted', async () => {
        const dir = folder();
        const { info: full } = await take('full', dir);
        for (let n = 0; n < 4; n += 1) await put('compacted', 'c', `${n}`);
        const { url } = lab.cluster.binding.nodes[0] ?? { url: '' };
        const body = JSON.stringify({ revision: full.revision + 3 });
        expect((await fetch(`${url}/v3/kv/compaction`, { method: 'POST', body })).status).toBe(200);
        const { info } = await take('incremental', dir);
        expect(info).toMatchObject({ type: 'full', instead: { en: expect.stringContaining('has been compacted') } });
        expect(await held(info)).toEqual(await now());
      });
    }

    it('is restored to every point in time, to the very hash that the archive tells', async () => {
      const dir = folder();
      const { info: full } = await take('full', dir);
      await put('shop', 'a', 'second');
      await put('late', 'l', 'only in between');
      await remove('bank', 'a');
      await client().putSetting({ name: 'heartbeat', value: '31s' }, CALL);
      const { info: first } = await take('incremental', dir);
      await put('bank', 'a', 'kept');
      await remove('late', 'l');
      await client().removeSetting('heartbeat', CALL);
      const { info: second } = await take('incremental', dir);
      await put('intruder', 'x', 'must be gone');
      for (const info of [first, second, full]) {
        const reports = await restoreAll(info);
        expect(reports.map(({ name, outcome }) => [name, outcome])).toEqual(
          RESTORE_SUBSTEPS.map((name) => [name, 'pass']),
        );
        expect(reports.at(-1)?.facts).toMatchObject({ contentHash: info.state.durableHash, others: 0 });
        const wanted = await held(info);
        const lines = Object.entries(wanted).map(([key, value]) => `/services/${key}=${value}`);
        const { value } = await pollUntil(
          () => independentContent(lab.cluster.binding.product, lab.cluster.binding.nodes[0] as never),
          (found) => lines.every((line) => found.includes(line)),
          { clock: systemClock, withinMs: 10_000, everyMs: 100 },
        );
        expect(value.filter((line) => line.startsWith('/services/'))).toEqual(lines.sort());
      }
      // The chain is cut by a restore where the registry tells that it is another one now.
      const { info } = await take('incremental', dir);
      if (labName === 'etcd-3')
        expect(info).toMatchObject({ type: 'full', instead: { en: expect.stringContaining('cluster') } });
      expect(await held(info)).toEqual(await now());
    });
  });
}

function contentOf(verdict: ArchiveVerdict): Readonly<Record<string, string>> {
  if (!verdict.sound) throw new Error(verdict.reason.en);
  return Object.fromEntries(
    verdict.snapshot.services.flatMap(({ name, instances }) => instances.map(({ id, raw }) => [`${name}/${id}`, raw])),
  );
}

function flip(path: string): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}
