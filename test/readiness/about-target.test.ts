/** With a target only what is about it is evidence: what is left out is told, and nothing left is never a yes. */
import { describe, expect, test } from 'vitest';
import {
  type ArchiveRecord,
  archiveStranger,
  evaluateReadiness,
  type ReadinessEvidence,
  type RunRecord,
  readinessMarkdown,
  runStranger,
  sortOut,
  type TargetReading,
} from '../../src/readiness/index.js';
import { archivesOf, blindTier, good, HOUR_MS, issue, NOW_MS, plan, run, tier } from './evidence.js';

const target: TargetReading = {
  product: 'etcd',
  version: '3.5.16',
  clusterId: 'c1',
  node: 'n1',
  leader: true,
  services: 12,
  instances: 400,
  durable: 312,
  runsLeftOut: [],
};
const all = archivesOf(plan, 7);
const alsoOf = (of: Partial<ArchiveRecord>): readonly ArchiveRecord[] => all.map((archive) => ({ ...archive, ...of }));

/** As it is gathered: sorted out first, judged afterwards. */
function about(
  found: { readonly archives?: readonly ArchiveRecord[]; readonly runs?: readonly RunRecord[] },
  spoil: Partial<ReadinessEvidence> = {},
) {
  const archives = sortOut(found.archives ?? all, target, archiveStranger);
  const runs = sortOut(found.runs ?? [run], target, runStranger);
  const tiers = [tier('local', false, archives.counted), tier('object', true, archives.counted)];
  return evaluateReadiness({
    ...good,
    target: { ...target, runsLeftOut: runs.leftOut },
    tiers: tiers.map((each) => ({ ...each, leftOut: archives.leftOut })),
    runs: { read: true, where: 'reports', value: runs.counted },
    ...spoil,
  });
}
type Found = ReturnType<typeof about>;
const answers = ({ answers: given }: Found, ...numbers: readonly number[]) =>
  numbers.map((number) => given.find((each) => each.number === number)?.answer);
const seen = ({ answers: given }: Found, number: number): string =>
  given
    .find((each) => each.number === number)
    ?.seen.map(({ text }) => text.en)
    .join('; ') ?? '';

describe('archives', () => {
  test('of the target itself: the same answers as without one', () => {
    const without = evaluateReadiness(good);
    expect(without.target).toBeNull();
    expect(about({}).answers.map(({ answer }) => answer)).toEqual(without.answers.map(({ answer }) => answer));
    expect(about({}).target).toMatchObject({ product: 'etcd', clusterId: 'c1', durable: 312, leftOut: [] });
  });

  test.each([
    ['another product', { product: 'zookeeper', clusterId: null }, '168 archives of zookeeper do not count'],
    ['another product with the same id', { product: 'antietcd' }, '168 archives of antietcd do not count'],
    ['another cluster', { clusterId: 'c2' }, '168 archives of cluster c2 do not count: after a full restore'],
    ['a cluster that is not told', { clusterId: null }, '168 archives which tell no cluster do not count'],
  ])('of %s alone: nothing is left, and nothing is a yes', (_name, of, told) => {
    const found = about({ archives: alsoOf(of) });
    expect(answers(found, 1, 2, 3, 4, 8)).toEqual(['no', 'unknown', 'no', 'unknown', 'unknown']);
    expect(found.ready).toBe(false);
    expect(found.forecasts.map(({ answer, held }) => [answer, held])).toEqual([
      ['unknown', null],
      ['unknown', null],
    ]);
    expect(readinessMarkdown(found, 'en')).toContain(told.replace('168', String(all.length)));
  });

  test('a fresh one of another registry makes none of ours fresh', () => {
    const [first, ...rest] = all;
    const archives = [first, ...rest.map((archive) => ({ ...archive, product: 'zookeeper' }))].flatMap(
      (archive) => archive ?? [],
    );
    const found = about({ archives });
    expect(answers(found, 1, 8)).toEqual(['no', 'no']);
    expect(found.target?.leftOut).toEqual([
      { what: 'archives', where: '/backups/local', product: 'zookeeper', clusterId: 'c1', count: rest.length },
      { what: 'archives', where: '/backups/object', product: 'zookeeper', clusterId: 'c1', count: rest.length },
    ]);
  });
});

describe('runs', () => {
  const elsewhere: RunRecord = { ...run, product: 'zookeeper' };

  test('on another product alone: nothing they have shown counts', () => {
    const found = about({ runs: [elsewhere, elsewhere] });
    expect(answers(found, 6, 7, 8, 10, 13, 15, 16)).toEqual(Array.from({ length: 7 }, () => 'unknown'));
    expect(found.target?.leftOut).toMatchObject([{ what: 'runs', product: 'zookeeper', count: 2 }]);
    expect(found.forecasts[0]?.answer).toBe('unknown');
  });

  test('a tabletop has no target, and stays', () => {
    const tabletop: RunRecord = { ...run, product: null, kind: 'tabletop', rto: [], rpo: [], restores: [] };
    const found = about({ runs: [elsewhere, tabletop] });
    expect(answers(found, 6, 7, 13, 16)).toEqual(['no', 'unknown', 'yes', 'yes']);
  });

  test('an issue of another product alone is none of the target, but what it says of the documents holds', () => {
    const late = { ...issue, rule: 'document-outdated', dueMs: NOW_MS - 1, seenMs: NOW_MS };
    const issues = (on: boolean) => ({ read: true, where: 'i', value: [{ ...late, elsewhere: on }] }) as const;
    expect(answers(about({}, { issues: issues(false) }), 5, 14)).toEqual(['no', 'no']);
    expect(answers(about({}, { issues: issues(true) }), 5, 14)).toEqual(['no', 'yes']);
    expect(answers(about({ runs: [elsewhere] }, { issues: issues(true) }), 14)).toEqual(['unknown']);
  });
});

describe('what the target holds now', () => {
  const text = 'the registry now holds 312 durable instances, the newest backup 300';

  test('beside the newest backup: with the loss, and with each forecast', () => {
    const found = about({});
    expect(seen(found, 8)).toContain(text);
    expect(found.forecasts.map(({ held }) => held)).toEqual([
      { now: 312, archive: 300 },
      { now: 312, archive: 300 },
    ]);
    expect(readinessMarkdown(found, 'en').split(text)).toHaveLength(4);
    expect(readinessMarkdown(found, 'zh')).toContain('注册中心现有 312 个持久实例，最新备份中有 300 个');
  });

  test('a newest backup of an empty registry is no backup of this one, however fresh', () => {
    const archives = all.map((archive, index) => ({ ...archive, durable: index === all.length - 1 ? 0 : 300 }));
    const found = about({ archives });
    expect(answers(found, 8)).toEqual(['no']);
    expect(seen(found, 8)).toContain('the newest backup none');
    expect(found.forecasts.map(({ answer }) => answer)).toEqual(['unknown', 'unknown']);
    expect(found.objectives.find(({ objective }) => objective === 'rto')?.text.en).toContain('brings nothing back');
    const page = readinessMarkdown(found, 'en');
    expect(page.match(/the newest backup none/g)).toHaveLength(4);

    const slow = { ...run, restores: [{ bytes: 1_000_000, tookMs: HOUR_MS }] };
    const late = about({ archives, runs: [slow] });
    expect(late.forecasts.map(({ answer }) => answer)).toEqual(['no', 'no']);
    expect(readinessMarkdown(late, 'en').match(/the newest backup none/g)).toHaveLength(3);
  });

  test('where a tier could not be read, a better one may lie there', () => {
    const empty = alsoOf({ durable: 0 });
    const found = about({}, { tiers: [tier('local', false, empty), blindTier('object', true)] });
    expect(answers(found, 8)).toEqual(['unknown']);
  });

  test('a registry that is empty itself has nothing to lose', () => {
    const empty = { ...target, durable: 0 };
    const found = about({ archives: alsoOf({ durable: 0 }) }, { target: empty });
    expect(answers(found, 8)).toEqual(['yes']);
  });

  test('read without a leader, or without a cluster id, that is said', () => {
    const page = readinessMarkdown(about({}, { target: { ...target, leader: false, clusterId: null } }), 'en');
    expect(page).toContain('by n1, without a leader: later writes may be missing');
    expect(page).toContain('etcd has no cluster id');
  });
});
