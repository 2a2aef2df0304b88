import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../src/core/journal.js';
import { findIssues, rulesPassed } from '../../src/issues/index.js';
import { measure } from '../../src/measure/index.js';
import { score, verdict } from '../../src/score/index.js';
import { longJournal } from './long-journal.js';

/** Everything that follows from a journal, as bytes. */
function judge(events: readonly JournalEvent[]): string {
  const m = measure(events);
  const [first] = events;
  if (first?.type !== 'run.opened') return JSON.stringify(m);
  const scored = score(m, first);
  const { outcome, conditions } = verdict(m, scored.score, first);
  const issues = findIssues(m, scored.score, first);
  return JSON.stringify({
    m,
    ...scored,
    outcome,
    conditions: [...conditions],
    issues,
    passed: rulesPassed(m, scored.score, first),
  });
}

describe('a journal that breaks off', () => {
  it('is whole and valid at its full length', () => {
    const m = measure(longJournal);
    expect(m.validity.because).toEqual([]);
    expect(m.run.endedEarly).toBe(false);
  });

  it('gives a report at every line, which says that the run ended early', () => {
    for (let length = 0; length < longJournal.length; length += 1) {
      const events = longJournal.slice(0, length);
      expect(() => judge(events)).not.toThrow();
      const m = measure(events);
      expect(m.run).toMatchObject({ endedEarly: true, ending: 'cut' });
      expect(m.validity.valid).toBe(false);
    }
  });

  it('does not throw whatever lines are missing and whichever times are unknown', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: longJournal.length - 1 })),
        fc.array(fc.nat({ max: longJournal.length - 1 })),
        (gone, timeless) => {
          const [missing, unknown] = [new Set(gone), new Set(timeless)];
          const events = longJournal
            .filter((_, i) => !missing.has(i))
            .map((event): JournalEvent => (unknown.has(event.seq) ? { ...event, ms: null } : event));
          expect(() => judge(events)).not.toThrow();
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the same journal', () => {
  it('gives the same bytes again', () => {
    expect(judge(longJournal)).toBe(judge(longJournal));
  });

  it('gives the same bytes in another process, zone and language', () => {
    const dir = mkdtempSync(join(tmpdir(), 'firedrill-measure-'));
    try {
      compileInto(dir);
      writeFileSync(join(dir, 'journal.json'), JSON.stringify(longJournal));
      const there = execFileSync(process.execPath, [join(dir, 'judge.mjs')], {
        cwd: dir,
        encoding: 'utf8',
        env: { ...process.env, TZ: 'Asia/Shanghai', LANG: 'zh_CN.UTF-8', LC_ALL: 'zh_CN.UTF-8' },
      });
      expect(there).toBe(judge(longJournal));
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

/** The folders under test as plain JavaScript, so that a bare process of any Node can run them. */
function compileInto(dir: string): void {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const files = ['core', 'measure', 'score', 'issues'].flatMap((folder) =>
    ts.sys.readDirectory(join(root, 'src', folder), ['.ts']),
  );
  for (const file of files) {
    const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true },
    });
    const target = join(dir, file.slice(root.length).replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  // Packages are found from the project, not from the temporary folder.
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  writeFileSync(
    join(dir, 'judge.mjs'),
    `import { readFileSync } from 'node:fs';
import { measure } from './src/measure/index.js';
import { score, verdict } from './src/score/index.js';
import { findIssues, rulesPassed } from './src/issues/index.js';
const events = JSON.parse(readFileSync('journal.json', 'utf8'));
const m = measure(events);
const scored = score(m, events[0]);
const { outcome, conditions } = verdict(m, scored.score, events[0]);
const issues = findIssues(m, scored.score, events[0]);
process.stdout.write(JSON.stringify({ m, ...scored, outcome, conditions: [...conditions], issues, passed: rulesPassed(m, scored.score, events[0]) }));
`,
  );
}
