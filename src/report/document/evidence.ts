import type { Evidence } from '../../core/measurement.js';

/** A run of neighbouring event numbers. */
export interface EvidenceRange {
  readonly from: number;
  readonly to: number;
}

const MOST_SHOWN = 8;

/** Event numbers sorted and joined into ranges; the first few are shown, all of them are in result.json. */
export function rangesOf(evidence: Evidence): { readonly shown: readonly EvidenceRange[]; readonly more: number } {
  const ranges: { from: number; to: number }[] = [];
  for (const seq of [...new Set(evidence)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && seq === last.to + 1) last.to = seq;
    else ranges.push({ from: seq, to: seq });
  }
  return { shown: ranges.slice(0, MOST_SHOWN), more: Math.max(0, ranges.length - MOST_SHOWN) };
}

export const rangeText = ({ from, to }: EvidenceRange): string => (from === to ? `e${from}` : `e${from}–e${to}`);

/** Every event number that the page prints as evidence, wherever it stands in the result. */
export const printedEvidence = (result: unknown): ReadonlySet<number> =>
  new Set(evidenceIn(result).flatMap((evidence) => rangesOf(evidence).shown.map((range) => range.from)));

function evidenceIn(value: unknown): readonly Evidence[] {
  if (Array.isArray(value)) return value.flatMap(evidenceIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'evidence' && isEvidence(item) ? [item] : evidenceIn(item),
  );
}

const isEvidence = (value: unknown): value is Evidence =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');
