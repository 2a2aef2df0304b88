/** A degradation level by commands of the plan's own: whatever ends the run, the level is left, or it says that it is not. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Result } from '../../src/core/result.js';
import { type CliHome, cliHome, repo, said } from '../support/cli.js';
import { labUp, newestRunDir, startDrill, stateIsClean, writeDrill } from './scene.js';

const LIMIT_MS = 120_000;
let home: CliHome;
const at = (name: string): string => join(home.dir, name);

beforeAll(async () => {
  home = cliHome(25_400);
  await labUp(home);
  const plan = parse(readFileSync(join(repo, 'templates', 'recovery-plan.yaml'), 'utf8'));
  const level = plan.degradation.levels.find((one: { level: number }) => one.level === 2);
  level.enter = [['touch', 'on-level-2']];
  level.leave = [
    ['test', '-e', 'may-leave'],
    ['rm', '-f', 'on-level-2'],
  ];
  writeFileSync(at('plan.yaml'), JSON.stringify(plan));
}, LIMIT_MS);
afterAll(() => home?.dispose());

const drill = (id: string, holdFor: string): string =>
  writeDrill(home, {
    id,
    recoveryPlan: './plan.yaml',
    traffic: { services: 2, instances: 4, lease: '6s', settle: '1s' },
    phases: { verify: [{ check: 'registry.writable', within: '10s' }] },
    execute: [
      { id: 'cached', degrade: 2 },
      { id: 'hold', wait: holdFor },
    ],
  });

test(
  'killed at the level: `recover` leaves it, and says so as long as it cannot',
  async () => {
    const started = startDrill(home, drill('killed-at-level', '1m'));
    await said(started, '→ hold');
    expect(existsSync(at('on-level-2'))).toBe(true);
    started.child.kill('SIGKILL');
    await started.ended;
    const refused = await home.run('recover');
    expect(refused.code).toBe(6);
    expect(`${refused.stdout}${refused.stderr}`).toContain('degradation level 2 could not be left');
    expect(existsSync(at('on-level-2'))).toBe(true);
    writeFileSync(at('may-leave'), '');
    expect((await home.run('recover')).code).toBe(0);
    expect(existsSync(at('on-level-2'))).toBe(false);
    expect(stateIsClean(home)).toBe(true);
    rmSync(at('may-leave'));
  },
  LIMIT_MS,
);

test(
  'a level that is still on at the end is left by the final undo; when it cannot be left, the run ends with 6',
  async () => {
    const left = await home.run('run', drill('stuck-at-level', '1s'), '--out', home.reports, '--no-input');
    expect(left.code).toBe(6);
    const dir = newestRunDir(home.reports, 'stuck-at-level');
    const result: Result = JSON.parse(readFileSync(join(dir, 'result.json'), 'utf8'));
    expect(result.residue.left.map(({ what }) => what.en)).toEqual(['degradation level 2 was not left']);
    writeFileSync(at('may-leave'), '');
    expect((await home.run('recover')).code).toBe(0);
    expect(existsSync(at('on-level-2'))).toBe(false);
    const again = await home.run('run', drill('ends-at-level', '1s'), '--out', home.reports, '--no-input');
    expect(again.code, again.stderr).not.toBe(6);
    expect(existsSync(at('on-level-2'))).toBe(false);
    expect(stateIsClean(home)).toBe(true);
  },
  LIMIT_MS,
);
