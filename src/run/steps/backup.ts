import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bi } from '../../core/text.js';
import { clusterOf, type Run } from '../context.js';
import { passed, type StepOf, type StepResult } from './result.js';

export async function backup(run: Run, step: StepOf<'backup'>, signal: AbortSignal): Promise<StepResult> {
  const { toRunMs, note } = run.journal;
  const dir = join(run.archiveDir, step.to);
  mkdirSync(dir, { recursive: true });
  const written = await run.services.backup.full({
    cluster: clusterOf(run),
    dir,
    timeZone: run.drill.timeZone,
    clock: run.services.clock,
    signal,
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
  const counts = { bytes, backupTimeUtc, revision, services, instances, durable };
  const file = `${step.to}/${written.fileName}`;
  note({ type: 'backup.written', step: step.id, file, sha256, ...counts, pointMs: toRunMs(written.pointMs) });
  return { ...passed, reason: bi(`${file}: ${instances} instances`, `${file}：${instances} 个实例`) };
}
