import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../src/core/duration.js';
import { type Text, textIn } from '../../src/core/text.js';
import { builtInRecoveryPlan } from '../../src/plan/index.js';

/** The tables of the requirements (seed §2.3, §3.3, §4, §5.2, §6.2–§6.4, §7, §8.2), copied by hand. */
const plan = builtInRecoveryPlan();
const en = (text: Text | undefined): string => textIn(text ?? '', 'en');
const ms = (text: string): number => parseDuration(text) ?? Number.NaN;
const rows = <T, R>(
  record: Readonly<Record<string, T>> | undefined,
  row: (value: T) => R,
): readonly (readonly [string, R])[] => Object.entries(record ?? {}).map(([name, value]) => [name, row(value)]);

describe('the built-in plan holds the tables of the requirements', () => {
  test('milestones: who answers for each, and the three actions of T+10', () => {
    expect(plan.milestones.map(({ id, by }) => [id, by])).toEqual([
      ['T+0', 'technical'],
      ['T+5m', 'commander'],
      ['T+10m', 'commander'],
      ['T+30m', 'technical'],
      ['T+2h', 'technical'],
      ['T+24h', 'evaluator'],
    ]);
    expect(
      plan.milestones.flatMap(({ id, actions = [] }) => actions.map(({ title }) => [id, textIn(title, 'zh')])),
    ).toEqual([
      ['T+10m', '切换到备用机房'],
      ['T+10m', '通知所有业务方'],
      ['T+10m', '准备数据恢复'],
    ]);
  });

  test('backup calendar: when what is backed up, and how long it is kept', () => {
    const slots = plan.calendar?.slots ?? {};
    expect(plan.calendar?.timeZone).toBe('Asia/Shanghai');
    expect(
      rows(slots, ({ type, days, hours, minute, keepMs }) => [
        type,
        days.length,
        hours.length,
        hours[0],
        minute,
        keepMs,
      ]),
    ).toEqual([
      ['full', ['full', 1, 1, 2, 0, ms('28d')]],
      ['daily', ['incremental', 6, 1, 2, 0, ms('7d')]],
      ['hourly', ['incremental', 7, 24, 0, 0, ms('24h')]],
    ]);
    expect(slots.full?.days).toEqual(['sunday']);
    expect(slots.daily?.days).not.toContain('sunday');
  });

  test('tiers: place, retention, whether a copy there is in another place', () => {
    const table = rows(plan.tiers, ({ kind, keepMs, countsAsAnotherPlace, encryption }) => [
      kind,
      keepMs,
      countsAsAnotherPlace,
      encryption.kind,
    ]);
    expect(table).toEqual([
      ['local', ['directory', ms('7d'), false, 'recipients']],
      ['nas', ['directory', ms('30d'), false, 'recipients']],
      ['object', ['s3', ms('90d'), true, 'recipients']],
      ['archive', ['s3', null, true, 'recipients']],
    ]);
    const local = plan.tiers?.local;
    expect(local?.kind === 'directory' ? local.place : null).toBe('/data/backup/registry/');
  });

  test('distances, sync modes, and what the standby site takes of them', () => {
    expect(
      rows(plan.distances, ({ leastDelayMs, mostDelayMs, range }) => [leastDelayMs, mostDelayMs, en(range)]),
    ).toEqual([
      ['same-city', [0, 2, '10–50 km']],
      ['other-city', [20, 50, '500–1000 km']],
      ['other-country', [100, 200, 'more than 3000 km']],
    ]);
    expect(rows(plan.syncModes, ({ lagMs, equalShare }) => [lagMs, equalShare])).toEqual([
      ['real-time', [100, 0.9999]],
      ['near-real-time', [ms('5m'), null]],
      ['timed', [ms('5m'), 0.95]],
    ]);
    expect(plan.sites?.standby).toMatchObject({
      role: 'standby',
      delayMs: 50,
      sync: { mode: 'real-time', lagMs: 100, equalShare: 0.9999 },
    });
    expect(plan.sites?.main).toMatchObject({ role: 'primary', delayMs: null, sync: null });
  });

  test('the decision tree', () => {
    const { start, questions, outcomes } = plan.decision?.switchover ?? { start: '', questions: {}, outcomes: {} };
    expect(start).toBe('repairable');
    expect(rows(questions, ({ fact, withinMs, branches }) => [fact, withinMs, branches.yes, branches.no])).toEqual([
      ['repairable', ['repairable-in-place', ms('15m'), 'repair-in-place', 'backup-usable']],
      ['backup-usable', ['usable-backup', undefined, 'standby-ready', 're-register']],
      ['standby-ready', ['standby-ready', undefined, 'switch-now', 'request-resources']],
    ]);
    expect(rows(outcomes, ({ title }) => textIn(title, 'zh'))).toEqual([
      ['repair-in-place', '原地修复'],
      ['re-register', '服务重新注册'],
      ['switch-now', '立即切换'],
      ['request-resources', '紧急申请资源'],
    ]);
  });

  test('what nobody can tell neither repairs, nor gives up, nor switches', () => {
    const leads = rows(plan.decision?.switchover?.questions, ({ branches }) => branches.unknown);
    expect(leads).toEqual([
      ['repairable', 'backup-usable'],
      ['backup-usable', 'standby-ready'],
      ['standby-ready', 'request-resources'],
    ]);
  });

  test('degradation levels', () => {
    const { levels, fullRecovery, coreServices } = plan.degradation ?? {
      levels: [],
      fullRecovery: null,
      coreServices: [],
    };
    expect(
      levels.map(({ level, clients, withinMs, title }) => [level, clients, withinMs, textIn(title, 'zh')]),
    ).toEqual([
      [1, 'read-only', undefined, '读写分离'],
      [2, 'local-cache', ms('30m'), '本地缓存'],
      [3, 'static', ms('5m'), '静态配置'],
      [4, 'core-only', undefined, '核心保障'],
    ]);
    expect(fullRecovery?.withinMs).toBe(ms('2h'));
    expect(coreServices).toEqual(['payment']);
  });

  test('classes of objectives', () => {
    expect(plan.objectiveClasses?.rto.map(({ rtoMs, cost }) => [rtoMs, en(cost)])).toEqual([
      [ms('5m'), '5–10 times'],
      [ms('30m'), '2–3 times'],
      [ms('2h'), '1.5 times'],
      [ms('24h'), '1.2 times'],
    ]);
    expect(plan.objectiveClasses?.rpo.map(({ rpoMs }) => rpoMs)).toEqual([0, ms('5m'), ms('1h'), ms('24h')]);
  });

  test('estimates of a restore by size', () => {
    expect(plan.restoreEstimates?.map(({ upToBytes, leastMs, mostMs }) => [upToBytes, leastMs, mostMs])).toEqual([
      [1e9, ms('2m'), ms('5m')],
      [1e10, ms('10m'), ms('30m')],
      [null, ms('30m'), ms('2h')],
    ]);
  });

  test('how often each kind of drill is due, and the required questions', () => {
    expect(plan.drillFrequency).toEqual({
      tabletop: 'monthly',
      partial: 'quarterly',
      'full-flow': 'half-yearly',
      'fault-injection': 'yearly',
    });
    expect(plan.readiness).toEqual({
      required: [1, 2, 3, 6, 9, 11],
      confirmedWithinMs: ms('90d'),
      objective: 'registry-production',
    });
  });
});
