import type { ReportInput } from '../../core/format.js';
import { type Dates, datesIn } from '../text/format.js';
import { checksSection } from './checks.js';
import { environmentSection, workedSection } from './closing.js';
import { comparisonSection } from './comparison.js';
import { dataSection } from './data.js';
import { degradationSection } from './degradation.js';
import { issuesSection } from './issues.js';
import type { Facts, Section } from './model.js';
import { objectivesSection } from './objectives.js';
import { peopleSection } from './people.js';
import { recoverySection } from './recovery.js';
import { reviewSection } from './review.js';
import { rubricSection } from './rubric.js';
import { safetySection } from './safety.js';
import { stepsSection } from './steps.js';
import { timelineSection } from './timeline.js';
import { type VerdictView, verdictView } from './verdict.js';

export interface ReportDocument {
  readonly verdict: VerdictView;
  /** In the order of the page; the event log stands between the last two. */
  readonly sections: readonly Section[];
  readonly environment: Section;
  readonly dates: Dates;
}

/** A manager reads the beginning, an auditor the end (report.md). */
export function documentOf({ result, events }: ReportInput): ReportDocument {
  const dates = datesIn(result.timeZone);
  const facts: Facts = { result, events, dates };
  return {
    verdict: verdictView(facts),
    sections: [
      objectivesSection(facts),
      rubricSection(facts),
      recoverySection(facts),
      timelineSection(facts),
      safetySection(facts),
      issuesSection(facts),
      reviewSection(facts),
      stepsSection(facts),
      ...degradationSection(facts),
      dataSection(facts),
      checksSection(facts),
      ...peopleSection(facts),
      comparisonSection(facts),
      workedSection(facts),
    ],
    environment: environmentSection(facts),
    dates,
  };
}
