/** A leader frozen for longer than leases last: by etcd's own count of changes, no instance was ever registered again. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectPassed } from '../drills/passes.js';
import * as scene from '../drills/scene.js';
import { type CliHome, cliHome, repo } from '../support/cli.js';
import { missingLab } from '../support/cluster.js';
import { AUDIT_STEP, audited, expectSameLedger } from './audited.js';
import { etcdCopy } from './own-copy.js';

const NAME = 'etcd-leases-through-freeze';
const LAB = 'etcd-3';
const LIMIT_MS = 150_000;
const why = missingLab(LAB);

describe.skipIf(why !== null)(`leases while the leader is frozen${why === null ? '' : `: ${why}`}`, () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(26_860);
  });
  afterAll(() => home?.dispose());

  test(
    'every instance stays registered, on the lease it had',
    async () => {
      const up = await home.run('lab', 'up', LAB, '--driver', 'process', '--json');
      expect(up.code, up.stderr).toBe(0);
      const { nodes }: { readonly nodes: readonly scene.LabNode[] } = JSON.parse(up.stdout);
      const text = readFileSync(join(repo, `drills/${NAME}.drill.yaml`), 'utf8');
      const drill = text.replace('  verify:\n', `  verify:\n    ${AUDIT_STEP}\n`);
      const changes: number[][] = [];
      const seen = await audited(home, drill, {
        nodes,
        copyOf: (url) => {
          changes.push(changesOfInstances(url));
          return etcdCopy(url);
        },
      });
      expectPassed(seen.run, {
        faults: [{ step: 'freeze-leader', name: 'node.freeze', targets: seen.run.result.faults[0]?.targets ?? [] }],
        recoveryMs: [300, 14_000],
      });
      expectSameLedger(seen);
      // 20 instances on each node, each written once since it was created.
      expect(changes).toEqual(nodes.map(() => Array.from({ length: 20 }, () => 1)));
      expect(seen.run.result.ledger).toMatchObject({ reregistered: 0, healed: 0 });
      expect((await home.run('lab', 'down', LAB)).code).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'the variant that must miss does',
    async () => {
      const { code, result, stderr } = await scene.runDrill(home, `test/drills-that-miss/${NAME}.drill.yaml`);
      expect(code, stderr).toBe(1);
      expect(result).toMatchObject({ valid: true, outcome: 'fail', residue: { checked: true, left: [] } });
      const bad = result.objectives.filter(({ verdict }) => verdict !== 'within');
      expect(bad.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(['rto missed']);
      scene.expectNothingLeft(home);
    },
    LIMIT_MS,
  );
});

/** `version` of a key: how often it was written since it was created. */
function changesOfInstances(url: string): number[] {
  const args = ['get', '/services/firedrill-canary-', '--prefix', '--consistency=s', '--write-out=json'];
  const env = { ...process.env, ETCDCTL_API: '3' };
  const said = execFileSync('etcdctl', [...args, `--endpoints=${url}`], { env, encoding: 'utf8' });
  const { kvs }: { readonly kvs: readonly { readonly key: string; readonly version: number }[] } = JSON.parse(said);
  return kvs.filter(({ key }) => /\/i\d{5}$/.test(Buffer.from(key, 'base64').toString())).map(({ version }) => version);
}
