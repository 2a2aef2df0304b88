import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executePrune, judgeArchives, planPrune } from '../../../src/backup/index.js';
import { type ArchiveLabel, labelName } from '../../../src/core/archive-label.js';
import type { Store } from '../../../src/core/store.js';
import { CALENDAR, DAY_MS, folderStore, someLabel, writeLabelled } from './material.js';

const HOUR_MS = 3_600_000;
/** A Sunday. */
const START_MS = Date.UTC(2026, 0, 4);

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'firedrill-prune-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** One backup of a random schedule: how long its type keeps it is known by how it was made. */
interface Made {
  readonly label: ArchiveLabel;
  readonly takenMs: number;
  readonly typeKeepMs: number;
}

interface Drawn {
  readonly hour: number;
  readonly full: boolean;
  readonly outOfTurn: boolean;
  readonly parentBack: number;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  hour: fc.nat(24 * 30),
  full: fc.boolean(),
  outOfTurn: fc.boolean(),
  // Nearly always the newest before it, sometimes an earlier one: a branch.
  parentBack: fc.oneof(
    { weight: 5, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.integer({ min: 2, max: 4 }) },
  ),
});

/** A full one is planned on Sunday at 2, a daily one at 2 on the other days; at other hours a full one is out of turn. */
function made(all: readonly Drawn[]): readonly Made[] {
  const result: Made[] = [];
  for (const { hour, full, outOfTurn, parentBack } of all.toSorted((a, b) => a.hour - b.hour)) {
    // Slots begin at :00 and may be half an hour late; :37 is nobody's.
    const takenMs = START_MS + hour * HOUR_MS + (outOfTurn ? 37 : 4) * 60_000;
    const parent = full ? null : (result.at(-parentBack) ?? result.at(0) ?? null);
    const label = someLabel(takenMs, parent?.label ?? null);
    const isDaily = hour % 24 === 2 && hour % 168 >= 24;
    const typeKeepMs = label.type === 'full' ? 28 * DAY_MS : outOfTurn || isDaily ? 7 * DAY_MS : DAY_MS;
    result.push({ label, takenMs, typeKeepMs });
  }
  return result;
}

const scenario = fc.record({
  all: fc.uniqueArray(drawn, { minLength: 1, maxLength: 24, selector: ({ hour }) => hour }),
  gone: fc.array(fc.nat(23), { maxLength: 2 }),
  tierKeepMs: fc.option(
    fc.integer({ min: 1, max: 40 * 24 }).map((hours) => hours * HOUR_MS),
    { freq: 8 },
  ),
  nowHour: fc.integer({ min: 24 * 8, max: 24 * 80 }),
  killedAfter: fc.option(fc.nat(40)),
});

/** The files on which the archive stands, or null when one of them is missing. */
function chainFiles(label: ArchiveLabel, held: readonly ArchiveLabel[]): readonly string[] | null {
  if (label.parent === null) return [label.file];
  const parent = held.find(({ file }) => file === label.parent?.file);
  const above = parent === undefined ? null : chainFiles(parent, held);
  return above === null ? null : [...above, label.file];
}

/** Does as it is told until it has removed so much; then it fails, as a killed process would. */
function dying(store: Store, removals: number): Store {
  let left = removals;
  return {
    ...store,
    remove: async (file) => {
      left -= 1;
      if (left < 0) throw new Error('killed');
      await store.remove(file);
    },
  };
}

describe('prune, over random chains and times', () => {
  it('judges as the rule of the plan says', () => {
    fc.assert(
      fc.property(scenario, ({ all, gone, tierKeepMs, nowHour }) => {
        const held = made(all).filter((_, index) => !gone.includes(index));
        const rules = { tierKeepMs, calendar: CALENDAR, nowMs: START_MS + nowHour * HOUR_MS + 50 * 60_000 };
        const judged = judgeArchives(held.map(({ label }) => label).toReversed(), rules);
        const stay = judged.flatMap(({ label, kept }) => (kept === null ? [] : [label.file]));
        expect(stay.sort()).toEqual(mustStay(held, rules));
      }),
      { numRuns: 500, seed: 12 },
    );
  });

  it('keeps every chain whole, takes nothing within its time, and takes all the rest, killed in between or not', async () => {
    let removedOnce = 0;
    await fc.assert(
      fc.asyncProperty(scenario, async ({ all, gone, tierKeepMs, nowHour, killedAfter }) => {
        const folder = mkdtempSync(join(dir, 'run-'));
        const history = made(all);
        const held = history.filter((_, index) => !gone.includes(index));
        for (const { label } of held) writeLabelled(folder, label);
        const labels = held.map(({ label }) => label);
        const wholeBefore = labels.filter((label) => chainFiles(label, labels) !== null);
        const nowMs = START_MS + nowHour * HOUR_MS + 50 * 60_000;
        const rules = { tierKeepMs, calendar: CALENDAR, nowMs };
        const store = folderStore(folder);
        const heldNow = (): readonly ArchiveLabel[] => {
          const files = readdirSync(folder);
          return labels.filter(({ file }) => files.includes(file) && files.includes(labelName(file)));
        };
        const wholeStays = (): void => {
          const now = heldNow();
          for (const label of wholeBefore.filter((one) => now.includes(one))) {
            expect(chainFiles(label, now), label.file).not.toBeNull();
          }
        };

        if (killedAfter !== null) {
          const killed = executePrune(dying(store, killedAfter), await planPrune(store, rules));
          await killed.catch((error: unknown) => expect(String(error)).toContain('killed'));
          wholeStays();
        }
        await executePrune(store, await planPrune(store, rules));
        wholeStays();

        const now = heldNow();
        expect(now.map(({ file }) => file).sort()).toEqual(mustStay(held, rules));
        // No label without its archive, no archive without its label.
        expect(readdirSync(folder)).toHaveLength(now.length * 2);
        removedOnce += labels.length - now.length;
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 25, seed: 11 },
    );
    expect(removedOnce).toBeGreaterThan(20);
  });
});

/** What is within its type's or its tier's time, the newest, and all that these stand on. */
function mustStay(
  held: readonly Made[],
  { tierKeepMs, nowMs }: { readonly tierKeepMs: number | null; readonly nowMs: number },
): readonly string[] {
  const inTime = ({ takenMs, typeKeepMs }: Made): boolean =>
    tierKeepMs === null || nowMs - takenMs <= Math.max(typeKeepMs, tierKeepMs);
  const labels = held.map(({ label }) => label);
  const roots = held.filter((one) => inTime(one) || one === held.at(-1)).map(({ label }) => label);
  return [...new Set(roots.flatMap((label) => standsOn(label, labels)))].sort();
}

/** As far up as it is there. */
function standsOn(label: ArchiveLabel, held: readonly ArchiveLabel[]): readonly string[] {
  const parent = held.find(({ file }) => file === label.parent?.file);
  return parent === undefined ? [label.file] : [...standsOn(parent, held), label.file];
}

describe('prune', () => {
  const week = made([
    { hour: 2, full: true, outOfTurn: false, parentBack: 1 },
    { hour: 26, full: false, outOfTurn: false, parentBack: 1 },
    { hour: 27, full: false, outOfTurn: false, parentBack: 1 },
    { hour: 170, full: true, outOfTurn: false, parentBack: 1 },
  ]).map(({ label }) => label);
  const rulesAt = (hour: number, tierDays: number | null) => ({
    tierKeepMs: tierDays === null ? null : tierDays * DAY_MS,
    calendar: CALENDAR,
    nowMs: START_MS + hour * HOUR_MS,
  });
  const reasons = (hour: number, tierDays: number | null): readonly unknown[] =>
    judgeArchives(week.toReversed(), rulesAt(hour, tierDays))
      .map(({ kept }) => kept?.why ?? 'goes')
      .toReversed();

  it('says of each why it is kept', () => {
    expect(reasons(24 * 8, 1)).toEqual(['type-time', 'type-time', 'goes', 'type-time']);
    expect(reasons(24 * 9, 1)).toEqual(['type-time', 'goes', 'goes', 'type-time']);
    expect(reasons(24 * 8, 7)).toEqual(['type-time', 'tier-time', 'tier-time', 'type-time']);
    expect(reasons(24 * 29, 28)).toEqual(['needed', 'tier-time', 'tier-time', 'tier-time']);
    expect(reasons(24 * 90, 7)).toEqual(['goes', 'goes', 'goes', 'newest']);
    expect(reasons(24 * 900, null)).toEqual(Array(4).fill('tier-for-ever'));
  });

  it('touches nothing that has no label, or is not ours', async () => {
    const folder = mkdtempSync(join(dir, 'others-'));
    const [old, , , newest] = week;
    if (old === undefined || newest === undefined) throw new Error('the week has four backups');
    writeLabelled(folder, old);
    writeLabelled(folder, newest);
    const strangers = [
      'registry-backup-20200101-000000.tar.gz',
      'registry-backup-20200102-000000.tar.gz.json',
      'registry-backup-20200103-000000.tar.gz.txt',
      'somebody.tar.gz',
      'somebody.tar.gz.json',
      'somebody.partial',
    ];
    for (const name of strangers) writeFileSync(join(folder, name), 'x');
    const store = folderStore(folder);
    const pruning = await planPrune(store, rulesAt(24 * 90, 7));
    expect([...pruning.unlabelled, ...pruning.others].sort()).toEqual(strangers.slice(0, 5));
    await executePrune(store, pruning);
    expect(readdirSync(folder).sort()).toEqual([newest.file, labelName(newest.file), ...strangers].sort());
  });

  it('takes what interrupted copies of ours left, once nothing was added for a day', async () => {
    const folder = mkdtempSync(join(dir, 'left-'));
    const left = [
      'registry-backup-20200101-000000.tar.gz.age.partial',
      'registry-backup-20200101-000000.tar.gz.json.partial',
    ];
    for (const name of [...left, 'registry-backup-20200102-000000.tar.gz.partial', 'somebody.partial']) {
      writeFileSync(join(folder, name), 'x');
      const hours = name.includes('20200102') ? 23 : 25;
      const at = new Date(START_MS - hours * HOUR_MS);
      utimesSync(join(folder, name), at, at);
    }
    const store = folderStore(folder);
    await executePrune(store, await planPrune(store, rulesAt(0, 7)));
    expect(readdirSync(folder).sort()).toEqual(['registry-backup-20200102-000000.tar.gz.partial', 'somebody.partial']);
  });
});
