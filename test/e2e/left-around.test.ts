/** What is around the nodes, compared with the picture from before; what is left there is in left-around.all.test.ts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome } from '../support/cli.js';
import { labUp, runDrill, runOf, writeDrill } from './scene.js';

const HEALTHY = { id: 'healthy', check: 'registry.healthy', within: '10s' };

describe('left around the target', () => {
  let home: CliHome;
  beforeAll(() => {
    home = cliHome(22_180);
  });
  afterAll(() => home?.dispose());

  test('a node that died of its own is told as such, and is no residue', async () => {
    const nodes = await labUp(home);
    const execute = [HEALTHY, { id: 'end', run: ['kill', '-KILL', String(nodes[2]?.pid)] }, { id: 'hold', wait: '5s' }];
    const ended = await runDrill(home, writeDrill(home, { id: 'died', execute }));
    const { result } = runOf(home, 'died');
    expect(result.residue).toEqual({ checked: true, left: [] });
    expect(ended.code, ended.stderr).not.toBe(6);
  });
});
