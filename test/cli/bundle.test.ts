import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { repo } from '../support/cli.js';

/** Inside dist/, because the program looks for its templates in the folders above it. */
const copy = mkdtempSync(join(repo, 'dist/bundle-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const node = (...args: readonly string[]): string => execFileSync(process.execPath, args, { encoding: 'utf8' });
const isRefused = (folder: string): string => {
  const bundle = JSON.stringify(pathToFileURL(join(folder, 'bundle.js')));
  const look = `const { loadBundle } = await import(${bundle}); console.log(loadBundle().script.cachedDataRejected);`;
  return node('--input-type=module', '-e', look).trim();
};

test('the code cache of the build is taken', () => {
  expect(isRefused(join(repo, 'dist/bin'))).toBe('false');
});

test('without a code cache, or with one that V8 refuses, the program is the same', () => {
  const help = node(join(repo, 'dist/bin/main.js'), '--help');
  cpSync(join(repo, 'dist/bin'), copy, { recursive: true });
  writeFileSync(join(copy, 'firedrill.cjs.cache'), 'made by another version');
  expect(isRefused(copy)).toBe('true');
  expect(node(join(copy, 'main.js'), '--help')).toBe(help);
  rmSync(join(copy, 'firedrill.cjs.cache'));
  expect(isRefused(copy)).toBe('undefined');
  expect(node(join(copy, 'main.js'), '--help')).toBe(help);
});
