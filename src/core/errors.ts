import type { ExitId } from './outcome.js';
import { type Bilingual, bi } from './text.js';

/** One mistake in a file the user wrote. `line` and `column` count from 1. */
export interface InputProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Display cells to underline; at least 1. */
  readonly width: number;
  /** The source line, for the caret; empty where the file could not be read as text. */
  readonly source: string;
  /** Path inside the document, e.g. `phases.execute[0].inject`. */
  readonly path: string;
  readonly message: Bilingual;
  /** What is allowed, or the nearest name of a typo. */
  readonly hint?: Bilingual;
}

/** Bad input: every problem of a file at once. Exit code 3. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly problems: readonly InputProblem[];
  constructor(problems: readonly InputProblem[]) {
    super(problems.map((p) => `${p.file}:${p.line}:${p.column} ${p.message.en}`).join('\n'));
    this.problems = problems;
  }
}

export interface WorldFailure {
  /** Stable, kebab-case: `node-not-found`, `registry-unreachable`. */
  readonly code: string;
  /** What we tried, on what, why it failed, how long it took. */
  readonly message: Bilingual;
  /** What to do next. */
  readonly hint?: Bilingual;
  /** What this means for the exit code if nothing catches it. */
  readonly exit?: ExitId;
  readonly cause?: unknown;
}

/** The world failed: thrown once, printed once. */
export class WorldError extends Error {
  override readonly name = 'WorldError';
  readonly code: string;
  readonly text: Bilingual;
  readonly hint: Bilingual | undefined;
  readonly exit: ExitId;
  constructor(failure: WorldFailure) {
    super(failure.message.en, { cause: failure.cause });
    this.code = failure.code;
    this.text = failure.message;
    this.hint = failure.hint;
    this.exit = failure.exit ?? 'refused';
  }
}

/** We are wrong: a broken invariant of Firedrill itself. Never swallowed. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function invariant(holds: unknown, sentence: string): asserts holds {
  if (!holds) throw new InvariantError(sentence);
}

/** Any thrown thing as a sentence in both languages. */
export function describeError(error: unknown): Bilingual {
  if (error instanceof WorldError) return error.text;
  if (error instanceof Error) return bi(error.message, error.message);
  return bi(String(error), String(error));
}
