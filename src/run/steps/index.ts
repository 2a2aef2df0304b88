import type { Step } from '../../core/drill.js';
import { runCheck } from '../check.js';
import type { Run } from '../context.js';
import { backup } from './backup.js';
import { command } from './command.js';
import { decide } from './decide.js';
import { degrade } from './degrade.js';
import { heal } from './heal.js';
import { inject } from './inject.js';
import { document, manual, situation } from './people.js';
import { problem } from './problem.js';
import { recover } from './recover.js';
import { restore } from './restore.js';
import { passed, type StepResult } from './result.js';

export type SingleStep = Exclude<Step, { readonly verb: 'parallel' }>;

/**
 * Every verb of the drill format and what does it. A WorldError that is thrown fails the step; anything else is an
 * error of ours and ends the drill.
 */
export async function perform(run: Run, step: SingleStep, signal: AbortSignal): Promise<StepResult> {
  switch (step.verb) {
    case 'inject':
      return inject(run, step, signal);
    case 'heal':
      return heal(run, step);
    case 'recover':
      return recover(run, step, signal);
    case 'backup':
      return backup(run, step, signal);
    case 'restore':
      return restore(run, step, signal);
    case 'decide':
      return decide(run, step, signal);
    case 'degrade':
      return degrade(run, step, signal);
    case 'check': {
      const { outcome, detail } = await runCheck(run, step, { place: 'step', step: step.id, signal });
      return { outcome, reason: detail };
    }
    case 'manual':
      return manual(run, step, signal);
    case 'document':
      return document(run, step, signal);
    case 'situation':
      return situation(run, step, signal);
    case 'problem':
      return problem(run, step);
    case 'run':
      return command(run, step, signal);
    case 'wait':
      await run.services.clock.sleep(step.waitMs, signal);
      return passed;
  }
}
