import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labelName } from '../../src/core/archive-label.js';
import { type CliHome, cliHome } from '../support/cli.js';
import { bytesBelow, folderWith, killAndContinue, planWith } from './killed-copy.js';

const MIB = 1024 * 1024;

describe('copies between tiers, by the command line', () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(22_100);
  });
  afterAll(() => home.dispose());

  it('a copy killed with SIGKILL goes on and ends in the same bytes; list and prune know the tier', async () => {
    const { archive, bytes, from } = folderWith(home, 12 * MIB);
    const plan = planWith(
      home,
      `  nas:
    kind: directory
    title: NAS
    place: ./nas
    keep: 30d
    for: test
    countsAsAnotherPlace: false
    encryption: { none: a test }`,
    );
    const nas = join(home.dir, 'nas');
    const args = ['latest', '--from', from, '--to', 'nas', '--plan', plan];
    const arrivedBytes = (): number => bytesBelow(nas, /\.partial$/);
    const { keptBytes, checked } = await killAndContinue(home, args, { arrivedBytes, atLeast: 3 * MIB });
    expect(keptBytes).toBeGreaterThanOrEqual(2 * MIB);
    expect(keptBytes).toBeLessThan(12 * MIB);
    expect(checked).toBe('read-back');
    expect(readFileSync(join(nas, archive.file)).equals(bytes)).toBe(true);
    expect(readdirSync(nas).sort()).toEqual([archive.file, labelName(archive.file)]);

    const list = await home.run('backup', 'list', '--tiers', '--plan', plan, '--json');
    expect(JSON.parse(list.stdout)).toMatchObject({
      tiers: [{ tier: 'nas', archives: [{ file: archive.file, missing: null }] }],
    });
    const dry = await home.run('backup', 'prune', '--dry-run', '--plan', plan);
    expect(dry.stdout).toContain(`${archive.file}`);
    expect(dry.stdout).toContain('kept: the newest there is');
    expect(dry.code).toBe(0);
  });

  it('says what is wrong in one sentence, each with the code of its kind', async () => {
    const { from } = folderWith(home, 1_000);
    mkdirSync(join(home.dir, 'empty'), { recursive: true });
    const rows = [
      [['latest', '--from', from, '--to', 'objct'], 2, 'There is no tier "objct"; did you mean "object"?'],
      [
        ['latest', '--from', from, '--to', './x', '--limit-rate', '10'],
        2,
        'a rate like 10MiB/s or 500KB/s is expected',
      ],
      [['latest', '--to', './x'], 2, '`latest` needs --from'],
      [['latest', '--from', join(home.dir, 'empty'), '--to', './x'], 4, 'there is no backup in'],
      [['latest', '--from', join(home.dir, 'nowhere'), '--to', './x'], 4, 'cannot be listed'],
      [['latest', '--from', from, '--to', 'local'], 4, 'tier local takes encrypted archives only; nothing was copied'],
      [['latest', '--from', from, '--to', 'object'], 4, 'no S3 credentials were found in'],
    ] as const;
    for (const [args, code, text] of rows) {
      const end = await home.start(['backup', 'copy', ...args], { env: { HOME: home.dir } }).ended;
      expect(end.stderr).toContain(text);
      expect(end.code).toBe(code);
    }
  });

  it('a plan without a calendar: nothing is removed', async () => {
    const plan = planWith(
      home,
      '  t: { kind: directory, title: T, place: ./t, keep: 1d, for: x, countsAsAnotherPlace: false, encryption: { none: y } }',
    );
    const text = readFileSync(plan, 'utf8').replace(/^calendar:\n(?: .*\n)+/m, '');
    writeFileSync(plan, text);
    const end = await home.run('backup', 'prune', '--plan', plan);
    expect(end.stderr).toContain('the recovery plan has no calendar');
    expect(end.code).toBe(4);
  });
});
