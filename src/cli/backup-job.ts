/** The job of `backup run`: by which calendar, into which folder, with which key; and the command that starts it again. */
import type { Cipher } from '../core/archive-cipher.js';
import type { BackupCalendar } from '../core/backup-calendar.js';
import { WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';
import { ageCipher } from '../encryption/index.js';
import type { UnitCommand } from './backup-units.js';
import type { Call } from './command.js';
import type { Context } from './context.js';
import { UsageError } from './failure.js';
import { cipherOf } from './keys.js';
import { type Place, placeOf, planOf, tierPlaces, type UsedPlan } from './tiers.js';

/** What `backup run` was asked to do. */
export interface Job {
  readonly ctx: Context;
  readonly target: string | boolean | undefined;
  readonly calendar: BackupCalendar;
  readonly place: Place;
  /** Of the place, which is a folder. */
  readonly dir: string;
  /** Undefined = archives are written plain. */
  readonly cipher: Cipher | undefined;
  readonly emptyIsRight: boolean;
}

export function jobOf({ ctx, options }: Call): Job {
  const used = planOf({ ctx, options });
  const { calendar } = used.plan;
  if (calendar === undefined) {
    throw new WorldError({
      code: 'plan-incomplete',
      message: bi(
        'the recovery plan has no calendar, so nothing says when a backup is due; nothing was done',
        '恢复预案中没有 calendar，无法得知何时应备份；未执行任何操作',
      ),
      hint: bi('write the calendar of the backups into the plan', '请在预案中写入备份日历 calendar'),
    });
  }
  const place = firstPlace(options.to, used, ctx);
  if (place.at.kind !== 'directory') {
    throw new UsageError(
      bi(
        'A backup is first written to a folder: give a tier of the kind directory, or --to DIR.',
        '备份首先写入目录：请给出 directory 类型的层级，或 --to 目录。',
      ),
    );
  }
  // Keys that are named here go before those of the tier.
  const cipher = cipherOf(ctx, options) ?? (place.tier?.keys ? ageCipher(place.tier.keys) : undefined);
  if (cipher?.encrypts !== true) refusePlain(place);
  const emptyIsRight = options.emptyIsRight === true;
  return { ctx, target: options.target, calendar, place, dir: place.at.path, cipher, emptyIsRight };
}

/** A tier takes encrypted archives unless the plan says why not; what is made here is plain. */
function refusePlain({ tier }: Place): void {
  if (tier === null || tier.spec.encryption.kind === 'none') return;
  throw new WorldError({
    code: 'tier-needs-encryption',
    message: bi(
      `Tier ${tier.name} takes encrypted archives only, and nothing says with which key; nothing was done.`,
      `层级 ${tier.name} 只接受加密的备份，但未指明密钥；未执行任何操作。`,
    ),
    hint: bi(
      'Name the key (--encrypt-to), or write in the plan why this tier needs none: encryption: { none: why }',
      '请指明密钥（--encrypt-to），或在预案中写明该层级不加密的理由：encryption: { none: 理由 }',
    ),
  });
}

/** The nearest folder of the plan, unless the command says where. */
function firstPlace(to: string | boolean | undefined, used: UsedPlan, ctx: Context): Place {
  if (typeof to === 'string') return placeOf(to, used, ctx);
  const nearest = tierPlaces(used).find(({ at }) => at.kind === 'directory');
  if (nearest !== undefined) return nearest;
  throw new UsageError(
    bi(
      'The recovery plan has no tier that is a folder: say where with --to.',
      '恢复预案中没有目录类型的层级：请用 --to 指定位置。',
    ),
  );
}

/** Of files and places only; no secret stands in any of them. */
const PASSED_ON = ['FIREDRILL_STATE', 'FIREDRILL_RECIPIENTS', 'FIREDRILL_IDENTITY', 'FIREDRILL_PASSPHRASE_FILE'];

/** This very command without the option that prints: what the units start, where and as it was started here. */
export function commandOf({ argv, cwd, env }: Context): UnitCommand {
  const at = argv.findIndex((arg) => arg === '--print-units' || arg.startsWith('--print-units='));
  const own = argv.filter((_, n) => n !== at && !(n === at + 1 && argv[at] === '--print-units'));
  const variables = PASSED_ON.flatMap((name) => (env[name] ? [`${name}=${env[name]}`] : []));
  return {
    cwd,
    argv: [
      ...(variables.length === 0 ? [] : ['/usr/bin/env', ...variables]),
      process.execPath,
      process.argv[1] ?? 'firedrill',
      ...own,
    ],
  };
}
