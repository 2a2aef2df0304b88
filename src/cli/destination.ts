/** Where a backup is made and where it goes: into a folder at once, or once into a staging folder and then to a tier. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { newestHeld } from '../backup/index.js';
import type { ArchiveType } from '../core/backup.js';
import { systemClock } from '../core/clock.js';
import { WorldError } from '../core/errors.js';
import type { BackupOptions, WrittenBackup } from '../core/services.js';
import { bi } from '../core/text.js';
import { copyBetween } from './between-places.js';
import { copiedText } from './commands/backup-copy.js';
import { type Context, showPath } from './context.js';
import { transferView } from './progress.js';
import { folder, openStore, type Place } from './tiers.js';

export interface Delivered {
  readonly info: WrittenBackup;
  /** For people. */
  readonly where: string;
}

export interface Making {
  readonly mode: ArchiveType;
  /** Of what is made. */
  readonly encrypted: boolean;
  /** Writes into the folder it is given. */
  readonly make: (where: Pick<BackupOptions, 'dir' | 'earlier'>) => Promise<WrittenBackup>;
}

/** Refuses what the tier does not take before anything is made. */
export async function makeInto(place: Place, ctx: Context, { mode, encrypted, make }: Making): Promise<Delivered> {
  const { tier, at } = place;
  if (tier !== null && tier.spec.encryption.kind !== 'none' && !encrypted) throw needsEncryption(tier.name);
  // An increment is made where what it stands on lies.
  if (at.kind === 'directory' && (tier === null || mode === 'incremental')) {
    const info = await make({ dir: at.path });
    return { info, where: showPath(info.path, ctx) };
  }
  const staging = join(ctx.stateRoot, 'staging', `${process.pid}-${Date.parse(systemClock.wallIso())}`);
  mkdirSync(staging, { recursive: true, mode: 0o700 });
  const info = await makeStaged({ place, ctx, staging }, { mode, make }).catch((error: unknown) => {
    rmSync(staging, { recursive: true, force: true });
    throw error;
  });
  const where = await putInTier(info, place, { ctx, staging });
  rmSync(staging, { recursive: true, force: true });
  return { info, where };
}

interface Staged {
  readonly place: Place;
  readonly ctx: Context;
  readonly staging: string;
}

/** An increment needs what it stands on beside it: the newest chain of the tier is fetched. */
async function makeStaged(
  { place, ctx, staging }: Staged,
  { mode, make }: Pick<Making, 'mode' | 'make'>,
): Promise<WrittenBackup> {
  const earlier = (): ReturnType<typeof newestHeld> => heldIn(place, ctx);
  if (mode === 'full' || (await earlier()) === null) return make({ dir: staging, earlier });
  const view = transferView(ctx);
  try {
    const between = { from: place, to: folder(staging) };
    await copyBetween(between, { which: 'latest' }, { ctx, onProgress: view.onProgress });
  } catch (error) {
    if (!(error instanceof WorldError) || error.code !== 'chain-broken') throw error;
    ctx.err(`! ${ctx.say(error.text)}`);
  } finally {
    view.done();
  }
  return make({ dir: staging, earlier });
}

/** The tier's own backups; what is staged is not yet among them. A folder that is not there yet holds none. */
async function heldIn(place: Place, ctx: Context): ReturnType<typeof newestHeld> {
  if (place.at.kind === 'directory' && !existsSync(place.at.path)) return null;
  const store = openStore(place, ctx);
  try {
    return await newestHeld(store);
  } finally {
    store.close();
  }
}

async function putInTier(
  { fileName }: WrittenBackup,
  place: Place,
  { ctx, staging }: { readonly ctx: Context; readonly staging: string },
): Promise<string> {
  const view = transferView(ctx);
  try {
    const between = { from: folder(staging), to: place };
    const { copied, toPlace } = await copyBetween(
      between,
      { which: 'file', file: fileName },
      { ctx, onProgress: view.onProgress },
    );
    view.done();
    for (const one of copied) ctx.err(`  ✓ ${one.file}  ${ctx.say(copiedText(one))}`);
    return `${toPlace.replace(/\/$/, '')}/${fileName}`;
  } catch (error) {
    view.done();
    if (!(error instanceof WorldError)) throw error;
    const next = `firedrill backup copy latest --from ${staging} --to ${place.tier?.name ?? ''}`;
    throw new WorldError({
      code: error.code,
      message: bi(
        `${error.text.en}; the backup that was made is in ${staging}`,
        `${error.text.zh}；已生成的备份在 ${staging}`,
      ),
      hint: bi(`bring it there: ${next}`, `稍后送达：${next}`),
      exit: error.exit,
      cause: error,
    });
  }
}

const needsEncryption = (tier: string): WorldError =>
  new WorldError({
    code: 'tier-needs-encryption',
    message: bi(
      `tier ${tier} takes encrypted archives only, and nothing says with which key; no backup was made`,
      `层级 ${tier} 只接受加密的备份，但未指明密钥；未生成备份`,
    ),
    hint: bi(
      'name the key, or write in the plan why this tier needs none: encryption: { none: why }',
      '请指明密钥，或在预案中写明该层级不加密的理由：encryption: { none: 理由 }',
    ),
  });
