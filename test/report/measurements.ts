/** What `measure` makes of the fixture's journal, by hand. */
import type { RestoreSubstep } from '../../src/core/drill.js';
import type { JournalEvent } from '../../src/core/journal.js';
import type {
  CheckMeasurement,
  Measurements,
  RecoveryMeasurement,
  StepMeasurement,
} from '../../src/core/measurement.js';
import { bi } from '../../src/core/text.js';
import { availabilityOf } from './fixture.js';
import { seqsOf } from './journal.js';

export function measurementsOf(events: readonly JournalEvent[], name: string): Measurements {
  const seqs = (type: JournalEvent['type']) => seqsOf(events, (event) => event.type === type);
  const [killed, wiped] = seqs('fault.confirmed');
  const kill = [killed ?? 0];
  const wipe = [wiped ?? 0];
  const reads = seqs('ledger.read');
  return {
    run: {
      endedEarly: false,
      ending: 'completed',
      stopCause: null,
      startedAt: '2026-11-22T10:15:00.000Z',
      endedAt: '2026-11-22T10:15:58.000Z',
      durationMs: 58_000,
    },
    validity: { valid: true, because: [] },
    faults: [
      {
        step: 'kill-leader',
        name: 'node.kill',
        targets: ['n2'],
        scope: 'node',
        requestedAtMs: 8_112.2,
        effectiveAtMs: 8_123.5,
        bracketMs: 11.3,
        confirmed: true,
        reverted: true,
        revertedAtMs: 14_110,
        revertedBy: 'recover-step',
        detail: bi('process 4101 is gone', '进程 4101 已消失'),
        evidence: [...seqs('undo.armed').slice(0, 1), ...kill],
      },
      {
        step: 'wipe',
        name: 'registry.wipe',
        targets: [],
        scope: 'data',
        requestedAtMs: 20_050,
        effectiveAtMs: 20_300.4,
        bracketMs: 250.4,
        confirmed: true,
        reverted: true,
        revertedAtMs: 31_500,
        revertedBy: 'recover-step',
        detail: bi('0 of 96 instances are left', '96 个实例剩 0 个'),
        evidence: wipe,
      },
    ],
    recovery: [
      recovery('kill-leader', 'register', [8_120.1, 8_130.2, 9_612.4], kill),
      recovery('kill-leader', 'discover', [8_118.4, null, 8_140], kill),
      recovery('wipe', 'register', [23_960, 24_010, 29_561], wipe),
      recovery('wipe', 'discover', [20_260, 20_330, 32_438], wipe),
    ],
    objectives: [
      {
        id: 'rto',
        operation: 'discover',
        step: 'wipe',
        limit: 15_000,
        measured: 12_137.6,
        error: 317.1,
        verdict: 'within',
        why: bi('the slowest of all faults: discovery after wipe', '所有故障中最慢的一项：wipe 之后的发现'),
        evidence: [...wipe, ...seqs('traffic.rebased')],
      },
      {
        id: 'rpo.records',
        limit: 5,
        measured: 2,
        error: null,
        verdict: 'within',
        why: bi('2 acknowledged entries were on no node', '2 条已确认的登记不在任何节点上'),
        evidence: reads,
      },
      {
        id: 'rpo.time',
        limit: 300_000,
        measured: 17_400,
        error: null,
        verdict: 'within',
        why: bi(
          'the oldest lost entry was acknowledged 17.4 s before the wipe',
          '最早丢失的登记在 wipe 前 17.4 秒确认',
        ),
        evidence: reads,
      },
    ],
    ledger: {
      issued: 900,
      acknowledged: 861,
      failed: 30,
      unknown: 9,
      operations: { issued: 1_240, acknowledged: 1_180, failed: 46, unknown: 14 },
      present: 859,
      lost: 2,
      ghost: 3,
      stale: 0,
      resurrected: 0,
      divergent: 0,
      reregistered: 56,
      healed: 12,
      nodes: [
        { node: 'n1', readable: true, present: 859, absent: 2, stale: 0, ghost: 3, resurrected: 0 },
        { node: 'n2', readable: true, present: 859, absent: 2, stale: 0, ghost: 3, resurrected: 0 },
        {
          node: name === 'bob' ? 'n3' : name,
          readable: name === 'bob',
          present: 859,
          absent: 2,
          stale: 0,
          ghost: 3,
          resurrected: 0,
        },
      ],
      samples: [
        {
          entry: 'firedrill-canary-1122101500-7f3a-01/i17',
          class: 'lost',
          expected: 'version 4',
          seen: { n1: 'absent', n2: 'absent', n3: 'absent' },
          evidence: reads,
        },
        {
          entry: `firedrill-canary-1122101500-7f3a-02/${name}`,
          class: 'ghost',
          expected: 'never written',
          seen: { n1: 'version 1' },
          evidence: reads,
        },
      ],
      evidence: reads,
    },
    loss: {
      records: 2,
      lostUpdates: 0,
      timeMs: 17_400,
      lossAtMs: 20_300.4,
      cause: bi('registry.wipe', 'registry.wipe'),
      afterFault: 0,
      recoveryPointAgeMs: 20_110.4,
      evidence: reads,
    },
    integrity: { count: 'pass', hash: 'pass', functional: 'pass', evidence: seqs('residue.checked') },
    availability: availabilityOf(events),
    phases: (
      [
        ['prepare', 20, 1_900],
        ['kickoff', 1_900, 7_600],
        ['execute', 7_600, 40_000],
        ['verify', 40_000, 52_000],
        ['review', 52_000, 58_000],
      ] as const
    ).map(([phase, startMs, endMs]) => ({ phase, startMs, endMs, outcome: 'pass', evidence: [] })),
    steps: steps(name),
    checks: checks(reads),
    contents: [
      {
        id: 'briefing',
        phase: 'kickoff',
        text: bi('a briefing', '演练说明会'),
        present: true,
        evidence: seqs('manual.answered'),
      },
      { id: 'goals', phase: 'kickoff', text: bi('the goals are told', '宣读目标'), present: false, evidence: [] },
    ],
    milestones: [
      {
        id: 'T+0',
        title: bi('alarm', '告警'),
        plannedMs: 0,
        actualMs: 0,
        state: 'on-time',
        dueAt: null,
        reviewed: null,
        step: 'kill-leader',
        evidence: kill,
      },
      {
        id: 'T+5m',
        title: bi('a person confirms the level', '人员确认级别'),
        plannedMs: 300_000,
        actualMs: 3_100,
        state: 'on-time',
        dueAt: null,
        reviewed: null,
        step: 'confirm-level',
        evidence: seqs('problem.opened'),
      },
      {
        id: 'T+24h',
        title: bi('review', '复盘'),
        plannedMs: 86_400_000,
        actualMs: null,
        state: 'open',
        dueAt: null,
        reviewed: null,
        step: null,
        evidence: [],
      },
    ],
    decisions: [
      {
        step: 'switch',
        tree: 'switchover',
        title: bi('What to do when the registry is unavailable', '注册中心不可用时怎么办'),
        outcome: 'switch-now',
        outcomeTitle: bi('switch at once', '立即切换'),
        treeOutcome: 'request-resources',
        overridden: true,
        by: 'commander',
        answeredBy: name,
        rightPerson: false,
        reason: name,
        answers: [
          {
            question: 'standby-ready',
            ask: bi('Is the standby site ready?', '备用机房就绪吗？'),
            fact: 'standby-ready',
            answer: 'unknown',
            why: bi('nothing here looks at a standby', '此处没有查看备用站点的手段'),
            values: { site: name, lagMs: null },
            where: bi('nowhere', '无处可查'),
            answeredBy: null,
            evidence: kill,
          },
        ],
        costs: {
          site: null,
          dataLagMs: null,
          addedDelayMs: 30,
          delayIsPlanned: true,
          owners: bi('the owners of all services have to cooperate', '需要所有业务方配合调整'),
        },
        evidence: kill,
      },
    ],
    degradations: [
      {
        step: 'fixed-addresses',
        level: 3,
        title: bi('static configuration', '静态配置'),
        loses: bi('no dynamic scaling', '无法动态扩缩容'),
        commands: 1,
        enteredMs: 9_000,
        leftMs: 9_400,
        servedMs: 9_010,
        reachMs: 886.5,
        reachFrom: 'fault',
        planMs: 300_000,
        inTime: true,
        applications: [{ operation: 'discover', servedBy: 'static', attempts: 8, ok: 8 }],
        registry: [{ operation: 'discover', attempts: 8, ok: 0 }],
        staleMs: 8_000,
        unseen: 3,
        gone: 1,
        evidence: kill,
      },
    ],
    problems: [
      {
        id: 'slow-alarm',
        title: bi(name === 'bob' ? 'The alarm was not heard' : name, name === 'bob' ? '没有听到告警' : name),
        priority: 'P2',
        openedMs: 8_900,
        solvedMs: 13_200,
        solution: bi('asked on the phone', '改用电话确认'),
        openedBy: 'alice',
        fallback: 'worked',
        decision: { by: 'alice', reason: bi('the alarm was silent', '告警未响') },
        responseMs: 4_300,
        evidence: [...seqs('problem.opened'), ...seqs('problem.solved')],
      },
    ],
    people: {
      scripted: false,
      manual: [
        {
          step: 'declare',
          by: 'commander',
          answeredBy: 'alice',
          done: true,
          note: name,
          rightPerson: true,
          evidence: seqs('manual.answered'),
        },
      ],
      documents: [],
      situations: [],
      estimatedRecoveryMs: null,
    },
    backups: [
      {
        step: 'backup-full',
        file: 'registry-backup-20261122-181500.tar.gz',
        sha256: 'a1'.repeat(32),
        bytes: 18_432,
        backupTimeUtc: '2026-11-22T10:15:00Z',
        services: 12,
        instances: 96,
        pointMs: 190,
        substeps: (['lock', 'export', 'compress', 'upload', 'unlock'] as const).map((step) => ({
          name: step,
          tookMs: 12.5,
          outcome: 'pass',
          detail: bi('done', '完成'),
        })),
        evidence: seqs('backup.written'),
      },
    ],
    damagedArchives: [],
    fallbacks: [],
    restores: [
      {
        step: 'restore',
        file: 'registry-backup-20261122-181500.tar.gz',
        scope: 'all',
        service: null,
        backupTimeUtc: '2026-11-22T10:15:00Z',
        sixSteps: true,
        evidence: seqs('restore.chosen'),
        substeps: substeps(seqs('restore.chosen')),
      },
    ],
    residue: { checked: true, left: [], evidence: seqs('residue.checked') },
    safety: { planned: ['n2'], touched: ['n1', 'n2', 'n3'], open: [], failedReverts: [] },
    canary: { attempts: 2_160, lagP99Ms: 1.4, lagMaxMs: 6.2 },
  };
}

function recovery(
  step: string,
  operation: 'register' | 'discover',
  times: readonly [number, number | null, number],
  evidence: readonly number[],
): RecoveryMeasurement {
  const [lastGoodMs, firstBadMs, recoveredMs] = times;
  const faultMs = step === 'wipe' ? 20_300.4 : 8_123.5;
  return {
    step,
    operation,
    lastGoodMs,
    firstBadMs,
    recoveredMs,
    recoveryMs: recoveredMs - faultMs,
    errorMs: step === 'wipe' ? 317.1 : 21.4,
    state: 'recovered',
    why: null,
    failedAttempts: firstBadMs === null ? 0 : 24,
    evidence,
  };
}

const SUBSTEPS = [
  ['check-archive', 22_010, 40],
  ['stop', 24_000, 1_200],
  ['clear', 25_200, 80],
  ['restore', 25_280, 900],
  ['verify', 26_180, 120],
  ['start', 26_300, 3_100],
  ['registrations', 29_400, 1_500],
] as const satisfies readonly (readonly [RestoreSubstep, number, number])[];

const substeps = (evidence: readonly number[]): Measurements['restores'][number]['substeps'] =>
  SUBSTEPS.map(([name, startMs, tookMs]) => ({
    name,
    startMs,
    tookMs,
    expectMs: 5_000,
    outcome: 'pass',
    detail: bi('as planned', '符合计划'),
    evidence,
  }));

const step = (
  id: string,
  phase: StepMeasurement['phase'],
  verb: StepMeasurement['verb'],
  times: readonly [number, number, number | null],
  more: Partial<StepMeasurement> = {},
): StepMeasurement => ({
  id,
  phase,
  verb,
  title: null,
  by: null,
  answeredBy: null,
  startMs: times[0],
  endMs: times[1],
  expectMs: times[2],
  withinMs: null,
  milestone: null,
  severity: null,
  outcome: 'pass',
  reason: null,
  late: false,
  evidence: [],
  ...more,
});

const steps = (name: string): readonly StepMeasurement[] => [
  step('backup-full', 'prepare', 'backup', [30, 260, 2_000], { title: bi('Full backup', '全量备份') }),
  step('declare', 'kickoff', 'manual', [1_900, 2_400, 60_000], {
    title: bi('Declare the drill started', '宣布演练开始'),
    by: 'commander',
    answeredBy: 'alice',
    expectMs: 1_000,
  }),
  step('kill-leader', 'execute', 'inject', [8_100, 8_130, null], { title: bi('Kill the leader', '杀死主节点') }),
  step('confirm-level', 'execute', 'manual', [8_200, 11_200, 2_000], {
    title: bi('Confirm the incident level', '确认事件级别'),
    by: 'commander',
    answeredBy: 'alice',
    late: true,
    milestone: 'T+5m',
  }),
  step('restart', 'execute', 'recover', [12_050, 14_110, 3_000], {
    title: bi('Start the dead node', '启动宕机节点'),
    by: 'technical',
    answeredBy: name,
  }),
  step('wipe', 'execute', 'inject', [20_000, 20_320, null], { title: bi('Lose all data', '清除全部数据') }),
  step('restore', 'execute', 'restore', [22_000, 31_500, 12_000], {
    title: bi('Restore the newest backup in six steps', '按六步恢复最新备份'),
    by: 'technical',
  }),
  step('integrity-count', 'verify', 'check', [41_000, 41_200, 1_000]),
  step('integrity-hash', 'verify', 'check', [41_200, 41_500, 1_000]),
  step('integrity-functional', 'verify', 'check', [41_500, 42_100, 1_000]),
  step('notify-owners', 'verify', 'manual', [42_200, 42_201, null], {
    outcome: 'skipped',
    reason: bi(`left out by ${name}`, `${name} 未执行`),
  }),
  step('hot-wash', 'review', 'manual', [52_100, 57_000, 5_000], {
    title: bi('Hot wash', '现场复盘'),
    by: 'evaluator',
    answeredBy: 'eve',
  }),
];

const check = (
  place: CheckMeasurement['place'],
  probe: string,
  value: string,
  atMs: number,
  evidence: readonly number[],
): CheckMeasurement => ({
  place,
  step: place === 'step' ? probe : null,
  probe,
  tolerance: 'is true',
  value,
  outcome: 'pass',
  detail: bi('three nodes agree', '三个节点一致'),
  atMs,
  evidence,
});

const checks = (evidence: readonly number[]): readonly CheckMeasurement[] => [
  check('steady-before', 'registry.writable', 'true', 7_000, evidence),
  check('steady-before', 'discovery.complete', '100 %', 7_100, evidence),
  check('step', 'integrity.count', '96 of 96', 41_100, evidence),
  check('step', 'integrity.hash', 'equal', 41_400, evidence),
  check('steady-after', 'discovery.complete', '100 %', 51_000, evidence),
];
