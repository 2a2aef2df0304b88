import { InputError, type InputProblem } from '../../src/core/errors.js';
import type { LoadedDrill } from '../../src/core/plan.js';
import { loadDrill } from '../../src/drill/index.js';
import { faults } from '../../src/faults/index.js';
import { builtInRecoveryPlan } from '../../src/plan/index.js';
import { probes } from '../../src/probes/index.js';

export const catalogs = {
  faults,
  probes,
  labs: [
    'antietcd-3',
    'etcd-3',
    'etcd-3-small-disks',
    'etcd-3-toxiproxy',
    'etcd-3-netns',
    'etcd-2-sites',
    'zookeeper-3',
    'zookeeper-3-default-timers',
    'zookeeper-3-toxiproxy',
  ],
} as const;

const plan = builtInRecoveryPlan();

export const load = (text: string, path = 'x.drill.yaml'): LoadedDrill =>
  loadDrill({ path, text, ...catalogs, recoveryPlan: () => plan });

/** The problems of a drill that must not load. */
export function problemsOf(text: string): readonly InputProblem[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  throw new Error('the drill loaded without a problem');
}

/** `line:column message [hint]` */
export const told = (problems: readonly InputProblem[]): readonly string[] =>
  problems.map(
    ({ line, column, message, hint }) => `${line}:${column} ${message.en}${hint === undefined ? '' : ` [${hint.en}]`}`,
  );

export const VALID = `apiVersion: firedrill/v1
id: a-drill
title: A drill
kind: fault-injection
level: P1
roles: { commander: alice, technical: [bob, chen] }
target: { registry: etcd, lab: antietcd-3 }
traffic: {}
objectives: { rto: 10s }
phases:
  execute:
    - inject: node.kill
      on: { role: leader }
    - check: registry.writable
      within: 10s
    - recover: node.start
      on: { step: inject-node.kill }
`;

/** VALID with one piece of text replaced; the piece must be there. */
export function edited(from: string, to: string, text: string = VALID): string {
  if (!text.includes(from)) throw new Error(`not in the text: ${from}`);
  return text.replace(from, () => to);
}
