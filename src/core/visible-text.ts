import { cells } from './cells.js';

const CONTROL = /[\u0000-\u001f\u007f]/g;
// C1 controls, zero-width and bidirectional marks, line separators, byte order mark, lone surrogates: they hide or reorder text.
const HIDDEN = /[\u0080-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu;

/** Text of a user made safe to print: a control character becomes its picture (ESC → ␛), a hidden one its code point. */
export function visibleText(text: string): string {
  return text
    .replaceAll('\t', ' ')
    .replace(CONTROL, (char) => (char === '\u007f' ? '\u2421' : String.fromCharCode(0x2400 + char.charCodeAt(0))))
    .replace(HIDDEN, (char) => `<U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`);
}

/** A user's word inside a sentence of ours: visible, in quotes, cut after `maxCells`. */
export function quoted(value: unknown, maxCells = 60): string {
  const text = visibleText(typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)));
  return `“${cutToCells(text, maxCells)}”`;
}

function cutToCells(text: string, maxCells: number): string {
  if (text.length <= maxCells && cells(text) <= maxCells) return text;
  let cut = '';
  let width = 0;
  for (const char of text) {
    width += cells(char);
    if (width >= maxCells) break;
    cut += char;
  }
  return `${cut}…`;
}
