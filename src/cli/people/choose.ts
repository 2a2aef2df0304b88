import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { Roles } from '../../core/drill.js';
import type { People } from '../../core/services.js';
import type { Call } from '../command.js';
import { showPath } from '../context.js';
import { readInput } from '../drill-file.js';
import { scriptedPeople } from './answers.js';
import { nobody, terminalPeople } from './terminal.js';

/** An answers file, else whoever is at the terminal, else nobody. */
export function peopleOf({ ctx, options }: Call, roles: Roles): People {
  if (typeof options.answers === 'string') {
    const path = resolve(ctx.cwd, options.answers);
    return scriptedPeople({ path: showPath(path, ctx), text: new TextDecoder().decode(readInput(path)) });
  }
  const who = typeof options.as === 'string' ? options.as : userInfo().username;
  return ctx.interactive ? terminalPeople(ctx, who, roles) : nobody;
}
