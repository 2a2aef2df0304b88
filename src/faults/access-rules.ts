/** The rules that a fault takes away, in its record and in the registry. */
import { WorldError } from '../core/errors.js';
import { isRecord, type UndoData, type World } from '../core/fault.js';
import { askInTurn, askPatiently } from '../core/members.js';
import type { Answer, CallOptions } from '../core/registry.js';
import type { AccessAbility, AccessRule } from '../core/registry-abilities.js';
import type { Cluster } from '../core/target.js';
import { type Bilingual, bi } from '../core/text.js';
import { unreadable } from './node-record.js';

/** Listing the rules of a large tree takes its time. */
const CALL_LIMIT_MS = 10_000;

type Ask<T> = (access: AccessAbility, node: string, options: CallOptions) => Promise<Answer<T>>;

/** Through one node after the other. */
export const askAccess = <T>({ cluster, clock, signal }: World, ask: Ask<T>): Promise<Answer<T>> =>
  askInTurn(cluster.registry, (client, options) => ask(accessOf(cluster), client.node, options), {
    clock,
    limitMs: CALL_LIMIT_MS * cluster.registry.nodes.length,
    ...(signal && { signal }),
  });

/** For undoing, which an election must not stop. */
export const askAccessPatiently = <T>({ cluster, clock, signal }: World, ask: Ask<T>): Promise<Answer<T>> =>
  askPatiently(cluster.registry, (client, options) => ask(accessOf(cluster), client.node, options), {
    clock,
    limitMs: CALL_LIMIT_MS,
    ...(signal && { signal }),
  });

export function accessOf({ registry }: Cluster): AccessAbility {
  if (registry.access !== undefined) return registry.access;
  throw new WorldError({ code: 'ability-missing', message: hasNone(registry.product) });
}

export const hasNone = (product: string): Bilingual =>
  bi(`${product} has no access rules that could be lost`, `${product} 没有可丢失的访问规则`);

export interface Recorded {
  readonly rules: readonly AccessRule[];
  /** Services that clients look up: what they are refused is the proof. */
  readonly services: readonly string[];
}

export function recordedIn({ rules, services }: UndoData): Recorded {
  if (!Array.isArray(rules) || !Array.isArray(services)) throw unreadable('rules, services');
  const read = rules.map((rule) => {
    const { subject, resource, rights } = isRecord(rule) ? rule : {};
    const texts = typeof subject === 'string' && typeof resource === 'string' && typeof rights === 'string';
    if (!texts) throw unreadable('rules');
    return { subject, resource, rights };
  });
  return { rules: read, services: services.map(String) };
}

/** Those of the recorded rules that are not in force; what a rule was about may be gone since, and the rule with it. */
export function lacking(
  recorded: readonly AccessRule[],
  now: readonly AccessRule[],
  { rulesEndWithEntries }: AccessAbility,
): readonly AccessRule[] {
  const inForce = new Set(now.map(textOf));
  const resources = new Set(now.map(({ resource }) => resource));
  return recorded.filter(
    (rule) => !inForce.has(textOf(rule)) && (rulesEndWithEntries !== true || resources.has(rule.resource)),
  );
}

const textOf = ({ subject, resource, rights }: AccessRule): string => JSON.stringify([subject, resource, rights]);
