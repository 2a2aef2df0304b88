/** A drill that holds still after the ledger was read, so that somebody else can read the same nodes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type DrillRun, type LabNode, readRun } from '../drills/scene.js';
import { type CliHome, said } from '../support/cli.js';
import { type Holding, type Opinion, secondOpinion } from './second-opinion.js';

const AUDIT = 'let-auditor-read';
const DONE = 'audited';

/** The last step of a drill's text: waits, writers stopped, until `DONE` lies beside the drill. */
export const AUDIT_STEP = `- { id: ${AUDIT}, run: [sh, -c, 'until [ -e ${DONE} ]; do sleep 0.05; done'], within: 60s }`;

export interface Audited {
  readonly run: DrillRun;
  readonly opinion: Opinion;
  readonly readings: ReadonlyMap<string, Holding>;
}

export async function audited(
  home: CliHome,
  drill: string,
  from: { readonly nodes: readonly LabNode[]; readonly copyOf: (url: string) => Promise<Holding> },
): Promise<Audited> {
  const file = join(home.dir, 'audited.drill.yaml');
  writeFileSync(file, drill);
  const started = home.start(['run', file, '--out', home.reports, '--no-input']);
  await said(started, `→ ${AUDIT}`);
  const readings = new Map(
    await Promise.all(from.nodes.map(async ({ name, url }) => [name, await from.copyOf(url)] as const)),
  );
  writeFileSync(join(home.dir, DONE), '');
  const run = readRun(await started.ended, home);
  const journal = readFileSync(join(run.dir, 'journal.jsonl'), 'utf8');
  return { run, readings, opinion: secondOpinion(journal, readings) };
}

/** Every number per node, every lost entry by name, and what each node was said to hold. */
export function expectSameLedger({ run, opinion, readings }: Audited): void {
  const { ledger, loss } = run.result;
  expect(ledger?.nodes.map(({ readable: _, ...counts }) => counts)).toEqual(opinion.nodes);
  expect({ lost: ledger?.lost, resurrected: ledger?.resurrected }).toEqual({
    lost: opinion.lost.length,
    resurrected: opinion.resurrected.length,
  });
  expect(loss).toMatchObject({
    records: opinion.lost.length + opinion.outdated.length,
    lostUpdates: opinion.outdated.length,
  });
  // The report names the first 20 of a class.
  const named = ledger?.samples.filter((sample) => sample.class === 'lost').map(({ entry }) => entry);
  expect(named).toEqual(opinion.lost.slice(0, 20));
  expect(ledger?.operations.acknowledged).toBe(opinion.acknowledged);
  for (const [node, held] of readings) {
    const parts = run.of('ledger.read').filter((part) => part.node === node);
    const said = new Map(parts.flatMap(({ entries }) => entries));
    expect([...said].toSorted(), node).toEqual([...held].toSorted());
  }
}
