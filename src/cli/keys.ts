import { resolve } from 'node:path';
import { backupServiceWith } from '../backup/index.js';
import type { Cipher, KeyFiles } from '../core/archive-cipher.js';
import type { CheckNative } from '../core/backup.js';
import type { BackupService } from '../core/services.js';
import { ageCipher } from '../encryption/index.js';
import type { Call } from './command.js';
import type { Context } from './context.js';

/** Key files of the options, else of the environment; undefined = none was given. */
export function cipherOf(ctx: Pick<Context, 'env' | 'cwd'>, options: Call['options']): Cipher | undefined {
  const path = (option: string, variable: string): string | undefined => {
    const given = options[option] ?? ctx.env[variable];
    return typeof given === 'string' && given !== '' ? resolve(ctx.cwd, given) : undefined;
  };
  const recipients = path('encryptTo', 'FIREDRILL_RECIPIENTS');
  const identity = path('identity', 'FIREDRILL_IDENTITY');
  const passphrase = path('passphraseFile', 'FIREDRILL_PASSPHRASE_FILE');
  const keys: KeyFiles = {
    ...(recipients !== undefined && { recipients }),
    ...(identity !== undefined && { identities: [identity] }),
    ...(passphrase !== undefined && { passphrase }),
  };
  return Object.keys(keys).length === 0 ? undefined : ageCipher(keys);
}

/** The backup service that opens what these keys open. */
export const backupsOf = (ctx: Pick<Context, 'env' | 'cwd'>, options: Call['options']): BackupService =>
  backupsWith(cipherOf(ctx, options));

/** Undefined = opens plain archives only. */
export const backupsWith = (cipher: Cipher | undefined): BackupService => backupServiceWith({ cipher, checkNative });

/** Loaded only here: most commands open no archive. */
const checkNative: CheckNative = async (name, bytes) => {
  const { registries } = await import('../registries/index.js');
  const driver = registries.all.find(({ nativeCopies }) => Object.hasOwn(nativeCopies, name));
  const check = driver?.nativeCopies[name];
  return check === undefined ? 'no registry that this version of Firedrill knows makes such a copy' : check(bytes);
};
