/** A disk that is really full: the drill stops, undoes, says so. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onTinyDisk } from '../run-state/tiny-disk.js';
import { type CliHome, cliHome, said } from '../support/cli.js';
import {
  agreedContent,
  deadOf,
  frozenOf,
  journalLines,
  type LabNode,
  labUp,
  newestRunDir,
  ownNodes,
  put,
  stateIsClean,
  TWO_FAULTS,
  writeDrill,
} from './scene.js';

let home: CliHome;
let nodes: readonly LabNode[];
let before: Readonly<Record<string, string>>;
beforeAll(async () => {
  home = cliHome(29_400);
  nodes = await labUp(home);
  before = await agreedContent(nodes);
});
afterAll(() => home.dispose());

async function expectUndone(): Promise<void> {
  expect(frozenOf(nodes)).toEqual([]);
  expect(deadOf(nodes)).toEqual([]);
  expect(await agreedContent(nodes)).toEqual(before);
}

test('the disk of the reports fills up while two faults are on', ({ skip }) =>
  onTinyDisk(skip, async (disk) => {
    const execute = [...TWO_FAULTS.slice(0, 2), ...[1, 2, 3].map((n) => ({ id: `hold-${n}`, wait: '20s' }))];
    const started = home.start(['run', writeDrill(home, { id: 'journal-full', execute }), '--out', disk.path]);
    await said(started, '→ hold-1');
    expect(frozenOf(nodes)).toHaveLength(1);
    disk.fill();
    // More than fits into what is left of the last page; it may be too late, if the run has noticed by itself.
    await home.run('problem', 'open', '--title', 'x'.repeat(5_000), '--as', 'bob');
    const { code, stderr } = await started.ended;
    expect(stderr).toMatch(/Stopping \(.*(ENOSPC|no space|full)/i);
    expect(code).toBe(5);
    await expectUndone();
    expect(stateIsClean(home)).toBe(true);
    const dir = newestRunDir(disk.path, 'journal-full');
    expect(journalLines(dir).some((line) => line.includes('"type":"fault.confirmed"'))).toBe(true);
    disk.makeRoom();
    const report = await home.run('report', dir);
    expect(report.code).toBe(0);
    expect(report.stderr).toMatch(/ended early|stopped/);
    expect(existsSync(join(dir, 'report.html'))).toBe(true);
  }));

test('the disk of the undo records is full: the fault is not turned on', ({ skip }) =>
  onTinyDisk(skip, async (disk) => {
    // Its undo needs more than what is left of the last page of the disk.
    const [node] = nodes;
    for (let i = 0; i < 100 && node !== undefined; i += 1) {
      await put(node, `/services/large-service/10.8.0.${i}:80`, `{"ip":"10.8.0.${i}","port":80,"status":"UP"}`);
    }
    before = await agreedContent(nodes);
    const file = writeDrill(home, {
      id: 'state-full',
      environment: { name: 'own' },
      target: ownNodes(home),
      execute: [
        { id: 'freeze', inject: 'node.freeze', on: { role: 'follower' } },
        { id: 'pause', wait: '3s' },
        { id: 'delete', inject: 'service.delete', with: { service: 'large-service' } },
        { id: 'hold', wait: '1m' },
      ],
    });
    const env = { FIREDRILL_STATE: join(disk.path, 'state') };
    const started = home.start(['run', file, '--out', home.reports, '--confirm', 'own'], { env });
    await said(started, '→ pause');
    disk.fill();
    const { code, stderr } = await started.ended;
    expect(stderr).not.toContain('effect service.delete');
    expect(stderr).toMatch(/Stopping|stopping/);
    expect(code).toBe(5);
    await expectUndone();
    const lines = journalLines(newestRunDir(home.reports, 'state-full'));
    expect(lines.some((line) => line.includes('"type":"run.stopping","cause":"disk"'))).toBe(true);
    expect(lines.some((line) => line.includes('"type":"fault.injected"') && line.includes('service.delete'))).toBe(
      false,
    );
    expect(existsSync(join(newestRunDir(home.reports, 'state-full'), 'report.html'))).toBe(true);
    expect(existsSync(join(disk.path, 'state/runs'))).toBe(false);
  }));
