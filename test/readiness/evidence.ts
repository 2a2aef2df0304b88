/** Evidence with everything in order; each test spoils one thing. */
import { plannedBackups } from '../../src/core/backup-calendar.js';
import type { RecoveryPlan } from '../../src/core/recovery-plan.js';
import { bi } from '../../src/core/text.js';
import { builtInRecoveryPlan } from '../../src/plan/index.js';
import type {
  ArchiveRecord,
  IssueRecord,
  ReadinessEvidence,
  RunRecord,
  TierReading,
} from '../../src/readiness/index.js';

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;
/** A Wednesday: the full backup of the week is from Sunday. */
export const NOW_MS = Date.parse('2026-02-11T10:40:00Z');

const builtIn = builtInRecoveryPlan();
export const plan: RecoveryPlan = {
  ...builtIn,
  presets: { ...builtIn.presets, ours: { title: 'ours', rtoMs: 15 * 60_000, rpoMs: HOUR_MS } },
  readiness: { required: [1, 2, 3, 6, 9, 11], confirmedWithinMs: 90 * DAY_MS, objective: 'ours' },
  contacts: Object.keys(builtIn.roles).map((role) => ({
    name: `Chen ${role}`,
    role,
    reach: '+86 10 5555',
    confirmedAt: '2026-01-20',
  })),
};

/** What the calendar plans, taken a minute after its time. */
export function archivesOf(recovery: RecoveryPlan, days: number): readonly ArchiveRecord[] {
  if (recovery.calendar === undefined) return [];
  const { slots } = recovery.calendar;
  const planned = plannedBackups(recovery.calendar, { fromMs: NOW_MS - days * DAY_MS, toMs: NOW_MS });
  // At one moment the full one, else one increment.
  const times = [...new Set(planned.map(({ atMs }) => atMs))];
  const firstFull = { base: '', parent: '' };
  return times.map((atMs): ArchiveRecord => {
    const full = planned.some((each) => each.atMs === atMs && slots[each.slot]?.type === 'full');
    const file = `registry-backup-${new Date(atMs).toISOString().replace(/[-:T]/g, '').slice(0, 14)}.tar.gz`;
    const isFull = full || firstFull.base === '';
    const { parent } = firstFull;
    if (isFull) firstFull.base = file;
    firstFull.parent = file;
    return {
      file,
      sha256: `sha of ${file}`,
      bytes: 1_000,
      storedBytes: 1_000,
      type: isFull ? 'full' : 'incremental',
      takenMs: atMs + 60_000,
      base: firstFull.base,
      parent: isFull ? null : parent,
      product: 'etcd',
      clusterId: 'c1',
      durable: 300,
    };
  });
}

const archives = archivesOf(plan, 7);

export const tier = (name: string, away: boolean, of: readonly ArchiveRecord[] = archives): TierReading => ({
  tier: name,
  countsAsAnotherPlace: away,
  keepMs: 7 * DAY_MS,
  archives: { read: true, where: `/backups/${name}`, value: of },
  leftOut: [],
  readBack: of.slice(-1).map(({ file, sha256, bytes }) => ({ file, sha256, bytes, tookMs: 10 })),
});

export const blindTier = (name: string, away: boolean): TierReading => ({
  ...tier(name, away, []),
  archives: { read: false, where: `/backups/${name}`, why: bi('not mounted', '未挂载') },
});

export const run: RunRecord = {
  runId: '20260210T080000Z-leader-lost-1',
  where: 'reports/20260210T080000Z-leader-lost-1',
  drill: 'leader-lost',
  kind: 'full-flow',
  product: 'etcd',
  backupBytes: 100_000,
  startedMs: NOW_MS - DAY_MS,
  endedMs: NOW_MS - DAY_MS + 600_000,
  valid: true,
  scripted: false,
  rto: [{ limitMs: 600_000, measuredMs: 30_000, verdict: 'within' }],
  rpo: [{ limitMs: 300_000, measuredMs: 0, verdict: 'within' }],
  planSha256: 'plan',
  decided: ['switch'],
  ratings: [5, 3],
  onTime: { kept: 9, of: 10 },
  restores: [{ bytes: 100_000, tookMs: 20_000 }],
  issues: [],
  hasReport: true,
  signedBy: 'alice',
};

export const issue: IssueRecord = {
  id: 'FD-1',
  rule: 'rto-missed',
  priority: 'P2',
  open: true,
  dueMs: NOW_MS + DAY_MS,
  seenMs: NOW_MS - DAY_MS,
  elsewhere: false,
};

const newest = archives.at(-1);
if (newest === undefined) throw new Error('the calendar plans nothing');

export const good: ReadinessEvidence = {
  nowMs: NOW_MS,
  plan,
  target: null,
  planFile: { path: 'recovery-plan.yaml', changedMs: NOW_MS - 30 * DAY_MS, sha256: 'plan' },
  tiers: [tier('local', false), tier('object', true)],
  verifications: {
    read: true,
    where: 'reports/verifications.jsonl',
    value: [...new Set(archives.map(({ base }) => base))].map((base) => ({
      atMs: NOW_MS - HOUR_MS,
      file: base,
      sha256: `sha of ${base}`,
      base,
      sound: true,
      noKey: false,
      restoredInto: null,
    })),
  },
  runs: { read: true, where: 'reports', value: [run] },
  issues: { read: true, where: 'reports/issues.jsonl', value: [issue] },
  paths: [
    {
      what: bi('runbook', '手册'),
      path: 'runbook.md',
      role: 'runbook',
      exists: true,
      why: null,
      changedMs: NOW_MS - DAY_MS,
    },
  ],
  commands: [],
};

export const unreadable = { read: false, where: 'reports', why: bi('not there', '不存在') } as const;
