/** The places that a restore looks at, in the order of the drill; looking touches nothing. */
import { basename } from 'node:path';
import type { KeyFiles } from '../../core/archive-cipher.js';
import type { OpeningKeys, RestoreFallback } from '../../core/drill.js';
import { WorldError } from '../../core/errors.js';
import type { BackupService } from '../../core/services.js';
import { type Bilingual, bi } from '../../core/text.js';
import { type Choice, chooseArchive, type Refused, type SoundArchive } from '../archives.js';
import { clusterOf, type Run } from '../context.js';
import { archiveName, keyFilesOf, pathIn, withoutPaths } from '../run-folders.js';
import type { StepOf } from './result.js';

/** `place` counts from 0, the step's own. */
export type Way = RestoreFallback & { readonly place: number };
export type ArchiveWay = Exclude<Way, { readonly way: 're-register' }>;

export const waysOf = ({ archive, keys, fallback = [] }: StepOf<'restore'>): readonly Way[] =>
  [{ way: 'archives', in: archive, ...(keys && { keys }) } as const, ...fallback].map((way, place) => ({
    ...way,
    place,
  }));

export interface Usable {
  readonly archive: SoundArchive;
  /** Opens it. */
  readonly backup: BackupService;
  readonly file: string;
}

export type Look = { readonly passedOver: readonly string[] } & (
  | { readonly usable: Usable }
  | { readonly usable: null; readonly failure: WorldError }
);

/** What is found is journaled before anybody touches the registry: each archive that is refused, and the place. */
export async function lookAt(
  run: Run,
  step: StepOf<'restore'>,
  { way, signal }: { readonly way: ArchiveWay; readonly signal: AbortSignal },
): Promise<Look> {
  const keys = openingKeysOf(run, way);
  const backup = keys === null ? run.services.backup : run.services.keyed(keys).backup;
  const choice = await choose(run, step, { way, backup, signal });
  if ('failure' in choice) return passOver(run, step, { way, failure: choice.failure, refused: [] });
  const refused = choice.damaged.map((one) => noteRefused(run, step, one));
  const costing = refused.filter(({ older }) => !older);
  if (choice.archive === null) return passOver(run, step, { way, failure: noSound(costing), refused: costing });
  const failure = await whyNotAdmitted(run, step, choice.archive);
  if (failure !== null) return passOver(run, step, { way, failure, refused: costing, archive: choice.archive });
  if (keys !== null) run.progress.openers.push(backup);
  noteTried(run, step, { way, outcome: 'taken', archive: choice.archive });
  const usable = { archive: choice.archive, backup, file: archiveName(run, choice.archive.info.path) };
  return { usable, passedOver: namesOf(costing, way) };
}

/** What the drill names goes before what the plan names for the tier; null = those that `run` was given. */
function openingKeysOf(run: Run, way: ArchiveWay): KeyFiles | null {
  if (way.keys !== undefined) return keyFilesOf(run, way.keys);
  return way.way === 'tier' ? run.services.tiers.openingKeys(way.tier) : null;
}

/** A place that cannot be reached is passed over like one that holds nothing sound. */
async function choose(
  run: Run,
  step: StepOf<'restore'>,
  on: { readonly way: ArchiveWay; readonly backup: BackupService; readonly signal: AbortSignal },
): Promise<Choice | { readonly failure: WorldError }> {
  const { way, backup, signal } = on;
  const options = { backup, ...(step.atMs !== undefined && { atMs: step.atMs }) };
  try {
    if (way.way === 'archives') return await chooseArchive(run, way.in, options);
    const intoDir = `${run.archiveDir}/from-tier-${way.tier}`;
    return await chooseArchive(run, await run.services.tiers.folder(way.tier, { intoDir, signal }), options);
  } catch (error) {
    if (error instanceof WorldError && !signal.aborted) return { failure: error };
    throw error;
  }
}

/** What this run backed up itself goes back where it came from: the drill says so by asking for it. */
async function whyNotAdmitted(run: Run, step: StepOf<'restore'>, { info }: SoundArchive): Promise<WorldError | null> {
  if (run.progress.written.has(info.sha256)) return null;
  const options = { cluster: clusterOf(run), info, service: step.services?.join(', ') ?? null, into: step.into ?? [] };
  try {
    await run.services.backup.restore.admit(options);
    return null;
  } catch (error) {
    if (error instanceof WorldError) return error;
    throw error;
  }
}

interface Told {
  readonly file: string;
  readonly reason: Bilingual;
  readonly key: boolean;
  readonly older: boolean;
}

/** Each that was looked at is journaled: a backup that cannot be restored is a finding of its own. */
function noteRefused(run: Run, step: StepOf<'restore'>, refused: Refused): Told {
  const { path, key = false, older, backupTimeUtc = null } = refused;
  const file = archiveName(run, path);
  const reason = withoutPaths(run, refused.reason);
  const how = { ...(key && { key }), ...(older && { older }) };
  run.journal.note({ type: 'archive.refused', step: step.id, file, reason, backupTimeUtc, ...how });
  return { file, reason, key, older };
}

export function noteTried(
  run: Run,
  step: StepOf<'restore'>,
  on: {
    readonly way: ArchiveWay;
    readonly outcome: 'taken' | 'passed-over' | 'failed';
    readonly archive?: SoundArchive | undefined;
    readonly reason?: Bilingual;
  },
): void {
  const { way, outcome, archive, reason = null } = on;
  run.journal.note({
    type: 'restore.tried',
    step: step.id,
    place: way.place,
    way: way.way,
    where: whereOf(run, way),
    outcome,
    reason: reason && withoutPaths(run, reason),
    file: archive === undefined ? null : archiveName(run, archive.info.path),
    backupTimeUtc: archive?.info.backupTimeUtc ?? null,
  });
}

function passOver(
  run: Run,
  step: StepOf<'restore'>,
  on: {
    readonly way: ArchiveWay;
    readonly failure: WorldError;
    readonly refused: readonly Told[];
    readonly archive?: SoundArchive;
  },
): Look {
  const { way, failure, refused, archive } = on;
  noteTried(run, step, { way, outcome: 'passed-over', reason: failure.text, archive });
  const files = namesOf(refused, way);
  return { usable: null, failure, passedOver: archive === undefined ? files : [...files, archive.info.fileName] };
}

/** As the drill names it. */
function whereOf(run: Run, way: ArchiveWay): Bilingual {
  const place =
    way.way === 'tier'
      ? bi(`tier ${way.tier}`, `层级 ${way.tier}`)
      : way.in === 'latest'
        ? bi('this run’s backups', '本次运行的备份')
        : named(archiveName(run, pathIn(run, way.in)));
  const key = keyNameOf(way.keys);
  return key === null ? place : bi(`${place.en}, key ${key}`, `${place.zh}，密钥 ${key}`);
}

/** The same archive may be opened by the next key. */
const namesOf = (refused: readonly Told[], { keys }: ArchiveWay): readonly string[] =>
  refused.map(({ file, key }) => (key ? `${file} (${keyNameOf(keys) ?? 'key'})` : file));

const named = (name: string): Bilingual => bi(name, name);
const keyNameOf = (keys: OpeningKeys | undefined): string | null => {
  const file = keys?.identity ?? keys?.passphraseFile;
  return file === undefined ? null : basename(file);
};

function noSound(refused: readonly Told[]): WorldError {
  const code = 'no-sound-archive';
  if (refused.length === 0) {
    return new WorldError({ code, message: bi('There is no archive to restore from.', '没有可用于恢复的归档。') });
  }
  const en = refused.map(({ file, reason }) => `${file}: ${reason.en}`).join('; ');
  const zh = refused.map(({ file, reason }) => `${file}：${reason.zh}`).join('；');
  if (!refused.every(({ key }) => key)) {
    const message = bi(
      `No archive is sound, and nothing was touched (${en}).`,
      `没有完好的归档，未触碰任何数据（${zh}）。`,
    );
    return new WorldError({ code, message });
  }
  return new WorldError({
    code: 'key-wrong',
    message: bi(
      `The key does not open any archive, and nothing was touched (${en}).`,
      `密钥无法打开任何归档，未触碰任何数据（${zh}）。`,
    ),
  });
}

/** Everything was tried. */
export function noneLeft(failures: readonly WorldError[]): WorldError {
  const [first, ...others] = failures;
  if (first !== undefined && others.length === 0) return first;
  const numbered = (lang: 'en' | 'zh'): string => failures.map(({ text }, i) => `${i + 1}. ${text[lang]}`).join(' ');
  return new WorldError({
    code: 'no-place-left',
    message: bi(
      `None of the ${failures.length} places could be restored from: ${numbered('en')}`,
      `${failures.length} 处均无法用于恢复：${numbered('zh')}`,
    ),
  });
}
