/** `backup verify --restore-into lab:NAME`: restores into a practice cluster, compares, and leaves it as it was. */
import { checkRestored, type RestoredCheck } from '../backup/index.js';
import type { ArchiveVerdict } from '../core/backup.js';
import { systemClock } from '../core/clock.js';
import { writeDurably } from '../core/durable-file.js';
import { invariant, WorldError } from '../core/errors.js';
import type { World } from '../core/fault.js';
import type { BackupService } from '../core/services.js';
import { type Bilingual, bi } from '../core/text.js';
import { newRunId } from '../run/index.js';
import type { Context } from './context.js';
import { UsageError } from './failure.js';
import { endSession, openSession, type Session } from './session.js';
import { labNamed } from './target.js';
import { mark } from './view.js';

type Sound = ArchiveVerdict & { readonly sound: true };

/** Written beside the archive as `<archive>.verified.json`: the evidence that it was restorable, or that it was not. */
interface Verified {
  readonly format: 'firedrill-verified';
  readonly format_version: '1.0';
  readonly file: string;
  readonly sha256: string;
  readonly verified_at_utc: string;
  readonly restorable: boolean;
  /** Null = it was restored. */
  readonly reason: Bilingual | null;
  readonly lab: string;
  readonly product: string;
  readonly archive_version: string;
  /** It is proved for this version and no other. */
  readonly lab_version: string;
  readonly same_version: boolean;
  readonly durable: number;
  readonly leased: number;
  readonly took_ms: number;
  readonly checks: readonly RestoredCheck[];
}

interface Job {
  /** Opens the archive again when it is restored. */
  readonly backups: BackupService;
  readonly archive: Sound;
  readonly into: string;
}

export async function verifyByRestoring(job: Job, ctx: Context): Promise<Verified> {
  const { archive, into } = job;
  if (!into.startsWith('lab:')) {
    throw new UsageError(
      bi('--restore-into takes a practice cluster only: lab:NAME.', '--restore-into 只接受练习集群：lab:名称。'),
    );
  }
  const lab = labNamed(into.slice('lab:'.length), ctx);
  const startedMs = systemClock.monotonicMs();
  const session = await openSession({
    ctx,
    runId: newRunId(systemClock, 'verify', Math.random),
    runDir: '',
    target: { registry: lab.registry, prefix: '/services/', source: { from: 'lab', lab: lab.name } },
    stop: new AbortController().signal,
  });
  let result: Awaited<ReturnType<typeof restored>>;
  try {
    result = await restored(session, job, ctx);
  } finally {
    const clean = await endSession(session, ctx);
    if (!clean) ctx.err(ctx.say(bi('Something is still on: firedrill recover', '仍有未撤销的改动：firedrill recover')));
  }
  const evidence = evidenceOf(archive, { ...result, lab: lab.name, tookMs: systemClock.monotonicMs() - startedMs });
  await writeDurably(`${archive.info.path}.verified.json`, `${JSON.stringify(evidence, null, 2)}\n`);
  return evidence;
}

interface Restored {
  readonly version: string;
  readonly reason: Bilingual | null;
  readonly checks: readonly RestoredCheck[];
}

/** The undo is on disk first: killed here, `recover` puts back what the practice cluster held. */
async function restored(session: Session, { backups, archive }: Job, ctx: Context): Promise<Restored> {
  const { state, cluster, startedLab } = session;
  invariant(cluster !== null, 'a session on a lab has its cluster');
  const { version } = cluster.binding;
  const world: World = { cluster, clock: systemClock, stateDir: state.dir };
  const undo = await backups.restore.prepare(world, { archive, service: null });
  const { nodes } = cluster.registry;
  await state.arm({ id: 'restore', undoer: 'restore', step: 'verify', nodes, data: undo });
  try {
    await backups.restore.execute(world, {
      archive,
      service: null,
      undo,
      onSubstep: ({ name, outcome, detail }) => ctx.err(`  ${mark(ctx, outcome)} ${name}  ${ctx.say(detail)}`),
    });
    return { version, reason: null, checks: await checkRestored(world, archive) };
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return { version, reason: error.text, checks: [] };
  } finally {
    // One that was started for this goes as a whole.
    const back = startedLab === null ? await backups.undoer.revert(world, undo) : { reverted: true };
    if (back.reverted) await state.retire('restore', 'final');
  }
}

function evidenceOf(
  { info, snapshot }: Sound,
  result: Restored & { readonly lab: string; readonly tookMs: number },
): Verified {
  const { version, reason, checks, lab, tookMs } = result;
  return {
    format: 'firedrill-verified',
    format_version: '1.0',
    file: info.fileName,
    sha256: info.sha256,
    verified_at_utc: systemClock.wallIso(),
    restorable: reason === null && checks.length > 0 && checks.every(({ ok }) => ok),
    reason,
    lab,
    product: info.product,
    archive_version: snapshot.registry.version,
    lab_version: version,
    same_version: snapshot.registry.version === version,
    durable: info.state.durable,
    leased: info.state.instances - info.state.durable,
    took_ms: Math.round(tookMs),
    checks,
  };
}

export function verifiedLines(verified: Verified): readonly Bilingual[] {
  const { checks, reason, restorable, lab, leased, archive_version: made, lab_version: proved } = verified;
  const rows = checks.map(({ check, ok, detail }) => {
    const sign = ok ? '✓' : '✗';
    return bi(`  ${sign} ${check}: ${detail.en}`, `  ${sign} ${check}：${detail.zh}`);
  });
  const other = verified.same_version
    ? []
    : [
        bi(
          `  ! the archive is of ${verified.product} ${made}, ${lab} runs ${proved}: this is proved for ${proved} only`,
          `  ! 归档来自 ${verified.product} ${made}，${lab} 运行 ${proved}：结论只对 ${proved} 有效`,
        ),
      ];
  const ended = restorable
    ? bi(
        `✓ ${verified.file}: restorable (${lab}, ${(verified.took_ms / 1_000).toFixed(1)} s); ${leased} leased instances come back when their owners register again`,
        `✓ ${verified.file}：可恢复（${lab}，${(verified.took_ms / 1_000).toFixed(1)} 秒）；${leased} 个带租约的实例由其所有者重新注册`,
      )
    : bi(
        `✗ ${verified.file}: not restorable${reason === null ? '' : `: ${reason.en}`}`,
        `✗ ${verified.file}：不可恢复${reason === null ? '' : `：${reason.zh}`}`,
      );
  return [...rows, ...other, ended];
}
