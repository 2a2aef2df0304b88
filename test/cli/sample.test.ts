import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliHome, cliHome, repo } from '../support/cli.js';

let home: CliHome;
beforeAll(() => {
  home = cliHome(31_600);
});
afterAll(() => home.dispose());

test('the committed sample is a real run whose reports still follow from its journal, byte for byte', async () => {
  const { code, stdout } = await home.run('verify', join(repo, 'reports/sample'), '--json');
  expect(JSON.parse(stdout)).toMatchObject({ sound: true, findings: [] });
  expect(code).toBe(0);
});
