/** `verifications.jsonl`: what each `backup verify` said, one line each; lines are only ever added. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { plainName } from '../../core/archive-label.js';
import type { ArchiveVerdict } from '../../core/backup.js';
import { systemClock } from '../../core/clock.js';
import { describeError } from '../../core/errors.js';
import { bi } from '../../core/text.js';
import type { Reading, Verification } from '../../readiness/index.js';
import { type Context, showPath } from '../context.js';

const FILE = 'verifications.jsonl';

interface VerificationLine {
  readonly at: string;
  readonly file: string;
  /** Of the stored file; null = it was damaged, so that its hash tells nothing. */
  readonly sha256: string | null;
  readonly base: string | null;
  readonly sound: boolean;
  /** Only where it is so. */
  readonly noKey?: true;
  readonly restoredInto: string | null;
}

interface Verified {
  readonly verdict: ArchiveVerdict;
  /** The practice cluster it was restored into and compared with; null = only read. */
  readonly restoredInto: string | null;
}

/** Writes it down for `readiness`. False = it could not be written; why was said. */
export function keepVerification(reportsDir: string, verified: Verified, ctx: Context): boolean {
  try {
    mkdirSync(reportsDir, { recursive: true });
    appendFileSync(join(reportsDir, FILE), `${JSON.stringify(lineOf(verified))}\n`);
    return true;
  } catch (error) {
    const why = describeError(error);
    const where = showPath(join(reportsDir, FILE), ctx);
    ctx.err(ctx.say(bi(`! not written to ${where}: ${why.en}`, `! 未能写入 ${where}：${why.zh}`)));
    return false;
  }
}

function lineOf({ verdict, restoredInto }: Verified): VerificationLine {
  const at = systemClock.wallIso();
  if (!verdict.sound) {
    const file = plainName(basename(verdict.path));
    return { at, file, sha256: null, base: null, sound: false, ...(verdict.key && { noKey: true }), restoredInto };
  }
  const { fileName, sha256, base } = verdict.info;
  return { at, file: plainName(fileName), sha256, base: plainName(base), sound: true, restoredInto };
}

export function readVerifications(reportsDir: string, ctx: Context): Reading<readonly Verification[]> {
  const path = join(reportsDir, FILE);
  const where = showPath(path, ctx);
  if (!existsSync(path)) return { read: false, where, why: NONE };
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const value = lines.map((line) => parsed(line));
  const good = value.filter((line) => line !== null);
  if (good.length < value.length) {
    return {
      read: false,
      where,
      why: bi('a line of it is not what Firedrill writes', '其中有一行不是 Firedrill 写入的内容'),
    };
  }
  return { read: true, where, value: good };
}

const NONE = bi('no `backup verify` is recorded', '没有 `backup verify` 的记录');

function parsed(line: string): Verification | null {
  try {
    const said = JSON.parse(line) as VerificationLine;
    const { file, sha256, base, sound, restoredInto } = said;
    const atMs = Date.parse(said.at);
    if (typeof file !== 'string' || typeof sound !== 'boolean' || Number.isNaN(atMs)) return null;
    const noKey = said.noKey === true;
    return { atMs, file, sha256: sha256 ?? '', base: base ?? '', sound, noKey, restoredInto: restoredInto ?? null };
  } catch {
    // Not JSON: said by the caller, with the file it is in.
    return null;
  }
}
