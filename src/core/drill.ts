/** The drill, checked: what `validate` makes of a `*.drill.yaml` (drill-format.md). All durations in ms. */
import type { AccessFiles } from './access.js';
import type { Outcome } from './outcome.js';
import type { DegradationNumber } from './plan-decision.js';
import type { Text } from './text.js';

export const DRILL_KINDS = ['tabletop', 'partial', 'full-flow', 'fault-injection'] as const;
export type DrillKind = (typeof DRILL_KINDS)[number];
export const LEVELS = ['P0', 'P1', 'P2', 'P3'] as const;
export type Level = (typeof LEVELS)[number];
export const PHASES = ['prepare', 'kickoff', 'execute', 'verify', 'review'] as const;
export type PhaseName = (typeof PHASES)[number];
/** A window of `stableFor` with fewer attempts than this says nothing: one success alone is no share. */
export const LEAST_ATTEMPTS_WHEN_STABLE = 5;
export const JUDGED_OPERATIONS = ['register', 'renew', 'discover'] as const;
export type JudgedOperation = (typeof JUDGED_OPERATIONS)[number];

export interface Drill {
  readonly apiVersion: 'firedrill/v1';
  readonly id: string;
  readonly title: Text;
  readonly kind: DrillKind;
  readonly level: Level;
  /** Relative to the drill file; absent = the built-in plan. */
  readonly recoveryPlan?: string;
  readonly timeZone: string;
  readonly environment: { readonly name: string; readonly production: boolean };
  readonly why?: { readonly hypothesis?: Text; readonly risk?: string };
  readonly objectives: ObjectiveSpec;
  readonly roles: Roles;
  /** Absent only in a tabletop. */
  readonly target?: TargetSpec;
  readonly traffic?: TrafficSpec;
  readonly steadyState: readonly ProbeSpec[];
  readonly safety: SafetySpec;
  readonly phases: Readonly<Record<PhaseName, PhaseSpec>>;
  readonly scoring: { readonly rubric: 'default'; readonly pass: number };
}

/** Preset already applied; null = this objective is not set. */
export interface ObjectiveSpec {
  readonly preset?: string;
  readonly rtoMs: number | null;
  readonly rpoTimeMs: number | null;
  readonly rpoRecords: number | null;
  /** What the RTO is judged on; absent = the slower of register and discover. */
  readonly operation?: JudgedOperation;
  /** The fault step the RTO is judged on; absent = the worst of all faults. */
  readonly step?: string;
  readonly stableForMs: number;
  /** 0…1, default 0.99. */
  readonly requiredRate: number;
}

/** Role → the people who hold it. `unavailable` names people who are out of this drill. */
export interface Roles {
  readonly assigned: Readonly<Record<string, readonly string[]>>;
  readonly unavailable: readonly string[];
}

export const DRIVER_NAMES = ['process', 'docker', 'command'] as const;
export type DriverName = (typeof DRIVER_NAMES)[number];

/** What commands of the user's own can do with a node; only `status` must be there. */
export const NODE_COMMANDS = ['status', 'kill', 'killInPlace', 'stop', 'start', 'restart', 'freeze', 'thaw'] as const;
export type NodeCommand = (typeof NODE_COMMANDS)[number];

/** Each a program and its arguments, its placeholders filled in: never a shell of ours. */
export type NodeCommands = { readonly [command in Exclude<NodeCommand, 'status'>]?: readonly string[] } & {
  readonly status: readonly string[];
  /** No command is waited for longer. */
  readonly limitMs: number;
};

export const REGISTRY_NAMES = ['etcd', 'zookeeper'] as const;
export type RegistryName = (typeof REGISTRY_NAMES)[number];

/** Where ZooKeeper's users keep the instances of a service. */
export const LAYOUT_NAMES = ['firedrill', 'curator', 'spring-cloud', 'dubbo'] as const;
export type LayoutName = (typeof LAYOUT_NAMES)[number];

export interface TargetSpec {
  readonly registry: RegistryName;
  /** A practice cluster by name, or the user's own nodes. */
  readonly source:
    | { readonly from: 'lab'; readonly lab: string; readonly driver?: DriverName }
    | { readonly from: 'nodes'; readonly driver: DriverName; readonly nodes: readonly NodeSpec[] };
  /** Key prefix under which services are registered; default `/services/`. */
  readonly prefix: string;
  /** ZooKeeper only; default `firedrill`: the instance's JSON below `<prefix><service>/`. */
  readonly layout?: LayoutName;
  readonly access?: AccessFiles;
  /** Of the user's own nodes; a practice cluster of two sites has its own. */
  readonly standby?: StandbySpec;
}

/** A second cluster of the same kind at another site, and what copies the first one's entries to it. */
export interface StandbySpec {
  readonly driver: DriverName;
  readonly nodes: readonly NodeSpec[];
  /** Default: that of the target. */
  readonly prefix?: string;
  readonly replication?: NodeSpec;
}

export interface NodeSpec {
  readonly name: string;
  readonly url: string;
  /**
   * How to find the process: a pid file, or a text that only this process has among its arguments. Or the container:
   * its name; label and compose service become a name when the target is bound. Or by what its own commands say.
   */
  readonly find:
    | { readonly by: 'pid-file'; readonly path: string }
    | { readonly by: 'argument'; readonly text: string }
    | { readonly by: 'container'; readonly container: string }
    | { readonly by: 'container-label'; readonly label: string }
    | { readonly by: 'compose'; readonly project: string; readonly service: string }
    | { readonly by: 'command'; readonly commands: NodeCommands };
  /** How to start it again; empty for a container, which knows it itself, and for a node with commands. */
  readonly start: readonly string[];
  readonly cwd?: string;
  /** Its data: a folder (etcd; ZooKeeper: `version-2` below its dataDir) or a file (antietcd); needed by `restore`. */
  readonly data?: string;
  /** Peer URL as in --initial-advertise-peer-urls; needed to restore real etcd. */
  readonly peerUrl?: string;
  /** ZooKeeper's AdminServer; without it there are neither snapshots nor the name of the leader from a follower itself. */
  readonly adminUrl?: string;
  readonly site?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Toxiproxy in front of this node: `url` and `peerUrl` are its proxies, not the node itself. */
  readonly links?: NodeLinks;
}

/** Where the connections to a node can be slowed or cut without its knowledge. */
export interface NodeLinks {
  /** API of the Toxiproxy server. */
  readonly api: string;
  readonly client: NodeLink;
  /** One for all peers, or one for each way in which one of a pair may come to the other. */
  readonly peers: readonly PeerLink[];
}

export interface NodeLink {
  readonly proxy: string;
  /** `host:port` that others connect to. */
  readonly listen: string;
  /** `host:port` of the node itself. */
  readonly upstream: string;
}

export interface PeerLink extends NodeLink {
  /** On it the node goes to another, which is its `upstream`; absent = others come to the node. */
  readonly outward?: true;
}

export const CLIENT_MODES = ['failover', 'pinned', 'each-node'] as const;
export interface TrafficSpec {
  readonly services: number;
  /** Leased instances kept alive by their owners over all services. */
  readonly instances: number;
  /** Durable registrations, new or overwriting, per second; with every tenth comes one removal. */
  readonly writesPerSecond: number;
  /** The first so many services stand for core ones: what degradation level 4 keeps up. Absent = 1. */
  readonly coreServices?: number;
  /** Discoveries per second. */
  readonly readsPerSecond: number;
  readonly requestLimitMs: number;
  /** Lease of a canary instance; owners renew every third of it. */
  readonly leaseMs: number;
  readonly client: (typeof CLIENT_MODES)[number];
  readonly maxEntries: number;
  /** Time between the end of the writers and the reading of all nodes. */
  readonly settleMs: number;
}

export interface SafetySpec {
  readonly maxDurationMs: number;
  /** Most nodes with a fault at one time. */
  readonly maxTargets: number;
  readonly allowQuorumLoss: boolean;
}

export type Scalar = string | number | boolean;

/** One probe, its settings, and what its value must be. */
export interface ProbeSpec {
  readonly probe: string;
  readonly params: Readonly<Record<string, Scalar>>;
  /** Polls until the tolerance holds or this is over; 0 = one look. */
  readonly withinMs: number;
  readonly tolerance: Tolerance;
}

/** Numbers compare; percentages are written `95%` and are 0…100 here. `is: true` is the default. */
export type Tolerance =
  | { readonly op: 'is'; readonly value: Scalar }
  | { readonly op: 'atLeast' | 'atMost'; readonly value: number; readonly unit: 'number' | 'percent' | 'ms' };

export interface PhaseSpec {
  /** Must hold before the next phase begins. */
  readonly gate: readonly ProbeSpec[];
  readonly steps: readonly Step[];
}

/** Which nodes a step is about. Exactly one way of choosing, then `count` of them. */
export interface Selector {
  readonly by:
    | { readonly kind: 'name'; readonly names: readonly string[] }
    | { readonly kind: 'role'; readonly role: 'leader' | 'follower' | 'any' }
    | { readonly kind: 'site'; readonly site: string }
    | { readonly kind: 'label'; readonly label: string; readonly value: string }
    | { readonly kind: 'step'; readonly step: string }
    | { readonly kind: 'random'; readonly seed: number };
  /** Default: all that match by name, site, label, step; 1 for a role or random. */
  readonly count?: number;
}

export interface StepCommon {
  readonly id: string;
  readonly title?: Text;
  /** Role that has to do it. */
  readonly by?: string;
  /** Deadline. */
  readonly withinMs?: number;
  /** Planned time; longer is a finding. */
  readonly expectMs?: number;
  /** Milestone id of the recovery plan, e.g. `T+5m`. */
  readonly milestone?: string;
  readonly when?: Condition;
  readonly continueOnFailure: boolean;
  /** Priority of the issue if the step fails. */
  readonly severity?: Level;
}

/** A step runs only when an earlier step ended so, or an earlier `decide` came to one of these outcomes. */
export type Condition =
  | { readonly step: string; readonly is: Outcome }
  | { readonly decision: string; readonly is: readonly string[] };

export type StepAction =
  | {
      readonly verb: 'inject';
      readonly fault: string;
      readonly on: Selector | null;
      readonly params: Readonly<Record<string, Scalar>>;
      readonly forMs?: number;
    }
  | { readonly verb: 'heal'; readonly step: string }
  | { readonly verb: 'recover'; readonly action: NodeRecovery; readonly on: Selector }
  | {
      readonly verb: 'recover';
      readonly action: ClusterRecovery;
      readonly on: null;
      /** The plan's own program for it, beside what Firedrill does itself. */
      readonly command?: readonly string[];
      /** switch-site: the program that takes `command` back, at the end of the run or by `recover`. */
      readonly back?: readonly string[];
    }
  | {
      readonly verb: 'backup';
      readonly mode: 'full' | 'incremental';
      readonly to: string;
      /** Also where the newest backup of the folder holds something. */
      readonly emptyIsRight?: true;
      /** A file of age recipients. Absent = as the tier says; without a tier plain. */
      readonly encryptTo?: string;
      /** Of the recovery plan: the archive, and what it stands on, are copied there. */
      readonly tier?: string;
    }
  | {
      readonly verb: 'restore';
      readonly archive: string;
      readonly keys?: OpeningKeys;
      /** In this order, when what comes before is damaged, missing or cannot be opened. */
      readonly fallback?: readonly RestoreFallback[];
      /** The newest that was made by then (wall clock, ms since the epoch). */
      readonly atMs?: number;
      /** Absent = everything. */
      readonly services?: readonly string[];
      /** Said for archives that this run did not make. */
      readonly into?: readonly ('non-empty' | 'other-cluster')[];
      /** Absent = the writers pause. */
      readonly traffic?: 'go-on';
      readonly expect: Readonly<Partial<Record<RestoreSubstep, number>>>;
    }
  /** `archive`: what the question for a usable backup looks at; as in `restore`. */
  | { readonly verb: 'decide'; readonly tree: string; readonly archive: string }
  /** Null = off. */
  | { readonly verb: 'degrade'; readonly level: DegradationNumber | null }
  | ({ readonly verb: 'check' } & ProbeSpec)
  | { readonly verb: 'manual'; readonly text: Text; readonly evidence?: Text }
  | { readonly verb: 'document'; readonly documents: readonly DocumentSpec[] }
  | { readonly verb: 'situation'; readonly situation: SituationSpec }
  | { readonly verb: 'problem'; readonly problem: ProblemSpec }
  | { readonly verb: 'parallel'; readonly steps: readonly Step[] }
  | { readonly verb: 'run'; readonly argv: readonly string[] }
  | { readonly verb: 'wait'; readonly waitMs: number };

/** Files that open an encrypted archive; paths as in the drill. Absent = those that `run` was given. */
export interface OpeningKeys {
  readonly identity?: string;
  readonly passphraseFile?: string;
}

/** Where a restore goes on when it cannot go on where it was. */
export type RestoreFallback =
  | { readonly way: 'archives'; readonly in: string; readonly keys?: OpeningKeys }
  /** Of the recovery plan. */
  | { readonly way: 'tier'; readonly tier: string; readonly keys?: OpeningKeys }
  /** No archive is left: the owners register again. */
  | { readonly way: 're-register'; readonly command?: readonly string[] };

/**
 * Folders of the run that a drill can name: where its archives are, and one that only its user can read and that is gone
 * when the run is over.
 */
export const RUN_FOLDERS = ['archives', 'private'] as const;
export type RunFolder = (typeof RUN_FOLDERS)[number];

export type Verb = StepAction['verb'];
export type Step = StepCommon & StepAction;

/** What is done with nodes that the step chooses. */
export const NODE_RECOVERIES = ['node.start', 'node.restart', 'node.resume', 'node.force-new-cluster'] as const;
export type NodeRecovery = (typeof NODE_RECOVERIES)[number];
/** What is done with the registry as a whole: its owners register again; its clients go to the standby site. */
export const CLUSTER_RECOVERIES = ['re-register', 'switch-site'] as const;
export type ClusterRecovery = (typeof CLUSTER_RECOVERIES)[number];
export type RecoverAction = NodeRecovery | ClusterRecovery;
/** The action whose faults this one lifts: a node that goes on alone was started, too. */
export const liftsLike = (action: RecoverAction): RecoverAction =>
  action === 'node.force-new-cluster' ? 'node.start' : action;

/** The six steps of seed §5.2, with our check of the archive before the stop (plan-data.md, Restore). */
export const RESTORE_SUBSTEPS = [
  'check-archive',
  'stop',
  'clear',
  'restore',
  'verify',
  'start',
  'registrations',
] as const;
export type RestoreSubstep = (typeof RESTORE_SUBSTEPS)[number];
/** The five steps of seed §2.1. */
export const BACKUP_SUBSTEPS = ['lock', 'export', 'compress', 'upload', 'unlock'] as const;
export type BackupSubstep = (typeof BACKUP_SUBSTEPS)[number];

/** Document review at the start of a tabletop: what is looked at, and what must be true of it. */
export interface DocumentSpec {
  readonly title: Text;
  /** A path relative to the drill file; checked to exist when given. */
  readonly path?: string;
  readonly question: Text;
}

/** A tabletop situation: what the players are told, and what a good answer holds. */
export interface SituationSpec {
  readonly tell: Text;
  readonly at?: string;
  readonly channel?: Text;
  readonly expected: Text;
  /** Points the evaluator gives: 1 weak, 3 fair, 5 good (GB/T 38645 form A.4). */
  readonly rate: boolean;
  /** Counts into the estimated recovery time when the players give an estimate. */
  readonly estimate: boolean;
}

export interface ProblemSpec {
  readonly id: string;
  readonly title: Text;
  readonly priority: Level;
  readonly state: 'open' | 'solved';
  readonly solution?: Text;
  /** A fallback or degradation was at hand: did it work? */
  readonly fallback?: 'worked' | 'failed';
  /** Who decided, and why. */
  readonly decision?: { readonly by: string; readonly reason: Text };
}

/** Every step of a drill in the order written, groups before their members. `conditional` = a `when` may leave it out. */
export function flatSteps(
  drill: Drill,
): readonly { readonly phase: PhaseName; readonly step: Step; readonly conditional: boolean }[] {
  const flatten = (phase: PhaseName, steps: readonly Step[], inherited: boolean): ReturnType<typeof flatSteps> =>
    steps.flatMap((step) => {
      const conditional = inherited || step.when !== undefined;
      const members = step.verb === 'parallel' ? flatten(phase, step.steps, conditional) : [];
      return [{ phase, step, conditional }, ...members];
    });
  return PHASES.flatMap((phase) => flatten(phase, drill.phases[phase].steps, false));
}
