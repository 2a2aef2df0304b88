import { bi } from '../../core/text.js';
import type { Action } from '../command.js';
import { UsageError } from '../failure.js';

/** Reached only for a shell that is not known: the known ones are answered before the commands are looked at. */
export const completion: Action = async ({ args }) => {
  const shell = String(args[0]);
  throw new UsageError(
    bi(
      `There is no completion for "${shell}". Shells: bash, zsh, fish.`,
      `不支持 "${shell}" 的补全。可用：bash、zsh、fish。`,
    ),
  );
};
