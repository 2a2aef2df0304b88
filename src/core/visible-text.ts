import stringWidth from 'string-width';

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

const PLAIN = /^[ -~]*$/;
const HAN = /[\u3001-\u3003\u3008-\u3011\u4e00-\u9fff\uff01-\uff60]/g;
const PLAIN_OR_HAN = new RegExp(`^(?:[ -~]|${HAN.source})*$`);

/** Display cells: a Han character takes two. Plain and Chinese text, most of what there is, needs no look at Unicode. */
export function cells(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return PLAIN_OR_HAN.test(text) ? text.length + (text.match(HAN)?.length ?? 0) : stringWidth(text);
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
