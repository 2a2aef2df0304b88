import type { ReportInput } from '../core/format.js';
import { bi, LANGS } from '../core/text.js';
import { issuesTable } from './document/issues.js';
import { mdSection } from './markdown/blocks.js';
import { mdText } from './markdown/escape.js';
import { datesIn } from './text/format.js';

/** The issue list alone, for a ticket or a chat: both languages. */
export function renderIssuesMarkdown({ result }: ReportInput): string {
  const table = issuesTable({ result, dates: datesIn(result.timeZone) });
  const parts = LANGS.map((lang) =>
    mdSection(
      { id: 'issues', title: bi(`Issues of ${result.runId}`, `${result.runId} 的问题`), blocks: [table] },
      lang,
    ),
  );
  return [`# ${mdText(result.drill.title.en)}`, ...parts].join('\n\n').concat('\n');
}

/** For programs: the issues as they stand in result.json, with the run they come from. */
export const renderIssuesJson = ({ result }: ReportInput): string =>
  json({
    schemaVersion: 1,
    runId: result.runId,
    drill: result.drill.id,
    timeZone: result.timeZone,
    issues: result.issues,
  });

export const renderResult = ({ result }: ReportInput): string => json(result);

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
