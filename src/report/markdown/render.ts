import type { ReportInput } from '../../core/format.js';
import { type Bilingual, bi, type Lang } from '../../core/text.js';
import { documentOf, type ReportDocument } from '../document/document.js';
import { type EventLog, eventLog } from '../document/event-log.js';
import { mdCell, mdSection } from './blocks.js';
import { mdLine, mdText } from './escape.js';

/** The same document as the page, English first, then Chinese. */
export function renderMarkdown(input: ReportInput): string {
  const document = documentOf(input);
  const log = eventLog(input, document.dates);
  return [
    '[English](#firedrill-report) · [中文](#firedrill-演练报告)',
    ...oneLanguage(input, { document, log, lang: 'en' }),
    '---',
    ...oneLanguage(input, { document, log, lang: 'zh' }),
  ]
    .join('\n\n')
    .concat('\n');
}

const HEADING = bi('Firedrill report', 'Firedrill 演练报告');
const QUESTIONS = bi('The three questions', '三个问题');
const LOG = bi('Event log', '事件日志');

function oneLanguage(
  { result }: ReportInput,
  { document, log, lang }: { readonly document: ReportDocument; readonly log: EventLog; readonly lang: Lang },
): readonly string[] {
  const { verdict } = document;
  const say = (text: Bilingual): string => mdText(text[lang]);
  return [
    `# ${HEADING[lang]}`,
    `**${say(result.drill.title)}**`,
    `**${verdict.word.icon} ${say(verdict.word.text)}**`,
    mdLine(say(verdict.headline)),
    [say(verdict.validity), ...verdict.because.map((reason) => mdCell(reason, lang))]
      .map((line) => `- ${mdLine(line)}`)
      .join('\n'),
    verdict.facts.map((fact) => `- ${say(fact.label)}: ${mdCell(fact.cell, lang)}`).join('\n'),
    ...(verdict.questions.length === 0
      ? []
      : [
          `## ${QUESTIONS[lang]}`,
          verdict.questions
            .map((row) => `- ${say(row.question)} ${row.mark.icon} ${say(row.mark.text)}. ${mdCell(row.outcome, lang)}`)
            .join('\n'),
        ]),
    ...document.sections.map((section) => mdSection(section, lang)),
    eventTable(log, lang),
    mdSection(document.environment, lang),
  ];
}

const COLUMNS = [
  bi('Event', '事件'),
  bi('Time', '时间'),
  bi('Run ms', '运行毫秒'),
  bi('Kind', '类型'),
  bi('What', '内容'),
] as const;

function eventTable(log: EventLog, lang: Lang): string {
  const head = `| ${COLUMNS.map((title) => title[lang]).join(' | ')} |\n| --: | :-- | --: | :-- | :-- |`;
  const rows = log.rows.map(
    (row) => `| e${row.seq} | ${row.time} | ${row.ms} | ${row.type} | ${mdText(row.text[lang])} |`,
  );
  return [
    `## ${LOG[lang]}`,
    mdText(log.note[lang]),
    `<details><summary>${LOG[lang]}</summary>\n\n${[head, ...rows].join('\n')}\n\n</details>`,
  ].join('\n\n');
}
