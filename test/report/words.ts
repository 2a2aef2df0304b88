/** The drill, plan, rubric and recovery plan that the fixture run opened with. */
import type { Drill } from '../../src/core/drill.js';
import type { Plan, PlannedStep } from '../../src/core/plan.js';
import type { RecoveryPlan } from '../../src/core/recovery-plan.js';
import type { Rubric } from '../../src/core/rubric.js';
import { bi } from '../../src/core/text.js';

const NODES = ['n1', 'n2', 'n3'] as const;

export const drill: Drill = {
  apiVersion: 'firedrill/v1',
  id: 'etcd-leader-loss',
  title: bi('Loss of the leader and of all data', '主节点丢失与数据全失'),
  kind: 'full-flow',
  level: 'P0',
  timeZone: 'Asia/Shanghai',
  environment: { name: 'lab', production: false },
  why: {
    hypothesis: bi(
      'Clients fail over within two seconds, and the newest backup brings everything back.',
      '客户端两秒内完成切换，最新备份能带回全部数据。',
    ),
    risk: 'R-12',
  },
  objectives: {
    preset: 'registry-production',
    rtoMs: 15_000,
    rpoTimeMs: 300_000,
    rpoRecords: 5,
    stableForMs: 2_000,
    requiredRate: 0.99,
  },
  roles: { assigned: { commander: ['alice'], technical: ['bob', 'chen'], evaluator: ['eve'] }, unavailable: ['chen'] },
  target: { registry: 'etcd', source: { from: 'lab', lab: 'antietcd-3' }, prefix: '/services/' },
  steadyState: [],
  safety: { maxDurationMs: 300_000, maxTargets: 1, allowQuorumLoss: false },
  phases: {
    prepare: { gate: [], steps: [] },
    kickoff: { gate: [], steps: [] },
    execute: { gate: [], steps: [] },
    verify: { gate: [], steps: [] },
    review: { gate: [], steps: [] },
  },
  scoring: { rubric: 'default', pass: 80 },
};

const planned = (id: string, phase: PlannedStep['phase'], verb: PlannedStep['verb']): PlannedStep => ({
  id,
  phase,
  verb,
  summary: bi(`Step ${id}`, `步骤 ${id}`),
  nodes: verb === 'inject' ? ['n2'] : [],
  undo: verb === 'inject' ? bi('start the node again', '重新启动节点') : null,
  irreversible: null,
  votersLeft: verb === 'inject' ? 2 : null,
  estimateMs: 1_000,
});

export const plan: Plan = {
  schemaVersion: 1,
  drillSha256: 'd'.repeat(64),
  target: {
    binding: {
      registry: 'etcd',
      product: 'antietcd',
      version: '1.3.1',
      lab: 'antietcd-3',
      driver: 'process',
      prefix: '/services/',
      clusterId: null,
      nodes: [],
    },
    members: NODES.map((node, index) => ({
      node,
      url: `http://127.0.0.1:${28000 + index}`,
      pid: 4_100 + index,
      startTicks: 1_000 + index,
      leader: node === 'n2',
      voter: true,
    })),
    voters: 3,
    quorum: 2,
  },
  steps: [
    planned('backup-full', 'prepare', 'backup'),
    planned('kill-leader', 'execute', 'inject'),
    planned('restart', 'execute', 'recover'),
    planned('wipe', 'execute', 'inject'),
    planned('restore', 'execute', 'restore'),
  ],
  warnings: [],
  estimateMs: 50_000,
};

const level = (title: string, minutes: number) => ({
  title,
  scope: title,
  responseMs: minutes * 60_000,
  response: `${minutes} min`,
  recoveryTargetMs: minutes * 120_000,
  owner: 'CTO',
  deadline: { kind: 'span', ms: 86_400_000 } as const,
  example: title,
});

export const recoveryPlan: RecoveryPlan = {
  apiVersion: 'firedrill/v1',
  version: '1',
  title: 'Plan',
  levels: { P0: level('fatal', 15), P1: level('serious', 30), P2: level('normal', 120), P3: level('minor', 480) },
  roles: {},
  contacts: [],
  milestones: [],
  presets: {},
};

export const rubric: Rubric = { id: 'default', version: 1, passMark: 80, minAssessable: 60, dimensions: [] };
