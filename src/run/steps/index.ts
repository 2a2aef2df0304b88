import { runCheck } from '../check.js';
import { backup } from './backup.js';
import { command } from './command.js';
import { heal } from './heal.js';
import { inject } from './inject.js';
import { parallel } from './parallel.js';
import { document, manual, situation } from './people.js';
import { problem } from './problem.js';
import { recover } from './recover.js';
import { restore } from './restore.js';
import { passed, type Verbs } from './result.js';

/** Every verb of the drill format and what does it. */
export const verbs: Omit<Verbs, 'parallel'> & { readonly parallel: typeof parallel } = {
  inject,
  heal,
  recover,
  backup,
  restore,
  check: async (run, step, signal) => {
    const { outcome, detail } = await runCheck(run, step, { place: 'step', step: step.id, signal });
    return { outcome, reason: detail };
  },
  manual,
  document,
  situation,
  problem,
  parallel,
  run: command,
  wait: async (run, step, signal) => {
    await run.services.clock.sleep(step.waitMs, signal);
    return passed;
  },
};
