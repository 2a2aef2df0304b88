import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliHome, cliHome } from '../support/cli.js';
import { drillOnJobOf } from './backup-job.js';
import * as scene from './scene.js';

const LIMIT_MS = 150_000;

let home: CliHome;
let nodes: readonly scene.LabNode[] = [];
beforeAll(async () => {
  home = cliHome(24_500);
  nodes = await scene.labUp(home, 'antietcd-3');
}, LIMIT_MS);
afterAll(() => home?.dispose());

test(
  'a job that runs is not said to have stopped: the drill that expects it misses',
  async () => {
    const drill = await drillOnJobOf(home, { lab: 'antietcd-3', nodes, agoMs: 0 });
    const ended = scene.readRun(await home.run('run', drill, '--out', home.reports, '--no-input'), home);
    expect(ended.code).not.toBe(0);
    const [fresh] = ended.of('check.sampled').filter(({ step }) => step === 'freshness-catches-it');
    expect(fresh).toMatchObject({ value: true, outcome: 'fail' });
  },
  LIMIT_MS,
);

test(
  'a folder that is not there tells nothing: neither fresh nor stopped',
  async () => {
    const drill = await drillOnJobOf(home, { lab: 'antietcd-3', nodes, agoMs: 1_000 });
    writeFileSync(drill, readFileSync(drill, 'utf8').replace(/\{ in: [^,]*,/, '{ in: ./nowhere,'));
    const ended = scene.readRun(await home.run('run', drill, '--out', home.reports, '--no-input'), home);
    expect(ended.code).not.toBe(0);
    const [look] = ended.of('check.sampled').filter(({ step }) => step === 'freshness-catches-it');
    expect(look).toMatchObject({ value: null, outcome: 'unknown' });
  },
  LIMIT_MS,
);
