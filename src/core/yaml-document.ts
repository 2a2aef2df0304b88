/** A YAML file as a value plus the place of every key and value in it, and the list of what is wrong with it. */
import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { InputError, type InputProblem } from './errors.js';
import { type Bilingual, bi } from './text.js';
import { cells, quoted, visibleText } from './visible-text.js';
import { MAX_YAML_BYTES, refuseText, type TextRefusal, tooLarge } from './yaml-guard.js';
import { YAML_MESSAGES } from './yaml-messages.js';

export { renderProblems } from './problem-text.js';

export type DocumentPath = readonly (string | number)[];

/** Where a key or value stands. `line` and `column` count from 1, `width` is display cells. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number;
  readonly width: number;
  readonly source: string;
}

export interface YamlDocument {
  readonly file: string;
  /** Plain JSON values; null when the file is empty. */
  readonly value: unknown;
  /** Grows as readers report what they find. */
  readonly problems: readonly InputProblem[];
  /** The place of a value, or of its key; what is not there is placed at what should hold it. */
  readonly locate: (path: DocumentPath, what?: 'key' | 'value') => SourcePlace;
  readonly report: (problem: {
    readonly path: DocumentPath;
    readonly what?: 'key' | 'value';
    readonly message: Bilingual;
    readonly hint?: Bilingual | undefined;
  }) => void;
}

const MAX_ALIASES = 100;
/** One slip can upset the rest of a file: more than this helps nobody. */
const MAX_SYNTAX_PROBLEMS = 50;

/** Bytes of a YAML file as text; refuses in one sentence what is too large or is no UTF-8 text. */
export function decodeYaml(bytes: Uint8Array, file: string): string {
  if (bytes.byteLength > MAX_YAML_BYTES) throw refused(file, '', tooLarge(bytes.byteLength));
  // Bytes that are no UTF-8 become U+FFFD, which parseYaml refuses with its place.
  return new TextDecoder('utf-8').decode(bytes);
}

/** A file to read: its bytes, or its text where it was decoded already. */
export type InputFile = { readonly path: string } & (
  | { readonly text: string; readonly bytes?: never }
  | { readonly bytes: Uint8Array; readonly text?: never }
);

/** The document of a file together with its exact text. Throws InputError. */
export function openYaml(input: InputFile): { readonly document: YamlDocument; readonly text: string } {
  const text = input.text ?? decodeYaml(input.bytes, input.path);
  return { document: parseYaml({ path: input.path, text }), text };
}

/** Throws InputError when the syntax is broken: what such a text means cannot be told. */
export function parseYaml({ path: file, text }: { readonly path: string; readonly text: string }): YamlDocument {
  const refusal = refuseText(text);
  if (refusal !== null) throw refused(file, text, refusal);
  const lines = new LineCounter();
  const parsed = parseDocument(text, {
    lineCounter: lines,
    strict: true,
    stringKeys: true,
    // Ours below is linear and names the first place.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
    resolveKnownTags: false,
  });
  const source = sourceOf({ file, text, lines });
  const syntax = parsed.errors
    .slice(0, MAX_SYNTAX_PROBLEMS)
    .map((error) =>
      source.problem({ offset: error.pos[0], end: error.pos[1], path: [], message: YAML_MESSAGES[error.code] }),
    );
  if (syntax.length > 0) throw new InputError(syntax);
  const aliases = aliasProblems(parsed, source);
  if (aliases.length > 0) throw new InputError(aliases);

  const problems: InputProblem[] = [...tagProblems(parsed, source), ...duplicateKeys(parsed, source)];
  const locate = (path: DocumentPath, what: 'key' | 'value' = 'value'): SourcePlace =>
    source.place(rangeOf(parsed, path, what));
  return {
    file,
    value: parsed.toJS({ maxAliasCount: MAX_ALIASES }) as unknown,
    problems,
    locate,
    report: ({ path, what, message, hint }) => {
      problems.push({
        file,
        ...locate(path, what),
        path: pathText(path),
        message,
        ...(hint === undefined ? {} : { hint }),
      });
    },
  };
}

/** `phases.execute[0].inject` */
export function pathText(path: DocumentPath): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}

/** By file, then place: the order in which a person meets them. */
export const inOrder = (problems: readonly InputProblem[]): readonly InputProblem[] =>
  [...problems].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);

interface Span {
  readonly offset: number;
  readonly end: number;
}

interface Source {
  readonly place: (span: Span) => SourcePlace;
  readonly problem: (
    at: Span & { readonly path: DocumentPath; readonly message: Bilingual; readonly hint?: Bilingual },
  ) => InputProblem;
  readonly lineAt: (offset: number) => number;
}

function sourceOf(from: { readonly file: string; readonly text: string; readonly lines: LineCounter }): Source {
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

function refused(file: string, text: string, refusal: TextRefusal): InputError {
  const before = text.slice(0, refusal.offset);
  const line = before.split('\n').length;
  const column = refusal.offset - before.lastIndexOf('\n');
  const { message, hint } = refusal;
  // The source is left out: a line of a file like this says nothing.
  return new InputError([
    { file, line, column, width: 1, source: '', path: '', message, ...(hint === undefined ? {} : { hint }) },
  ]);
}

function aliasProblems(parsed: Document, source: Source): readonly InputProblem[] {
  const problems: InputProblem[] = [];
  visit(parsed, {
    Alias: (_key, alias) => {
      const message = aliasFault(parsed, alias);
      if (message !== null) problems.push(source.problem({ ...spanOf(alias), path: [], message }));
    },
  });
  if (problems.length > 0) return problems.slice(0, MAX_SYNTAX_PROBLEMS);
  try {
    parsed.toJS({ maxAliasCount: MAX_ALIASES });
    return [];
  } catch (error) {
    // The library's only way to say that aliases multiply beyond the limit.
    if (!(error instanceof ReferenceError)) throw error;
    const message = bi(
      'aliases in this file multiply beyond all limits; it is not read',
      '文件中的别名会无限膨胀；不予读取',
    );
    return [source.problem({ offset: 0, end: 1, path: [], message })];
  }
}

function aliasFault(parsed: Document, alias: Alias): Bilingual | null {
  const target = alias.resolve(parsed);
  if (target === undefined) {
    return bi(`nothing has the anchor ${quoted(alias.source)}`, `没有名为${quoted(alias.source)}的锚点`);
  }
  const inside = spanOf(target);
  const at = spanOf(alias).offset;
  if (inside.offset > at || at >= inside.end) return null;
  return bi(`the alias ${quoted(alias.source)} holds itself`, `别名${quoted(alias.source)}包含自身`);
}

const tagProblems = (parsed: Document, source: Source): readonly InputProblem[] =>
  parsed.warnings
    .slice(0, MAX_SYNTAX_PROBLEMS)
    .map((warning) =>
      source.problem({ offset: warning.pos[0], end: warning.pos[1], path: [], message: YAML_MESSAGES[warning.code] }),
    );

function duplicateKeys(parsed: Document, source: Source): readonly InputProblem[] {
  const problems: InputProblem[] = [];
  visit(parsed, {
    Map: (_key, map) => {
      const first = new Map<string, number>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        const span = spanOf(key);
        const line = first.get(name);
        if (line === undefined) first.set(name, source.lineAt(span.offset));
        else problems.push(source.problem({ ...span, path: [name], message: twice(name, line) }));
      }
    },
  });
  return problems;
}

const twice = (name: string, line: number): Bilingual =>
  bi(
    `the key ${quoted(name)} is there twice (first in line ${line})`,
    `键${quoted(name)}重复（首次出现在第 ${line} 行）`,
  );

function rangeOf(parsed: Document, path: DocumentPath, what: 'key' | 'value'): Span {
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

function spanOf(node: Node): Span {
  const range = node.range;
  return range ? { offset: range[0], end: Math.max(range[1], range[0] + 1) } : { offset: 0, end: 1 };
}
