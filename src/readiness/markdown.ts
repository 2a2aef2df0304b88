import { bi, type Lang, textIn } from '../core/text.js';
import type { Answer } from './answer.js';
import type { Readiness } from './evaluate.js';
import { type Line, sectionsOf } from './sections.js';

const BOXES: Readonly<Record<Answer, string>> = { yes: '✓', no: '✗', unknown: '?' };

/** A page to read, to print and to keep beside the plan. */
export function readinessMarkdown(readiness: Readiness, lang: Lang): string {
  const say = (text: Readiness['plan']['title']): string => asText(textIn(text, lang));
  const { plan, at, ready } = readiness;
  const verdict = ready
    ? bi('No required question is answered with no.', '必答问题中没有回答为“否”的。')
    : bi('A required question is answered with no.', '有必答问题回答为“否”。');
  const head = [
    `# ${say(bi('Readiness', '就绪检查'))}: ${say(plan.title)}`,
    `${say(bi('Plan', '预案'))}: ${asText(plan.file ?? 'built-in')} (${asText(plan.version)}) · ${at}`,
    `**${say(verdict)}**`,
  ];
  const sections = sectionsOf(readiness).map(({ title, lines }) =>
    [`## ${say(title)}`, lines.map((line) => lineText(line, say)).join('\n')].join('\n\n'),
  );
  return `${[...head, ...sections].join('\n\n')}\n`;
}

function lineText({ answer, text, details }: Line, say: (text: Line['text']) => string): string {
  const box = answer === null ? '' : `${BOXES[answer]} `;
  return [`- ${box}${say(text)}`, ...details.map((detail) => `  - ${say(detail)}`)].join('\n');
}

/** What others wrote (names, paths, output) stays text. */
const asText = (text: string): string => text.replace(/[\\`*_<>[\]|#]/g, (sign) => `\\${sign}`).replace(/\s+/g, ' ');
