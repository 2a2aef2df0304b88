/** Tiers of the recovery plan, and folders, as stores. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { KeyFiles } from '../core/archive-cipher.js';
import { nearestName } from '../core/catalog.js';
import { systemClock } from '../core/clock.js';
import { invariant } from '../core/errors.js';
import type { Tier, TierEncryption } from '../core/plan-places.js';
import type { RecoveryPlan } from '../core/recovery-plan.js';
import type { Store, StorePlace } from '../core/store.js';
import { bi } from '../core/text.js';
import { builtInRecoveryPlan } from '../plan/index.js';
import { stores } from '../stores/index.js';
import type { Call } from './command.js';
import type { Context } from './context.js';
import { readPlanFile } from './drill-file.js';
import { UsageError } from './failure.js';

export interface UsedPlan {
  readonly plan: RecoveryPlan;
  /** What its relative paths are relative to. */
  readonly dir: string;
}

/** `--plan FILE`; without it the plan that comes with Firedrill. */
export function planOf({ ctx, options }: Pick<Call, 'ctx' | 'options'>): UsedPlan {
  if (typeof options.plan !== 'string') return { plan: builtInRecoveryPlan(), dir: ctx.cwd };
  const path = resolve(ctx.cwd, options.plan);
  return { plan: readPlanFile(path, ctx), dir: dirname(path) };
}

/** Where archives are, or go. */
export interface Place {
  /** Null = a folder that is no tier. */
  readonly tier: {
    readonly name: string;
    readonly spec: Tier;
    /** Null = its archives lie there in plain text. */
    readonly keys: KeyFiles | null;
    /** Null = the plan names no key that opens them. */
    readonly openingKeys: KeyFiles | null;
  } | null;
  readonly at: StorePlace;
}

/** A folder that is no tier. */
export const folder = (path: string): Place => ({ tier: null, at: { kind: 'directory', path } });

const tiersOf = ({ plan }: UsedPlan): Readonly<Record<string, Tier>> => plan.tiers ?? {};

export const tierPlaces = (used: UsedPlan): readonly (Place & { readonly tier: NonNullable<Place['tier']> })[] =>
  Object.entries(tiersOf(used)).map(([name, spec]) => ({
    tier: {
      name,
      spec,
      keys: keysOf(spec.encryption, used.dir),
      openingKeys: openingKeysOf(spec.encryption, used.dir),
    },
    at: tierPlace(spec, used.dir),
  }));

/** A tier's name, or a folder: a name of a tier is the tier, `./name` is always the folder. */
export function placeOf(text: string, used: UsedPlan, ctx: Context): Place {
  const found = tierPlaces(used).find(({ tier }) => tier.name === text);
  if (found !== undefined) return found;
  const path = resolve(ctx.cwd, text);
  const near = text.includes('/') || existsSync(path) ? null : nearestName(text, Object.keys(tiersOf(used)));
  if (near !== null) {
    throw new UsageError(
      bi(
        `There is no tier "${text}"; did you mean "${near}"? For a folder of that name write ./${text}.`,
        `没有名为“${text}”的层级，是否想写“${near}”？若指该名称的目录，请写 ./${text}。`,
      ),
    );
  }
  return folder(path);
}

/** `--tier NAME`, or all of the plan. */
export function tiersAsked(
  { ctx, options }: Pick<Call, 'ctx' | 'options'>,
  used: UsedPlan,
): ReturnType<typeof tierPlaces> {
  const all = tierPlaces(used);
  const names = all.map(({ tier }) => tier.name).join(', ');
  if (all.length === 0) throw new UsageError(bi('The recovery plan has no tiers.', '恢复预案中没有备份层级。'));
  if (typeof options.tier !== 'string') return all;
  const place = placeOf(options.tier, used, ctx);
  const found = all.filter(({ tier }) => tier.name === place.tier?.name);
  if (found.length > 0) return found;
  throw new UsageError(
    bi(`There is no tier "${options.tier}"; tiers: ${names}.`, `没有名为“${options.tier}”的层级；可用：${names}。`),
  );
}

function keysOf(encryption: TierEncryption, dir: string): KeyFiles | null {
  switch (encryption.kind) {
    case 'recipients':
      return { recipients: resolve(dir, encryption.file) };
    case 'passphrase':
      return { passphrase: resolve(dir, encryption.file) };
    case 'none':
      return null;
  }
}

function openingKeysOf(encryption: TierEncryption, dir: string): KeyFiles | null {
  if (encryption.kind !== 'recipients') return keysOf(encryption, dir);
  return encryption.identityFile === undefined ? null : { identities: [resolve(dir, encryption.identityFile)] };
}

export function tierPlace(tier: Tier, dir: string): StorePlace {
  if (tier.kind === 'directory') return { kind: 'directory', path: resolve(dir, tier.place) };
  const { endpoint, bucket, region, prefix, credentialsFile } = tier;
  return {
    kind: 's3',
    endpoint,
    bucket,
    region,
    prefix,
    ...(credentialsFile === undefined ? {} : { credentials: resolve(dir, credentialsFile) }),
  };
}

export function openStore({ at }: Pick<Place, 'at'>, { env }: Context): Store {
  const driver = stores.find(at.kind);
  invariant(driver !== undefined, `there is a store of kind ${at.kind}`);
  return driver.open(at, { clock: systemClock, env });
}
