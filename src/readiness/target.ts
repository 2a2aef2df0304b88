/** The registry that was asked about, and what was found beside it that is about others. */
import type { LeftOut, ReadinessEvidence, TargetReading } from './evidence.js';

export interface TargetFinding extends Omit<TargetReading, 'runsLeftOut'> {
  readonly leftOut: readonly Elsewhere[];
}

export interface Elsewhere extends LeftOut {
  readonly what: 'archives' | 'runs';
  readonly where: string;
}

export function targetOf({ target, tiers, runs }: ReadinessEvidence): TargetFinding | null {
  if (target === null) return null;
  const { runsLeftOut, ...present } = target;
  const archives = tiers.flatMap((tier) =>
    tier.leftOut.map((left): Elsewhere => ({ ...left, what: 'archives', where: tier.archives.where })),
  );
  const others = runsLeftOut.map((left): Elsewhere => ({ ...left, what: 'runs', where: runs.where }));
  return { ...present, leftOut: [...archives, ...others] };
}
