/** A YAML file as a value plus the place of every key and value in it, and the list of what is wrong with it. */
import { LineCounter, parseDocument } from 'yaml';
import { InputError, type InputProblem } from './errors.js';
import type { Bilingual } from './text.js';
import { aliasProblems, duplicateKeys, MAX_ALIASES, MAX_SYNTAX_PROBLEMS, tagProblems } from './yaml-checks.js';
import { MAX_YAML_BYTES, refuseText, type TextRefusal, tooLarge } from './yaml-guard.js';
import { YAML_MESSAGES } from './yaml-messages.js';
import { type DocumentPath, pathText, rangeOf, type SourcePlace, sourceOf } from './yaml-places.js';

export { renderProblems } from './problem-text.js';
export { type DocumentPath, pathText } from './yaml-places.js';

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

/** By file, then place: the order in which a person meets them. */
export const inOrder = (problems: readonly InputProblem[]): readonly InputProblem[] =>
  [...problems].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);

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
