import { cells } from './cells.js';
import type { InputProblem } from './errors.js';
import { type Bilingual, bi, type Lang } from './text.js';
import { visibleText } from './visible-text.js';

const WINDOW_CELLS = 100;
const LEAD_CELLS = 40;

/** All problems as text: `file:line:col error …`, the source line, a caret under the place, and a hint. */
export function renderProblems(problems: readonly InputProblem[], lang: Lang): string {
  return problems.map((problem) => renderProblem(problem, lang)).join('\n\n');
}

function renderProblem(problem: InputProblem, lang: Lang): string {
  const { line, column, message, hint } = problem;
  const head = `${visibleText(problem.file)}:${line}:${column} error ${message[lang]}`;
  const gutter = String(line).padStart(4);
  const blank = ' '.repeat(gutter.length);
  const rows = [head];
  if (problem.source.trim() !== '') {
    const { text, caretAt, caretCells } = windowOf(problem);
    rows.push(`${gutter} | ${text}`.trimEnd(), `${blank} | ${' '.repeat(caretAt)}${'^'.repeat(caretCells)}`);
  }
  if (hint !== undefined) rows.push(`${blank} = ${HINT[lang]}: ${hint[lang]}`);
  return rows.join('\n');
}

const HINT: Bilingual = bi('hint', '提示');

interface Excerpt {
  readonly text: string;
  readonly caretAt: number;
  readonly caretCells: number;
}

/** The part of the source line around the place: a line of a minified file can be a megabyte long. */
function windowOf(problem: InputProblem): Excerpt {
  const before = visibleText(problem.source.slice(0, problem.column - 1));
  const after = visibleText(problem.source.slice(problem.column - 1));
  const fits =
    cells(before) <= LEAD_CELLS ||
    (before.length + after.length <= WINDOW_CELLS && cells(before + after) <= WINDOW_CELLS);
  const lead = fits ? before : `…${lastCells(before, LEAD_CELLS - 1)}`;
  const rest = WINDOW_CELLS - cells(lead);
  const tail = firstCells(after, rest);
  return {
    text: `${lead}${tail}${tail.length < after.length ? '…' : ''}`,
    caretAt: cells(lead),
    caretCells: Math.max(1, Math.min(problem.width, Math.max(1, cells(tail)))),
  };
}

function firstCells(text: string, maxCells: number): string {
  let taken = '';
  let width = 0;
  for (const char of text) {
    width += cells(char);
    if (width > maxCells) return taken;
    taken += char;
  }
  return taken;
}

function lastCells(text: string, maxCells: number): string {
  // Only the end can matter: a character takes at most two UTF-16 units and at least no cells.
  const chars = [...text.slice(-4 * maxCells)];
  let width = 0;
  let from = chars.length;
  while (from > 0 && width + cells(chars[from - 1] ?? '') <= maxCells) {
    from -= 1;
    width += cells(chars[from] ?? '');
  }
  return chars.slice(from).join('');
}
