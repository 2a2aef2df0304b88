import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyFiles } from '../../core/archive-cipher.js';
import type { PutInTier, WrittenBackup } from '../../core/services.js';
import { type Bilingual, bi } from '../../core/text.js';
import { clusterOf, type Run } from '../context.js';
import { pathIn } from '../run-folders.js';
import { passed, type StepOf, type StepResult } from './result.js';

export async function backup(run: Run, step: StepOf<'backup'>, signal: AbortSignal): Promise<StepResult> {
  const { toRunMs, note } = run.journal;
  const dir = join(run.archiveDir, step.to);
  mkdirSync(dir, { recursive: true });
  const keys = keysFor(run, step);
  const cipher = keys === null ? null : run.services.keyed(keys).cipher;
  const written = await run.services.backup[step.mode]({
    cluster: clusterOf(run),
    dir,
    ...(step.emptyIsRight && { emptyIsRight: true }),
    timeZone: run.drill.timeZone,
    clock: run.services.clock,
    signal,
    ...(cipher && { cipher }),
    onSubstep: ({ startedMs, endedMs, ...report }) =>
      note({
        type: 'backup.substep',
        step: step.id,
        ...report,
        startedMs: toRunMs(startedMs),
        endedMs: toRunMs(endedMs),
      }),
  });
  const { sha256, bytes, backupTimeUtc, revision, services, instances, durable } = written;
  run.progress.written.add(sha256);
  const counts = { bytes, backupTimeUtc, revision, services, instances, durable };
  const file = `${step.to}/${written.fileName}`;
  const { type: mode, base, instead } = written;
  const kind = { mode, base: `${step.to}/${base}`, ...(instead && { instead }) };
  note({ type: 'backup.written', step: step.id, file, sha256, ...counts, ...kind, pointMs: toRunMs(written.pointMs) });
  const made = reasonOf(written, file);
  if (step.tier === undefined) return { ...passed, reason: made };
  const put = await run.services.tiers.put(step.tier, { dir, fileName: written.fileName, signal });
  const there = inTierText(step.tier, put);
  return { ...passed, reason: bi(`${made.en}; ${there.en}`, `${made.zh}；${there.zh}`) };
}

/** What the drill names goes before the key of the tier. */
function keysFor(run: Run, { encryptTo, tier }: StepOf<'backup'>): KeyFiles | null {
  if (encryptTo !== undefined) return { recipients: pathIn(run, encryptTo) };
  return tier === undefined ? null : run.services.tiers.keys(tier);
}

function inTierText(tier: string, { archives, bytes, copiedBytes, tookMs }: PutInTier): Bilingual {
  const took = Math.round(tookMs);
  return bi(
    `in tier ${tier}: ${archives} archives of its chain, ${bytes} bytes, ${copiedBytes} of them copied in ${took} ms and checked there`,
    `已在层级 ${tier}：其备份链共 ${archives} 个归档、${bytes} 字节，本次复制 ${copiedBytes} 字节，用时 ${took} 毫秒，并已在该处核对`,
  );
}

function reasonOf({ type, instances, removed, instead }: WrittenBackup, file: string): Bilingual {
  if (type === 'incremental') {
    return bi(
      `${file}: ${instances} instances changed, ${removed} removed`,
      `${file}：变更实例 ${instances} 个，删除 ${removed} 项`,
    );
  }
  if (instead === null) return bi(`${file}: ${instances} instances`, `${file}：${instances} 个实例`);
  return bi(
    `${file}: a full backup instead of an increment, ${instances} instances: ${instead.en}`,
    `${file}：改为全量备份，${instances} 个实例：${instead.zh}`,
  );
}
