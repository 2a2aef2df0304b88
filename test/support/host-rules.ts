import { execFileSync } from 'node:child_process';

const PROGRAM = 'iptables-save';

/** The packet rules of this machine without their counters; empty for a user who may not see them. */
export const hostRules = (): string =>
  process.getuid?.() === 0 ? execFileSync(PROGRAM, { encoding: 'utf8' }).replace(/\[\d+:\d+\]|^#.*$/gm, '') : '';
