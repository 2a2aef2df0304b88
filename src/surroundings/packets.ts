/** Packet rules and queueing disciplines, of this machine and of the nodes' own networks. */
import { execFile } from 'node:child_process';
import type { NodeSpec } from '../core/drill.js';
import type { NodeDriver } from '../core/target.js';

const SAVE = ['iptables-save', '-t', 'filter'] as const;
const QDISCS = ['tc', 'qdisc', 'show'] as const;
const LIMIT_MS = 5_000;

/** Of this machine only those with our mark: others come and go with every container. Null = they may not be read. */
export function hostRules(): Promise<readonly string[] | null> {
  if (process.getuid?.() !== 0) return Promise.resolve(null);
  return new Promise((resolve) => {
    const [program, ...args] = SAVE;
    execFile(program, args, { encoding: 'utf8', timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 }, (error, stdout) =>
      resolve(error === null ? rulesIn(stdout).filter((line) => / --comment "?firedrill-/.test(line)) : null),
    );
  });
}

/** Null = the helper has no such program, or the kernel no such table. */
export const rulesOf = async (driver: NodeDriver, node: NodeSpec): Promise<readonly string[] | null> => {
  const said = await saidIn(driver, node, SAVE);
  return said === null ? null : rulesIn(said);
};

export const qdiscsOf = async (driver: NodeDriver, node: NodeSpec): Promise<readonly string[] | null> => {
  const said = await saidIn(driver, node, QDISCS);
  if (said === null) return null;
  // `qdisc tbf 8001: dev eth0 root refcnt 2 rate …`: handles and counts change by themselves.
  // A virtual link without any has `noqueue`.
  const lines = said.split('\n').filter((line) => /^qdisc (?!noqueue )/.test(line));
  return lines.map((line) =>
    line
      .replace(/ [0-9a-f]+: /, ' ')
      .replace(/ refcnt \d+/, '')
      .trim(),
  );
};

async function saidIn(driver: NodeDriver, node: NodeSpec, argv: readonly string[]): Promise<string | null> {
  const image = driver.helperImage?.() ?? '';
  const result = await driver.runInNetworkOf?.(node, { image, argv });
  return result?.exitCode === 0 ? result.stdout : null;
}

const rulesIn = (saved: string): readonly string[] => saved.split('\n').filter((line) => line.startsWith('-A '));
