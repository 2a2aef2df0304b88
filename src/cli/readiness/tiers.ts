import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { isArchive } from '../../backup/index.js';
import { type ArchiveLabel, labelName, parseLabel, plainName } from '../../core/archive-label.js';
import { systemClock } from '../../core/clock.js';
import { describeError } from '../../core/errors.js';
import type { Tier } from '../../core/plan-places.js';
import type { Store, StoredFile } from '../../core/store.js';
import { type Bilingual, bi } from '../../core/text.js';
import {
  type ArchiveRecord,
  archiveStranger,
  type ReadBack,
  type Sorted,
  sortOut,
  type TierReading,
} from '../../readiness/index.js';
import { stores } from '../../stores/index.js';
import { type Context, showPath } from '../context.js';
import { backupsWith } from '../keys.js';
import { tierPlace } from '../tiers.js';
import type { OwnPlan } from './own-plan.js';

type Target = Parameters<typeof archiveStranger>[0];

const LIST_LIMIT_MS = 30_000;
const READ_BACK_LIMIT_MS = 120_000;

export interface TierOptions {
  readonly ctx: Context;
  readonly own: OwnPlan;
  /** Null = the archives of every registry count. */
  readonly target: Target | null;
  /** False = labels and sizes only. */
  readonly readBack: boolean;
  readonly warn: (text: Bilingual) => void;
}

/** What lies on every tier of the plan, by its labels; the newest chain is read back, hashed and timed. */
export async function readTiers(options: TierOptions): Promise<readonly TierReading[]> {
  const tiers = Object.entries(options.own.plan.tiers ?? {});
  return Promise.all(tiers.map(([name, tier]) => readTier(name, tier, options)));
}

async function readTier(name: string, tier: Tier, options: TierOptions): Promise<TierReading> {
  const common = { tier: name, countsAsAnotherPlace: tier.countsAsAnotherPlace, keepMs: tier.keepMs };
  const where = placeName(tier, options);
  const unread = (why: Bilingual): TierReading => ({
    ...common,
    archives: { read: false, where, why },
    leftOut: [],
    readBack: [],
  });
  const driver = stores.find(tier.kind);
  if (driver === undefined)
    return unread(bi(`stores of kind ${tier.kind} cannot be read`, `无法读取 ${tier.kind} 类存储`));
  if (tier.kind === 'directory' && !existsSync(directoryOf(tier.place, options))) return unread(NOT_THERE);
  try {
    const store = driver.open(tierPlace(tier, options.own.dir), { clock: systemClock, env: options.ctx.env });
    try {
      const { counted, leftOut } = ofTarget(await archivesIn(store, tier, options), options.target);
      const value = counted.map(({ record }) => record);
      const readBack = options.readBack ? await readNewest(store, counted) : [];
      return { ...common, archives: { read: true, where, value }, leftOut, readBack };
    } finally {
      store.close();
    }
  } catch (error) {
    return unread(describeError(error));
  }
}

const NOT_THERE = bi('the folder is not there, or not mounted', '目录不存在或未挂载');

const directoryOf = (place: string, { own }: TierOptions): string => resolve(own.dir, place);

const placeName = (tier: Tier, options: TierOptions): string =>
  tier.kind === 'directory'
    ? showPath(directoryOf(tier.place, options), options.ctx)
    : `s3://${tier.bucket}/${tier.prefix}`;

interface Found {
  readonly record: ArchiveRecord;
  readonly stored: StoredFile;
}

const ofTarget = (found: readonly Found[], target: Target | null): Sorted<Found> =>
  sortOut(found, target, (of, { record }) => archiveStranger(of, record));

async function archivesIn(store: Store, tier: Tier, options: TierOptions): Promise<readonly Found[]> {
  const files = await store.list(AbortSignal.timeout(LIST_LIMIT_MS));
  const names = new Set(files.map(({ file }) => file));
  const found: Found[] = [];
  for (const stored of files.filter(({ file }) => isArchive(file))) {
    const record = names.has(labelName(stored.file))
      ? await byLabel(store, stored, options)
      : await byContent(stored, tier, options);
    if (record !== null) found.push({ record, stored });
  }
  return found;
}

/** A label that is damaged is told and its archive left out: it counts for nothing until it is looked into. */
async function byLabel(store: Store, stored: StoredFile, { warn }: TierOptions): Promise<ArchiveRecord | null> {
  const name = labelName(stored.file);
  try {
    const label = parseLabel(await text(store.read(name, { signal: AbortSignal.timeout(LIST_LIMIT_MS) })));
    return recordOf(label, stored.bytes);
  } catch (error) {
    const why = describeError(error);
    warn(bi(`${store.place}: ${name} cannot be used: ${why.en}`, `${store.place}：${name} 无法使用：${why.zh}`));
    return null;
  }
}

const recordOf = (label: ArchiveLabel, storedBytes: number): ArchiveRecord => ({
  file: plainName(label.file),
  sha256: label.sha256,
  bytes: label.bytes,
  storedBytes,
  type: label.type,
  takenMs: Date.parse(label.backup_time_utc),
  base: plainName(label.base),
  parent: label.parent === null ? null : plainName(label.parent.file),
  product: label.product,
  clusterId: label.cluster_id,
  durable: label.state.durable,
});

/** An archive without a label is read from its manifest, where it lies in a folder. */
async function byContent(stored: StoredFile, tier: Tier, options: TierOptions): Promise<ArchiveRecord | null> {
  const { file } = stored;
  const verdict =
    tier.kind === 'directory' && !file.endsWith('.age')
      ? await backupsWith(undefined).verify(join(directoryOf(tier.place, options), file))
      : null;
  if (verdict?.sound === true) {
    const { sha256, bytes, type, backupTimeUtc, base, parent, product, clusterId, state } = verdict.info;
    const chain = { type, takenMs: Date.parse(backupTimeUtc), base: plainName(base), parent: parent?.file ?? null };
    const of = { product, clusterId, durable: state.durable };
    return { file, sha256, bytes, storedBytes: stored.bytes, ...chain, ...of };
  }
  const why = verdict === null ? bi('it has no label', '没有标签') : verdict.reason;
  options.warn(bi(`${file} does not count: ${why.en}`, `${file} 不计入：${why.zh}`));
  return null;
}

/** Every archive of the newest chain, hashed; what takes too long is left, and then not said to be read. */
async function readNewest(store: Store, archives: readonly Found[]): Promise<readonly ReadBack[]> {
  const newest = archives.reduce<Found | null>(
    (a, b) => (a !== null && a.record.takenMs >= b.record.takenMs ? a : b),
    null,
  );
  const signal = AbortSignal.timeout(READ_BACK_LIMIT_MS);
  const read: ReadBack[] = [];
  for (const { record, stored } of archives.filter((each) => each.record.base === newest?.record.base)) {
    if (signal.aborted) break;
    const startedMs = systemClock.monotonicMs();
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const part of store.read(stored.file, { signal })) {
      hash.update(part);
      bytes += part.length;
    }
    const tookMs = systemClock.monotonicMs() - startedMs;
    read.push({ file: record.file, sha256: hash.digest('hex'), bytes, tookMs });
  }
  return read;
}
