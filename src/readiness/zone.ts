import type { ReadinessEvidence } from './evidence.js';

/** The plan's own zone: of its backups, else of its working hours; UTC when it names none. */
export const zoneOf = ({ plan }: Pick<ReadinessEvidence, 'plan'>): string =>
  plan.calendar?.timeZone ?? plan.workingHours?.timeZone ?? 'UTC';
