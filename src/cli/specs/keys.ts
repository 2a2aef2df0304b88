/** The options by which keys are given: always files, so that no key stands in a history or a process list. */
import { bi } from '../../core/text.js';
import type { OptionSpec } from '../command.js';

const passphraseFile: OptionSpec = {
  flags: '--passphrase-file <file>',
  text: bi(
    'passphrase in the first line of a file (default: $FIREDRILL_PASSPHRASE_FILE)',
    '口令位于文件第一行（默认 $FIREDRILL_PASSPHRASE_FILE）',
  ),
};

/** Opening. */
export const OPENING_KEYS: readonly OptionSpec[] = [
  {
    flags: '--identity <file>',
    text: bi(
      'age identity that opens encrypted archives (default: $FIREDRILL_IDENTITY)',
      '打开加密备份的 age 身份文件（默认 $FIREDRILL_IDENTITY）',
    ),
  },
  passphraseFile,
];

/** Encrypting. */
export const ENCRYPTING_KEYS: readonly OptionSpec[] = [
  {
    flags: '--encrypt-to <file>',
    text: bi(
      'age recipients to encrypt to, one per line (default: $FIREDRILL_RECIPIENTS)',
      '加密所针对的 age 收件人公钥文件，每行一个（默认 $FIREDRILL_RECIPIENTS）',
    ),
  },
  ...OPENING_KEYS,
];
