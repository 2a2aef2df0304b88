/** What the YAML parser lets pass and we do not: aliases that explode, doubled keys, tags. */
import { type Alias, type Document, isScalar, visit } from 'yaml';
import type { InputProblem } from './errors.js';
import { type Bilingual, bi } from './text.js';
import { quoted } from './visible-text.js';
import { YAML_MESSAGES } from './yaml-messages.js';
import { type Source, spanOf } from './yaml-places.js';

export const MAX_ALIASES = 100;
/** One slip can upset the rest of a file: more than this helps nobody. */
export const MAX_SYNTAX_PROBLEMS = 50;

/** Any of these and the value must not even be made. */
export function aliasProblems(parsed: Document, source: Source): readonly InputProblem[] {
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

export const tagProblems = (parsed: Document, source: Source): readonly InputProblem[] =>
  parsed.warnings
    .slice(0, MAX_SYNTAX_PROBLEMS)
    .map((warning) =>
      source.problem({ offset: warning.pos[0], end: warning.pos[1], path: [], message: YAML_MESSAGES[warning.code] }),
    );

export function duplicateKeys(parsed: Document, source: Source): readonly InputProblem[] {
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
