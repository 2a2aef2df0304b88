/** `age`, which is to open what Firedrill encrypts, and `jq`, which is to read what is in it. */
import { delimiter, join } from 'node:path';
import { findOnPath } from './cache.js';
import { type DebianPrograms, folderOf, unpackDebian } from './debian.js';

const WANTED: DebianPrograms = {
  folder: 'age-debian',
  packages: ['age', 'jq', 'libjq1', 'libonig5'],
  programs: ['age', 'age-keygen', 'jq'],
};

/** The environment in which both run. */
export const withAge = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${process.env.PATH ?? ''}${delimiter}${join(folderOf(WANTED), 'usr', 'bin')}`,
  LD_LIBRARY_PATH: join(folderOf(WANTED), 'usr', 'lib', `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`),
});

/** For `skipIf`, once the set-up has run; null = it is there. */
export const missingAge = (): string | null => process.env.FIREDRILL_MISSING_AGE ?? null;

/** Why it cannot be had; empty = it is there. */
export function getAge(): string {
  if (WANTED.programs.every((program) => findOnPath(program))) return '';
  const bin = unpackDebian(WANTED);
  return bin.startsWith('/') ? '' : bin;
}
