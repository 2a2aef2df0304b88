import { execFileSync } from 'node:child_process';

const PROGRAM = 'iptables-save';

/** The packet rules of this machine without their counters; empty for a user who may not see them. */
export const hostRules = (): string =>
  process.getuid?.() === 0 ? execFileSync(PROGRAM, { encoding: 'utf8' }).replace(/\[\d+:\d+\]|^#.*$/gm, '') : '';

/** Those with our mark: a Docker engine that is used by others changes its own all the time. */
export const ourHostRules = (): readonly string[] =>
  hostRules()
    .split('\n')
    .filter((line) => line.includes('firedrill'));
