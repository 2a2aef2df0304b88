/** The main site is lost and clients go to the standby: on real etcd, with the real mirror between the sites. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, processesWith, processState, repo, said, until } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import * as scene from './scene.js';

const LAB = 'etcd-2-sites';
const FILE = 'drills/etcd-site-lost.drill.yaml';
const LIMIT_MS = 150_000;
const why = missingLab(LAB);

describe.skipIf(why !== null)(`the main site is lost${why === null ? '' : `: ${why}`}`, () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(25_600);
  });
  afterAll(() => home?.dispose());

  const up = () => scene.labUp(home, LAB);
  const mirrors = () => processesWith(join(home.state, 'labs', LAB, 'make-mirror')).map(({ pid }) => pid);
  const atMain = (nodes: readonly scene.LabNode[]) => nodes.filter(({ name }) => name.startsWith('n'));
  const atStandby = (nodes: readonly scene.LabNode[]) => nodes.filter(({ name }) => name.startsWith('s'));
  const contents = async (nodes: readonly scene.LabNode[]) => ({
    main: await scene.contentOf(LAB, atMain(nodes)),
    standby: await scene.contentOf(LAB, atStandby(nodes)),
  });
  const sameAtBoth = (nodes: readonly scene.LabNode[]) =>
    until('both sites hold the same', async () => {
      const { main, standby } = await contents(nodes);
      return JSON.stringify(main) === JSON.stringify(standby) ? main : null;
    });
  const variant = (name: string, change: (text: string) => string): string => {
    const path = join(home.dir, `${name}.drill.yaml`);
    writeFileSync(path, change(readFileSync(join(repo, FILE), 'utf8')));
    return path;
  };

  test(
    'etcd-site-lost: the clients find everything at the standby, and afterwards both sites are as before',
    async () => {
      const before = await up();
      const content = await sameAtBoth(before);
      const [mirror] = mirrors();
      const ended = await scene.runDrill(home, FILE);
      const { result, of } = ended;
      expect(ended.code, ended.stderr).toBe(0);
      expect(result).toMatchObject({ valid: true, outcome: 'pass', endedEarly: null });
      expect(result.faults).toMatchObject([
        { step: 'lose-site', name: 'node.kill', targets: ['n1', 'n2', 'n3'], confirmed: true, reverted: true },
      ]);
      expect(result.steps.filter(({ outcome }) => outcome !== 'pass').map(({ id }) => id)).toEqual([]);
      // Two seconds to decide; then at most one lease until the owners have registered again.
      const rto = result.objectives.find(({ id }) => id === 'rto');
      expect(rto?.measuredMs).toBeGreaterThan(1_900);
      expect(rto?.measuredMs).toBeLessThan(15_000);
      expect(result.ledger?.nodes.map(({ node, readable }) => `${node} ${readable}`)).toEqual(['s1 true']);
      expect(of('decision.made').map(({ outcome }) => outcome)).toEqual(['switch-now']);
      const [lag] = of('check.sampled').filter(({ probe }) => probe === 'replication.lag');
      expect(Number(lag?.value)).toBeLessThan(500);
      const [moved] = of('traffic.rebased');
      expect(moved).toMatchObject({ step: 'switch', file: 'standby' });
      expect(result.loss?.records).toBe(moved?.dropped);
      const lostMs = of('fault.confirmed')[0]?.observedMs ?? 0;
      const later = of('attempt').filter(({ outcome, issuedMs }) => outcome === 'ok' && issuedMs > lostMs);
      expect(new Set(later.map(({ node }) => node))).toEqual(new Set(['s1']));
      const undone = of('undo.reverted').find(({ undoer }) => undoer === 'switch-site');
      expect(undone).toMatchObject({ reverted: true, nothingToDo: false });
      expect(undone?.detail.en).toMatch(/^back at the primary; the sites differ in 0 entries of others/);
      expect(result.residue).toEqual({ checked: true, left: [] });
      const after = await up();
      expect(await sameAtBoth(after)).toEqual(content);
      expect(mirrors()).toHaveLength(1);
      expect(mirrors()).not.toContain(mirror);
    },
    LIMIT_MS,
  );

  test(
    'what a mirror that hung had not copied is lost, and counted to the entry',
    async () => {
      const before = await up();
      const content = await sameAtBoth(before);
      const [mirror = 0] = mirrors();
      const file = variant('site-lost-with-lag', (text) =>
        text
          .replace('id: etcd-site-lost', 'id: site-lost-with-lag')
          .replace('    - id: lose-site', '    - { id: mirror-hangs, wait: 4s }\n    - id: lose-site'),
      );
      const started = home.start(['run', file, '--out', home.reports, '--no-input']);
      await said(started, '→ mirror-hangs');
      process.kill(mirror, 'SIGSTOP');
      const [copied] = [await scene.contentOf(LAB, atStandby(before))];
      const { result, of, code } = scene.readRun(await started.ended, home);
      // By plain reading: what the standby had when the mirror hung, and what the clients were told until the site was lost.
      const lostMs = of('fault.requested')[0]?.requestedMs ?? 0;
      const had = new Map(Object.entries(copied).map(([key, value]) => [key.replace('/services/', ''), value]));
      const newest = new Map<string, { readonly op: string; readonly version: number | null }>();
      for (const attempt of of('attempt').filter((one) => one.durable && one.endedMs < lostMs)) {
        if (attempt.outcome === 'ok') newest.set(attempt.entry, attempt);
      }
      const gone = [...newest].filter(([entry, { op, version }]) => {
        return op === 'register' && !had.get(entry)?.includes(`"canary":${version}}`);
      });
      expect(gone.length).toBeGreaterThan(30);
      expect(result.loss?.records).toBe(gone.length);
      expect(result.objectives.find(({ id }) => id === 'rpo.records')).toMatchObject({ verdict: 'missed' });
      expect(result.loss?.timeMs).toBeGreaterThan(2_500);
      expect(result.loss?.timeMs).toBeLessThan(6_000);
      expect(code).toBe(1);
      expect(result.recovery.find(({ operation }) => operation === 'discover')?.state).toBe('recovered');
      expect(result.residue).toEqual({ checked: true, left: [] });
      expect(await sameAtBoth(await up())).toEqual(content);
    },
    LIMIT_MS,
  );

  test(
    'a runner that is killed after the switch: recover brings the replication back and cleans both sites',
    async () => {
      const before = await up();
      const content = await sameAtBoth(before);
      const started = home.start(['run', FILE, '--out', home.reports, '--no-input']);
      await said(started, '→ serve-there');
      await until('entries are written at the standby', async () => {
        const standby = await scene.contentOf(LAB, atStandby(before));
        return Object.keys(standby).length > Object.keys(content).length + 20 ? true : null;
      });
      started.child.kill('SIGKILL');
      await started.ended;
      expect(mirrors()).toEqual([]);
      for (const { pid } of atMain(before)) expect(processState(pid)).toBeNull();
      const recovered = await home.run('recover');
      expect(recovered.code, recovered.stderr).toBe(0);
      expect(mirrors()).toHaveLength(1);
      expect(await sameAtBoth(await up())).toEqual(content);
    },
    LIMIT_MS,
  );

  test(
    'a standby that does not answer is not switched to, and nothing is changed for it',
    async () => {
      const before = await up();
      const file = variant('standby-away', (text) =>
        text
          .replace('id: etcd-site-lost', 'id: standby-away')
          .replace('      when: { decision: what-to-do, is: switch-now }\n', ''),
      );
      const started = home.start(['run', file, '--out', home.reports, '--no-input']);
      await said(started, '→ what-happened');
      for (const { pid } of atStandby(before)) process.kill(pid, 'SIGSTOP');
      try {
        const ended = scene.readRun(await started.ended, home);
        expect(ended.code).not.toBe(0);
        const step = ended.result.steps.find(({ id }) => id === 'switch');
        expect(step).toMatchObject({ outcome: 'fail' });
        expect(step?.reason?.en).toMatch(/^The standby site is not ready, so nothing was switched/);
        expect(ended.of('undo.armed').filter(({ undoer }) => undoer === 'switch-site')).toEqual([]);
      } finally {
        for (const { pid } of atStandby(before)) process.kill(pid, 'SIGCONT');
      }
      expect((await home.run('recover')).code).toBe(0);
      await sameAtBoth(await up());
    },
    LIMIT_MS,
  );

  test('and when the lab goes down, both sites and the mirror are gone', async () => {
    expect((await home.run('lab', 'down', LAB)).code).toBe(0);
    scene.expectNothingLeft(home);
  });
});
