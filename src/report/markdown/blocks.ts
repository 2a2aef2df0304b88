import { bi, type Lang } from '../../core/text.js';
import { rangesOf, rangeText } from '../document/evidence.js';
import type { Block, Cell, Section } from '../document/model.js';
import { mdHtml, mdLine, mdText } from './escape.js';

/** A section in one language. Charts are left to the page: each has a table beside it with the same facts. */
export const mdSection = ({ title, blocks }: Section, lang: Lang): string =>
  [`## ${mdText(title[lang])}`, ...blocks.map((block) => mdBlock(block, lang))]
    .filter((part) => part !== '')
    .join('\n\n');

function mdBlock(block: Block, lang: Lang): string {
  switch (block.kind) {
    case 'text':
      return block.strong === true ? `**${mdText(block.text[lang])}**` : mdLine(mdText(block.text[lang]));
    case 'facts':
      return block.rows.map((row) => `- ${mdText(row.label[lang])}: ${mdCell(row.cell, lang)}`).join('\n');
    case 'table':
      return mdTable(block, lang);
    case 'chart':
      return block.image === null ? `*${mdText(block.empty[lang])}*` : '';
    case 'list':
      return block.items.length === 0
        ? `*${mdText(block.empty[lang])}*`
        : block.items.map((item) => `- ${mdLine(mdCell(item, lang))}`).join('\n');
    case 'fold': {
      const inner = block.blocks.map((child) => mdBlock(child, lang)).join('\n\n');
      return `<details><summary>${mdHtml(block.summary[lang])}</summary>\n\n${inner}\n\n</details>`;
    }
  }
}

function mdTable(table: Extract<Block, { kind: 'table' }>, lang: Lang): string {
  const caption = `**${mdText(table.caption[lang])}**`;
  if (table.rows.length === 0) return `${caption}\n\n*${mdText(table.empty[lang])}*`;
  const head = table.columns.map((column) => mdText(column.title[lang]));
  const rule = table.columns.map((column) => (column.number === true ? '--:' : ':--'));
  const rows = table.rows.map((row) => row.map((cell) => mdCell(cell, lang)));
  return [caption, '', ...[head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
}

export function mdCell(cell: Cell, lang: Lang): string {
  const parts = [
    ...(cell.mark === undefined ? [] : [`${cell.mark.icon} ${mdText(cell.mark.text[lang])}`]),
    ...(cell.text === undefined ? [] : [mdText(cell.text[lang])]),
    ...(cell.note === undefined || cell.note[lang] === '' ? [] : [`<sub>${mdText(cell.note[lang])}</sub>`]),
    ...(cell.evidence === undefined ? [] : [mdEvidence(cell.evidence, lang)]),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

const NO_EVIDENCE = bi('none', '无');

function mdEvidence(evidence: readonly number[], lang: Lang): string {
  const { shown, more } = rangesOf(evidence);
  if (shown.length === 0) return NO_EVIDENCE[lang];
  const rest = more === 0 ? '' : ` +${more}`;
  return `${shown.map(rangeText).join(', ')}${rest}`;
}
