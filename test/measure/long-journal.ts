/** One long full-flow journal with everything in it, for laws that must hold wherever a journal breaks off. */
import type { Step } from '../../src/core/drill.js';
import type { JournalEvent } from '../../src/core/journal.js';
import {
  baseline,
  beats,
  byTime,
  check,
  drillOf,
  ended,
  fault,
  integrityChecks,
  journalOf,
  ledgerRead,
  opened,
  phase,
  phases,
  reverted,
  sixStepRestore,
  stepRun,
  type Timed,
  text,
} from './builder.js';

const manual = (id: string, by: string): Step => ({
  id,
  verb: 'manual',
  text: id,
  by,
  withinMs: 60_000,
  milestone: 'T+5m',
  continueOnFailure: false,
});
const drill = drillOf({
  kind: 'full-flow',
  phases: phases({
    kickoff: phase(manual('brief', 'commander')),
    execute: phase(...drillOf().phases.execute.steps, manual('confirm', 'commander')),
    review: phase(manual('wash', 'commander')),
  }),
});

const mark = (
  name: 'prepare' | 'kickoff' | 'execute' | 'verify' | 'review',
  fromMs: number,
  toMs: number,
): readonly Timed[] => [
  [fromMs, { type: 'phase.started', phase: name }],
  [toMs, { type: 'phase.ended', phase: name, outcome: 'pass' }],
];

export const longJournal: readonly JournalEvent[] = journalOf([
  opened(drill),
  ...byTime([
    ...mark('prepare', 1, 100),
    check(50, 'registry.writable', 'pass', { place: 'steady-before' }),
    ...mark('kickoff', 110, 200),
    ...stepRun('brief', { fromMs: 120, toMs: 180 }, { verb: 'manual', phase: 'kickoff', answeredBy: 'alice' }),
    [170, { type: 'manual.answered', step: 'brief', by: 'commander', answeredBy: 'alice', done: true, note: null }],
    ...baseline(),
    ...mark('execute', 210, 14_000),
    ...fault({ requestedMs: 6_000, observedMs: 6_020 }),
    ...beats({ op: 'register', fromMs: 6_000, toMs: 7_000, outcome: 'unknown' }),
    ...beats({ op: 'register', fromMs: 7_000, toMs: 14_000 }),
    ...beats({ op: 'discover', fromMs: 6_050, toMs: 16_000 }),
    reverted(8_000),
    [8_100, { type: 'problem.opened', problem: 'p1', title: 'p', priority: 'P1', by: 'bob', step: null }],
    ...sixStepRestore(9_000),
    [
      10_000,
      {
        type: 'undo.reverted',
        undo: 'u-restore',
        undoer: 'restore',
        step: 'restore',
        cause: 'recover-step',
        reverted: true,
        nothingToDo: true,
        detail: text,
      },
    ],
    ...stepRun('confirm', { fromMs: 10_100, toMs: 10_200 }, { verb: 'manual', answeredBy: 'alice' }),
    [
      10_300,
      {
        type: 'problem.solved',
        problem: 'p1',
        solution: 's',
        by: 'bob',
        fallback: 'worked',
        decision: { by: 'alice', reason: 'r' },
      },
    ],
    ...mark('verify', 14_010, 17_000),
    ...ledgerRead(15_000, { n1: {}, n2: {} }),
    ...integrityChecks(16_000),
    ...mark('review', 17_100, 17_300),
    ...stepRun('wash', { fromMs: 17_150, toMs: 17_250 }, { verb: 'manual', phase: 'review', answeredBy: 'alice' }),
  ]),
  [17_400, { type: 'residue.checked', by: 'run', checked: 2, left: [] }],
  ended(17_500),
]);
