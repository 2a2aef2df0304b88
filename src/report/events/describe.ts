import type { EventOf, JournalEvent } from '../../core/journal.js';
import type { Bilingual } from '../../core/text.js';
import { dataText } from './data.js';
import { decisionText } from './decisions.js';
import { faultText } from './faults.js';
import { peopleText } from './people.js';
import { runText } from './run.js';
import { trafficText } from './traffic.js';

/** One journal event as a sentence. A new kind of event does not compile until it has one. */
export function describeEvent(event: JournalEvent): Bilingual {
  switch (event.type) {
    case 'attempt':
    case 'traffic.started':
    case 'traffic.lag':
    case 'traffic.writers':
    case 'traffic.rebased':
    case 'traffic.stopped':
    case 'degraded.attempt':
    case 'ledger.settled':
    case 'ledger.read':
      return trafficText(event);
    case 'undo.armed':
    case 'fault.requested':
    case 'fault.injected':
    case 'fault.confirmed':
    case 'undo.reverted':
    case 'residue.checked':
    case 'recover.action':
    case 'recover.started':
    case 'recover.ended':
      return faultText(event);
    case 'backup.substep':
    case 'backup.written':
    case 'restore.chosen':
    case 'archive.refused':
    case 'restore.tried':
    case 'restore.substep':
    case 'check.sampled':
      return dataText(event);
    case 'decision.answered':
    case 'decision.made':
    case 'degrade.entered':
    case 'degrade.left':
      return decisionText(event);
    case 'manual.answered':
    case 'document.reviewed':
    case 'situation.played':
    case 'problem.opened':
    case 'problem.solved':
      return peopleText(event);
    case 'run.opened':
    case 'run.stopping':
    case 'run.ended':
    case 'run.error':
    case 'phase.started':
    case 'phase.ended':
    case 'step.started':
    case 'step.ended':
    case 'command.ended':
    case 'output.failed':
      return runText(event);
  }
}

/** Kinds of which a run has thousands: the log lists them apart. */
export const isTraffic = (event: JournalEvent): event is EventOf<'attempt' | 'degraded.attempt' | 'traffic.lag'> =>
  event.type === 'attempt' || event.type === 'degraded.attempt' || event.type === 'traffic.lag';
