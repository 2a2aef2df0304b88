import { type Catalog, catalogOf } from '../core/catalog.js';
import type { Format, ReportInput } from '../core/format.js';
import { renderHtml } from './html/render.js';
import { renderIssuesJson, renderIssuesMarkdown, renderResult } from './issue-files.js';
import { renderJunit } from './junit.js';
import { renderMarkdown } from './markdown/render.js';

export { type BuildInput, buildResult } from './result/build.js';
export { runSummary, topologyOf } from './result/previous.js';

/** One line per format: the schema of the run folder. */
export const formats: Catalog<Format> = catalogOf([
  { name: 'result', fileName: 'result.json', render: renderResult },
  { name: 'markdown', fileName: 'report.md', render: renderMarkdown },
  { name: 'html', fileName: 'report.html', render: renderHtml },
  { name: 'issues-markdown', fileName: 'issues.md', render: renderIssuesMarkdown },
  { name: 'issues-json', fileName: 'issues.json', render: renderIssuesJson },
  { name: 'junit', fileName: 'junit.xml', render: renderJunit },
]);

/** Every file of the run folder that follows from the journal. */
export const renderAll = (input: ReportInput): readonly { readonly fileName: string; readonly text: string }[] =>
  formats.all.map(({ fileName, render }) => ({ fileName, text: render(input) }));
