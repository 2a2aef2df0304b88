import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { LEVELS } from '../../src/core/drill.js';
import { formatDuration } from '../../src/core/duration.js';
import { InputError } from '../../src/core/errors.js';
import { textIn } from '../../src/core/text.js';
import { builtInRecoveryPlan, loadRecoveryPlan, recoveryPlanSchema } from '../../src/plan/index.js';

const FILE = 'templates/recovery-plan.yaml';
const text = readFileSync(FILE, 'utf8');
const plan = builtInRecoveryPlan();

/** The tables of the requirements (seed §6.2, §7.3, §8.4), copied by hand: response, target, owner, deadline. */
const LEVEL_TABLE = [
  ['P0', 'fatal', '致命', 'all services unavailable', '15m', '30m', 'CTO', '1d'],
  ['P1', 'serious', '严重', 'core services impaired', '30m', '2h', 'technical director', '7d'],
  ['P2', 'normal', '一般', 'non-core service down', '2h', '1d', 'operations supervisor', 'month'],
  ['P3', 'minor', '轻微', 'single service abnormal', null, '2d', 'engineer on duty', 'none'],
] as const;

const MILESTONE_TABLE = [
  ['T+0', 0, '监控告警'],
  ['T+5m', 5, '人工确认灾难级别'],
  ['T+10m', 10, '启动应急预案'],
  ['T+30m', 30, '服务基本恢复'],
  ['T+2h', 120, '完全恢复'],
  ['T+24h', 1_440, '复盘总结'],
] as const;

/** Preset, RTO and RPO in minutes. */
const PRESET_TABLE = [
  ['payment', 5, 0],
  ['commerce-front', 30, 60],
  ['data-warehouse', 240, 5],
  ['archive', 1_440, 1_440],
  ['registry-production', 15, 5],
  ['registry-test', 240, 60],
] as const;

const textsIn = (value: unknown): readonly { readonly en: string; readonly zh: string }[] => {
  if (typeof value !== 'object' || value === null) return [];
  if ('en' in value && 'zh' in value) return [{ en: String(value.en), zh: String(value.zh) }];
  return Object.values(value).flatMap(textsIn);
};

describe('the built-in plan holds the tables of the requirements', () => {
  test('levels', () => {
    const rows = LEVELS.map((level) => {
      const { title, scope, responseMs, recoveryTargetMs, owner, deadline } = plan.levels[level];
      const response = responseMs === null ? null : formatDuration(responseMs);
      const due = deadline.kind === 'span' ? formatDuration(deadline.ms) : deadline.kind;
      const [en, zh] = [textIn(title, 'en'), textIn(title, 'zh')];
      return [level, en, zh, textIn(scope, 'en'), response, formatDuration(recoveryTargetMs), textIn(owner, 'en'), due];
    });
    expect(rows).toEqual(LEVEL_TABLE);
  });

  test('milestones', () => {
    expect(plan.milestones.map(({ id, atMs, title }) => [id, atMs / 60_000, textIn(title, 'zh')])).toEqual(
      MILESTONE_TABLE,
    );
  });

  test('presets', () => {
    const rows = Object.entries(plan.presets).map(([name, { rtoMs, rpoMs }]) => [name, rtoMs / 60_000, rpoMs / 60_000]);
    expect(rows).toEqual(PRESET_TABLE);
  });

  test('the cost of a preset is that of its class of RTO', () => {
    const cost = (name: string): string => textIn(plan.presets[name]?.cost ?? '', 'en');
    expect(cost('payment')).toMatch(/^5–10 times; active-active, automatic/);
    expect(cost('commerce-front')).toMatch(/^2–3 times; hot standby, manual/);
    expect(cost('archive')).toMatch(/^1\.2 times; cold/);
  });

  test('the roles of seed §6.1 and the evaluator, a contact for each', () => {
    const roles = Object.keys(plan.roles);
    expect(roles).toEqual(['commander', 'technical', 'communications', 'evaluator']);
    expect(plan.contacts.map(({ role }) => role)).toEqual(roles);
  });

  test('every text is there in English and Chinese', () => {
    const texts = textsIn(parse(text));
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.filter(({ en, zh }) => en === '' || !/[\p{Script=Han}\d]/u.test(zh))).toEqual([]);
    expect(texts).toHaveLength(text.match(/\ben: /g)?.length ?? 0);
  });

  test('the schema accepts it', () => {
    const validate = new Ajv({ strict: false, allErrors: true }).compile(recoveryPlanSchema());
    validate(parse(text));
    expect(validate.errors).toBeNull();
  });
});

describe('a plan of one’s own', () => {
  const told = (from: string, to: string): readonly string[] => {
    if (!text.includes(from)) throw new Error(`not in the plan: ${from}`);
    try {
      loadRecoveryPlan({ path: 'p.yaml', text: text.replace(from, () => to) });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return error.problems.map(
        ({ path, message, hint }) => `${path}: ${message.en}${hint === undefined ? '' : ` [${hint.en}]`}`,
      );
    }
    throw new Error('it loaded');
  };

  test.each([
    [
      'role: commander',
      'role: comander',
      ['contacts[0].role: this plan has no role “comander” [did you mean “commander”?]'],
    ],
    [
      'deadline: 1 month',
      'deadline: 1 moon',
      ['levels.P2.deadline: expected a duration like 30m, or 1 month, none, found the text “1 moon”'],
    ],
    [
      'limit: working-hours',
      'limit: soon',
      ['levels.P3.response.limit: expected a duration like 30m, or working-hours, found the text “soon”'],
    ],
    ['  P3:\n', '  P4:\n', ['levels.P4: unknown key “P4” [did you mean “P3”?]']],
    ['id: T+30m', 'id: T+10m', ['milestones[3].id: two milestones have the id “T+10m”']],
    ['id: T+30m', 'id: +30m', ['milestones[3].id: expected a milestone like T+0, T+5m or T+2h, found the text “+30m”']],
    [
      'role: technical,',
      'role: technical, confirmedAt: 2026-02-30,',
      ['contacts[1].confirmedAt: “2026-02-30” is no date of the calendar'],
    ],
    [
      'recoveryTarget: 30m',
      'recoveryTarget: 0s',
      ['levels.P0.recoveryTarget: the duration “0s” is impossible here [allowed: 1ms to 366d]'],
    ],
    ['    rpo: 0s\n', '', ['presets.payment: the key “rpo” is missing [recovery point objective]']],
  ])('%j instead: %j', (from, to, expected) => {
    expect(told(from, to)).toEqual(expected);
  });

  test('one text may serve both languages, and a contact may say when it was confirmed', () => {
    const own = text.replace('role: technical,', 'role: technical, confirmedAt: 2026-02-28,');
    expect(loadRecoveryPlan({ path: 'p.yaml', text: own }).contacts[1]?.confirmedAt).toBe('2026-02-28');
    expect(plan.levels.P0.owner).toBe('CTO');
  });
});
