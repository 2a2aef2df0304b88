/** Where keys and values stand in the text of a YAML file. */
import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  type LineCounter,
  type Node,
  type YAMLMap,
} from 'yaml';
import { cells } from './cells.js';
import type { InputProblem } from './errors.js';
import type { Bilingual } from './text.js';
import { visibleText } from './visible-text.js';

export type DocumentPath = readonly (string | number)[];

/** Where a key or value stands. `line` and `column` count from 1, `width` is display cells. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number;
  readonly width: number;
  readonly source: string;
}

/** `phases.execute[0].inject` */
export function pathText(path: DocumentPath): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}

export interface Span {
  readonly offset: number;
  readonly end: number;
}

export interface Source {
  readonly place: (span: Span) => SourcePlace;
  readonly problem: (
    at: Span & { readonly path: DocumentPath; readonly message: Bilingual; readonly hint?: Bilingual },
  ) => InputProblem;
  readonly lineAt: (offset: number) => number;
}

export function sourceOf(from: { readonly file: string; readonly text: string; readonly lines: LineCounter }): Source {
  const { file, text, lines } = from;
  const place = ({ offset, end }: Span): SourcePlace => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    const start = offset - (col - 1);
    const newline = text.indexOf('\n', start);
    const lineEnd = newline < 0 ? text.length : newline;
    const marked = text.slice(offset, Math.min(Math.max(end, offset + 1), lineEnd)).trimEnd();
    return {
      line: Math.max(1, line),
      column: Math.max(1, col),
      width: Math.max(1, cells(visibleText(marked))),
      source: text.slice(Math.max(0, start), lineEnd).replace(/\r$/, ''),
    };
  };
  return {
    place,
    lineAt: (offset) => lines.linePos(offset).line,
    problem: ({ offset, end, path, message, hint }) => ({
      file,
      ...place({ offset, end }),
      path: pathText(path),
      message,
      ...(hint === undefined ? {} : { hint }),
    }),
  };
}

/** The place of a key or value; what is not there is placed at what should hold it. */
export function rangeOf(parsed: Document, path: DocumentPath, what: 'key' | 'value'): Span {
  let node: unknown = parsed.contents;
  let place: Span = firstOf(node);
  for (const [depth, part] of path.entries()) {
    const holder = isAlias(node) ? node.resolve(parsed) : node;
    const child = isCollection(holder) ? childOf(holder, part) : null;
    if (child === null) return place;
    const last = depth === path.length - 1;
    const keyed = child.key !== null && (what === 'key' || !last || isCollection(child.value) || isEmpty(child.value));
    place = keyed && child.key !== null ? spanOf(child.key) : firstOf(child.value ?? child.key);
    node = child.value;
  }
  return place;
}

/** `key:` with nothing after it: there is no value to point at. */
const isEmpty = (node: unknown): boolean => isScalar(node) && node.range?.[0] === node.range?.[1];

function childOf(
  holder: NonNullable<ReturnType<Alias['resolve']>>,
  part: string | number,
): { readonly key: Node | null; readonly value: unknown } | null {
  if (isMap(holder)) {
    const pair = lastPair(holder, part);
    return pair === undefined ? null : { key: isNode(pair.key) ? pair.key : null, value: pair.value };
  }
  if (!isCollection(holder) || typeof part !== 'number') return null;
  const value: unknown = holder.items[part];
  return value === undefined ? null : { key: null, value };
}

/** Of a doubled key the last one is the one whose value was read. */
const lastPair = (map: YAMLMap, part: string | number): YAMLMap['items'][number] | undefined =>
  map.items.findLast((pair) => isScalar(pair.key) && String(pair.key.value) === String(part));

/** A collection is marked by its first key or item: underlining all of it would mark half the file. */
function firstOf(node: unknown): Span {
  if (isCollection(node) && !node.flow) {
    const first: unknown = node.items[0];
    const inner = isPair(first) ? first.key : first;
    return isNode(inner) ? firstOf(inner) : spanOf(node);
  }
  return isNode(node) ? spanOf(node) : { offset: 0, end: 1 };
}

export function spanOf(node: Node): Span {
  const range = node.range;
  return range ? { offset: range[0], end: Math.max(range[1], range[0] + 1) } : { offset: 0, end: 1 };
}
