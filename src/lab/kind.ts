import type { NodeSpec, RegistryName } from '../core/drill.js';
import type { Registry } from '../core/registry.js';
import type { TargetBinding } from '../core/target.js';
import type { Bilingual } from '../core/text.js';
import type { DemoEntry } from './demo-data.js';
import type { LabHelper } from './helper.js';
import type { NetworkPlan } from './namespaces.js';

/** What tells one practice cluster from another; everything else about a lab is the same. */
export interface LabKind {
  readonly name: string;
  readonly title: Bilingual;
  /** Default: etcd. */
  readonly registry?: RegistryName;
  readonly product: string;
  /** As processes: what is missing on this machine, and how to get it. */
  readonly missing: () => Promise<Bilingual | null>;
  /** A node's data below `dir` (absolute): the argument by which its process is known. */
  readonly dataPath: (dir: string, node: string) => string;
  /** How long the leader must stay before the lab counts as up. */
  readonly settleMs: number;
  readonly nodes: (dir: string) => Promise<readonly NodeSpec[]>;
  /** Writes what its processes read when they start, into their folders below `dir`. */
  readonly configure?: (dir: string) => Promise<void>;
  /** To all nodes of the lab; they need not answer yet. */
  readonly client: (nodes: readonly NodeSpec[]) => Promise<LabClient>;
  /** The same cluster in containers; absent = only as processes. */
  readonly containers?: LabContainers;
  /** Each node has a disk of its own of this size, mounted at `<dir>/<node>`; its data is in there. */
  readonly diskMiB?: number;
  /** What runs beside its processes. */
  readonly helper?: LabHelper;
  /** Names of its nodes; default n1, n2, n3. */
  readonly nodeNames?: readonly string[];
  /** Its nodes of one site are a standby cluster. */
  readonly standby?: LabStandby;
  /** Each of its processes is in a network namespace of its own. */
  readonly network?: NetworkPlan;
}

export interface LabStandby {
  readonly site: string;
  /** The process that keeps the standby like the other site; known by its program, a link below `dir`. */
  readonly replication: (dir: string) => NodeSpec;
  /** What that link leads to. */
  readonly program: () => Promise<string | null>;
}

/** How a lab asks its own nodes while it comes up. Every call throws with the reason when a node does not do it. */
export interface LabClient {
  /** Writes a mark through this node and reads whom it follows: the same words from every node that agrees. */
  readonly writeAndSeeLeader: (node: NodeSpec) => Promise<string>;
  readonly seed: (node: NodeSpec, entries: readonly DemoEntry[]) => Promise<void>;
  /** Takes away what `writeAndSeeLeader` left. */
  readonly removeMarks: (node: NodeSpec) => Promise<void>;
  /** Frees connections. */
  readonly close: () => void;
}

/** The adapter of a registry, for labs that are asked through it. */
export type ConnectLab = (
  binding: Pick<TargetBinding, 'registry' | 'product' | 'prefix' | 'nodes'>,
) => Promise<Registry>;

/** A lab whose nodes are containers on a network of their own, with fixed addresses. */
export interface LabContainers {
  /** With its version; an environment variable of the kind may name another. */
  readonly image: string;
  /** The variable by which another image can be named, for the message when the image is missing. */
  readonly imageVariable: string;
  /** Name of its network; the engine has each only once. */
  readonly network: string;
  /** Of its own, e.g. `172.29.71.0/24`: the addresses of the nodes lie in it. */
  readonly subnet: string;
  readonly nodes: (dir: string) => readonly ContainerNode[];
  /** Writes what its nodes read when they start, into their folders below `dir`. */
  readonly configure?: (dir: string) => Promise<void>;
}

export interface ContainerNode {
  /** Found by `{ by: 'container', container: NAME }`; `data` is the host's folder. */
  readonly node: NodeSpec;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly address: string;
  /** Port inside → port on 127.0.0.1 of the host. */
  readonly ports: Readonly<Record<number, number>>;
  /** Folder of the host, made before the start → path inside. */
  readonly mounts: Readonly<Record<string, string>>;
}

export const NODE_NAMES = ['n1', 'n2', 'n3'] as const;
export const local = (port: number): string => `http://127.0.0.1:${port}`;
