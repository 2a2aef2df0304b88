/** One part of what a drill can leave changed around a target, as a list of words: a state, a rule, the name of a network. */
import { isRecord, type Json, type UndoData } from '../core/fault.js';

export const KINDS = ['node', 'networks', 'helpers', 'rules', 'qdiscs', 'host-rules', 'proxies'] as const;
export type Kind = (typeof KINDS)[number];

export interface Area {
  readonly kind: Kind;
  /** Name of a node, or address of a Toxiproxy; empty = this machine. */
  readonly of: string;
  /** Null = it could not be looked at. */
  readonly things: readonly string[] | null;
}

export const asUndoData = (areas: readonly Area[]): UndoData => ({ areas: areas.map((area) => ({ ...area })) });

/** Null = it is no such record. */
export function areasIn({ areas }: UndoData): readonly Area[] | null {
  if (!Array.isArray(areas)) return null;
  const read = areas.map(areaIn);
  return read.every((area) => area !== null) ? read : null;
}

function areaIn(json: Json): Area | null {
  if (!isRecord(json)) return null;
  const { kind, of, things } = json;
  const known = KINDS.find((each) => each === kind);
  if (known === undefined || typeof of !== 'string') return null;
  if (things === null) return { kind: known, of, things };
  return Array.isArray(things) ? { kind: known, of, things: things.map(String) } : null;
}
