export { archiveStranger, runStranger, type Sorted, sortOut } from './about-target.js';
export type { Answer } from './answer.js';
export { evaluateReadiness, type Readiness } from './evaluate.js';
export type {
  ArchiveRecord,
  CommandReading,
  IssueRecord,
  PathReading,
  ReadBack,
  ReadinessEvidence,
  Reading,
  RestoreSample,
  RunRecord,
  TargetReading,
  TierReading,
  Verification,
} from './evidence.js';
export { restoreTime } from './forecast.js';
export { readinessMarkdown } from './markdown.js';
export { type Line, sectionsOf } from './sections.js';
