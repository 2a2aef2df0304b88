import { describeError } from '../core/errors.js';
import type { UndoRecord } from '../core/fault.js';
import type { Bilingual } from '../core/text.js';
import type { ExecuteOptions, Run } from './context.js';
import { forTimers } from './for-timers.js';
import { type NodeWatch, noNodes, watchNodes } from './node-watch.js';
import { oneAtATime } from './one-at-a-time.js';
import { stepProblems } from './problems/step-problems.js';
import { type RunJournal, runJournal } from './run-journal.js';
import { type StopControl, stopControl } from './stop.js';
import { REVERT_LIMIT_MS } from './undo.js';
import { noUndo, type UndoStack, undoStack } from './undo-stack.js';

/** Puts the parts of one run together. Nothing is changed in the world. */
export function openRun(options: ExecuteOptions): Run {
  const { services, loaded, journal: sink, stop: outside, undoLog: _undoLog, ...rest } = options;
  const journal = runJournal(sink, (error) => stop.request({ cause: 'disk', detail: describeError(error) }));
  const { note, flush } = journal;
  const stop: StopControl = stopControl(outside, ({ nodesWellMs: wellMs, ...reason }) =>
    note({
      type: 'run.stopping',
      ...reason,
      ...(wellMs === undefined ? {} : { nodesWellMs: journal.toRunMs(wellMs) }),
    }),
  );
  const undo = undoOf(options, { note, flush }, stop);
  return {
    ...rest,
    services,
    drill: loaded.drill,
    sink,
    journal,
    stop,
    undo,
    nodes: watchOf(options, { undo, stop }),
    timers: forTimers(services.clock),
    problems: stepProblems(note),
    armOneAtATime: oneAtATime(),
    askOneAtATime: oneAtATime(),
    progress: {
      outcomes: new Map(),
      chosen: new Map(),
      aimedAt: new Map(),
      touched: false,
      steadySeen: false,
      gaveUp: null,
      traffic: null,
      decisions: new Map(),
      degraded: null,
      switched: false,
      written: new Set(),
      openers: [],
    },
  };
}

function undoOf(
  { cluster, services, stateDir, undoLog }: ExecuteOptions,
  { note, flush }: Pick<RunJournal, 'note' | 'flush'>,
  stop: StopControl,
): UndoStack {
  if (cluster === null) return noUndo;
  const { clock, undoers } = services;
  const world = { cluster, clock, stateDir };
  const onUnwritable = (detail: Bilingual): void => stop.request({ cause: 'disk', detail });
  return undoStack({ undoLog, undoers, world, note, flush, onUnwritable, limitMs: REVERT_LIMIT_MS });
}

function watchOf(
  { cluster, plan, services }: ExecuteOptions,
  { undo, stop }: { readonly undo: UndoStack; readonly stop: StopControl },
): NodeWatch {
  if (cluster === null) return noNodes;
  const mayEndNodes = ({ undoer }: UndoRecord): boolean => services.faults.find(undoer)?.keepsProcess !== true;
  return watchNodes({
    cluster,
    clock: services.clock,
    planned: new Map(plan.target?.members.map(({ node, pid }) => [node, pid])),
    excused: () =>
      new Set(
        undo
          .outstanding()
          .filter(mayEndNodes)
          .flatMap((record) => record.nodes),
      ),
    onLost: stop.request,
  });
}
