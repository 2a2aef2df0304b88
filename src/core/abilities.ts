/** What a driver can do with a node beyond inspect, signal and start. Each is optional: ask `missingAbility` before use. */
import { type Clock, pollUntil } from './clock.js';
import type { NodeSpec } from './drill.js';
import type { NodeDriver, NodeState } from './target.js';
import { type Bilingual, bi } from './text.js';

export interface NodeAbilities {
  /** Polite end, then SIGKILL after `graceMs`; its manager leaves it stopped. false = it was gone already. */
  readonly stop?: (node: NodeSpec, graceMs: number) => Promise<boolean>;
  readonly restart?: (node: NodeSpec, graceMs: number) => Promise<NodeState>;
  /** SIGKILL past the node's manager, so that its restart policy acts. false = it was gone already. */
  readonly killInPlace?: (node: NodeSpec) => Promise<boolean>;
  /** Null = its manager, if it has one, does not say. */
  readonly restartPolicy?: (node: NodeSpec) => Promise<RestartPolicy | null>;
  readonly limits?: LimitsAbility;
  /** Runs a program of the node's own image beside the node. */
  readonly exec?: (node: NodeSpec, argv: readonly string[]) => Promise<CommandResult>;
  readonly network?: NetworkAbility;
  /**
   * Runs a program in the node's network namespace, with the right to change it: one of another image beside a container,
   * one of this machine beside a process. It is gone afterwards.
   */
  readonly runInNetworkOf?: (node: NodeSpec, command: HelperCommand) => Promise<HelperResult>;
  /** How many of these connections from inside the node's network came about in time; null = it could not be tried. */
  readonly connectionsFrom?: (node: NodeSpec, asked: ConnectionsAsked) => Promise<readonly number[] | null>;
  readonly namespace?: NamespaceAbility;
  /** The image that such a helper usually is: with iptables and busybox. */
  readonly helperImage?: () => string;
  /** Ends the helpers with this mark in the node's network, also those that a killed run left unstarted. */
  readonly endHelpers?: (node: NodeSpec, mark: string) => Promise<void>;
  /** Names of the helpers in the node's network, of whatever mark, that have not ended. */
  readonly helpersOf?: (node: NodeSpec) => Promise<readonly string[]>;
  /** Starts listening at once; what happens to the nodes is stamped with our clock when its news arrives. */
  readonly watch?: (nodes: readonly NodeSpec[], clock: Clock) => Promise<NodeWatch>;
  readonly files?: FilesAbility;
  /** Whether the process of that start is over, as its manager tells: sooner than `inspect` can say it. Ask `hasEnded`. */
  readonly ended?: (node: NodeSpec, start: NodeStart) => Promise<boolean>;
  /** Why an ability that the driver has in general cannot be used on this node, here; null = it can. */
  readonly lacks?: (node: NodeSpec, ability: AbilityName) => Promise<Bilingual | null>;
}

/**
 * What every driver does by `signal` and `start`, but where nodes are operated by commands not with every node. Each
 * means the act and what undoes it; `renew` = end, start, and see that it is another process.
 */
const ACTS = ['kill', 'end', 'start', 'freeze', 'renew'] as const;
export type NodeAct = (typeof ACTS)[number];
const isAct = (ability: AbilityName): ability is NodeAct => ACTS.some((act) => act === ability);

export type AbilityName = Exclude<keyof NodeAbilities, 'lacks'> | NodeAct;

/** Null = the driver can do it on this node; else the reason, for the plan. Changes nothing. */
export async function missingAbility(
  driver: NodeDriver,
  node: NodeSpec,
  ability: AbilityName,
): Promise<Bilingual | null> {
  if (!isAct(ability) && driver[ability] === undefined) {
    return bi(`driver ${driver.name} has no “${ability}”`, `驱动 ${driver.name} 不支持“${ability}”`);
  }
  return driver.lacks === undefined ? null : driver.lacks(node, ability);
}

/** One start of a node, as `inspect` told it. */
export interface NodeStart {
  readonly pid: number;
  readonly startTicks: number;
}

/** Whether the process of that start is over; another one may have taken its place since. */
export async function hasEnded(driver: NodeDriver, node: NodeSpec, start: NodeStart): Promise<boolean> {
  if (driver.ended !== undefined) return driver.ended(node, start);
  const state = await driver.inspect(node, start);
  return state.state === 'gone' || state.pid !== start.pid || state.startTicks !== start.startTicks;
}

/** Waits until no process of the node is left: true once it is gone. */
export async function endsWithin(
  driver: NodeDriver,
  node: NodeSpec,
  limits: { readonly start: NodeStart; readonly withinMs: number; readonly clock: Clock },
): Promise<boolean> {
  const { start, withinMs, clock } = limits;
  const { reached } = await pollUntil(
    () => driver.inspect(node, start),
    ({ state }) => state === 'gone',
    { clock, withinMs, everyMs: 10 },
  );
  return reached;
}

export interface RestartPolicy {
  /** As its manager calls it: `no`, `always`, `on-failure`, `unless-stopped`. */
  readonly name: string;
  /** Whether the manager starts it again after its process died past the manager (`killInPlace`, a crash). */
  readonly bringsBack: boolean;
}

/** Limits of one node; 0 = none. */
export interface ResourceLimits {
  readonly cpus: number;
  readonly memoryBytes: number;
}

export interface LimitsAbility {
  readonly read: (node: NodeSpec) => Promise<ResourceLimits>;
  /** Sets those that are named, without a restart. */
  readonly set: (node: NodeSpec, limits: Partial<ResourceLimits>) => Promise<void>;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface HelperCommand {
  /** Of the helper; of no meaning beside a process. */
  readonly image: string;
  readonly argv: readonly string[];
  readonly stdin?: string;
  /** After so long from its start it is not waited for any more; it must end by itself. */
  readonly withinMs?: number;
  /** By which `endHelpers` finds it. */
  readonly mark?: string;
  /** The namespace as `namespace.of` told it, also when the node has no process any more. */
  readonly network?: string | null;
  /** In a new network of its own, which goes with it: to try what the kernel can do, without a change to any node. */
  readonly apart?: true;
}

export interface ConnectionsAsked extends Pick<HelperCommand, 'image' | 'mark' | 'network'> {
  /** `times` = so many at the same time. One number is answered for each of these. */
  readonly targets: readonly { readonly address: string; readonly port: number; readonly times: number }[];
  /** For all of them; null = each has a second, until the kernel would send a lost first packet again. */
  readonly withinMs: number | null;
}

/**
 * A network namespace that outlives the node's process. Without it, a node that was started anew has a namespace of its
 * own, in which nothing of ours is.
 */
export interface NamespaceAbility {
  /** In which the node's process is; null = it has none. */
  readonly of: (node: NodeSpec) => Promise<string | null>;
  /** Gone for good, with all rules in it, once nothing holds it any more. */
  readonly exists: (network: string) => Promise<boolean>;
  /** Its addresses, but for those that only the node itself can use. */
  readonly addresses: (node: NodeSpec) => Promise<readonly Attachment[]>;
}

export interface HelperResult extends CommandResult {
  /** It did not end within `withinMs`: the output is what it had said by then, `exitCode` is -1. */
  readonly cutOff?: true;
}

/** One network that a node is on, with all that is needed to put it back there. */
export interface Attachment {
  readonly network: string;
  readonly networkId: string;
  /** The address it has there now; null while it is not running. */
  readonly address: string | null;
  /** The address is its own by configuration: it is asked for again on connect. */
  readonly fixedAddress: string | null;
  readonly aliases: readonly string[];
}

export interface NetworkAbility {
  readonly attached: (node: NodeSpec) => Promise<readonly Attachment[]>;
  /** false = it was not on that network. */
  readonly disconnect: (node: NodeSpec, attachment: Attachment) => Promise<boolean>;
  /** false = it was on that network already. A container without a fixed address may come back with another one. */
  readonly connect: (node: NodeSpec, attachment: Attachment) => Promise<boolean>;
}

export interface NodeNews {
  readonly node: string;
  /** The engine's word: `die`, `start`, `pause`, `unpause`, `kill`, `oom`, … */
  readonly action: string;
  /** On our monotonic clock, when the news arrived. */
  readonly receivedMs: number;
}

export interface NodeWatch {
  /** All that arrived so far, oldest first. */
  readonly news: () => readonly NodeNews[];
  /** The first such news of this node, also one that is there already; null when none came in time. */
  readonly next: (node: string, action: string, withinMs: number) => Promise<NodeNews | null>;
  readonly close: () => void;
}

export interface FilesAbility {
  /** A file of the node, also of one that is gone; null = there is none. */
  readonly read: (node: NodeSpec, path: string) => Promise<Buffer | null>;
  /** Replaces the file's content and keeps its owner and mode. */
  readonly write: (node: NodeSpec, path: string, content: Buffer) => Promise<void>;
}
