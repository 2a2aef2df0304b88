import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { cells } from '../../src/core/cells.js';
import { InputError } from '../../src/core/errors.js';
import { LANGS } from '../../src/core/text.js';
import { decodeYaml, openYaml, parseYaml, renderProblems } from '../../src/core/yaml-document.js';
import { load, problemsOf, told, VALID } from './support.js';

function problems(act: () => unknown): InputError['problems'] {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const parse = (text: string) => parseYaml({ path: 'f.yaml', text });
const syntax = (text: string): readonly string[] => told(problems(() => parse(text)));

describe('what is not even parsed', () => {
  test('a file of 5 MB: one sentence', () => {
    const bytes = Buffer.alloc(5_000_000, 'a: b\n');
    expect(told(problems(() => decodeYaml(bytes, 'f.yaml')))).toEqual([
      '1:1 the file has 5.0 MB; at most 1 MB is read',
    ]);
    expect(told(problems(() => parse(bytes.toString())))).toEqual(['1:1 the file has 5.0 MB; at most 1 MB is read']);
  });

  test.each([
    ['a NUL byte', Buffer.from('a: b\nc: \0')],
    ['bytes that are no UTF-8', Buffer.from([...Buffer.from('a: b\nc: '), 0xff, 0xfe])],
  ])('%s', (_what, bytes) => {
    expect(told(problems(() => openYaml({ path: 'f.yaml', bytes })))).toEqual([
      '2:4 this is not a text file: it holds bytes that are not UTF-8 text [save the file as UTF-8]',
    ]);
  });

  test('a byte order mark is no problem', () => {
    expect(load(`\ufeff${VALID}`).drill.id).toBe('a-drill');
  });

  test.each([
    ['brackets', '['.repeat(100_000), '1:65'],
    ['braces', `a:\n  ${'{a: '.repeat(70)}`, '2:259'],
    ['dashes', '- '.repeat(100_000), '1:129'],
    ['indentation', Array.from({ length: 900 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), '258:1'],
  ])('%s beyond all depth', (_what, text, place) => {
    expect(syntax(text)).toEqual([`${place} nested too deeply to be read [at most 64 levels are read]`]);
  });

  test('a long line of small lists is fine', () => {
    expect(parse(`a: [${'[1], {b: 2}, '.repeat(500)}]`).problems).toEqual([]);
  });
});

describe('aliases', () => {
  test('a bomb', () => {
    const levels = [...'abcdefgh'].map(
      (name, i, all) =>
        `${name}: &${name} [${
          i === 0
            ? '1'
            : Array(9)
                .fill(`*${all[i - 1]}`)
                .join(', ')
        }]`,
    );
    expect(syntax(levels.join('\n'))).toEqual(['1:1 aliases in this file multiply beyond all limits; it is not read']);
  });

  test('one that holds itself, and one of nothing', () => {
    expect(syntax('a: &x [*x, *y]')).toEqual(['1:8 the alias “x” holds itself', '1:12 nothing has the anchor “y”']);
  });

  test('a few are fine, and problems inside are placed', () => {
    expect(
      load(VALID.replace('within: 10s', 'within: &limit 10s\n      expect: *limit')).drill.phases.execute.steps[1],
    ).toMatchObject({
      withinMs: 10_000,
      expectMs: 10_000,
    });
    expect(told(problemsOf(VALID.replace('within: 10s', 'within: &limit 10x\n      expect: *limit')))).toHaveLength(2);
  });
});

describe('syntax', () => {
  test.each([
    ['a: [1, 2', ['1:9 the indentation does not fit the lines around it, or a bracket before is not closed']],
    ['a: b: c', ['1:4 a second “key: value” on one line; put it on its own line or in quotes']],
    ['a:\n\tb: 1', ['2:1 a tab cannot be used to indent; use spaces']],
    ['a: @x', ['1:4 a plain text cannot begin with this character; put it in quotes']],
    ['a: 1\n---\nb: 2', ['2:1 only one document per file: remove the “---”']],
    ['? [a]\n: 1', ['1:3 a key must be a text']],
  ])('%j', (text, expected) => {
    expect(syntax(text)).toEqual(expected);
  });

  test('tags and doubled keys are told together with everything else', () => {
    const found = told(
      problemsOf(VALID.replace('id: a-drill', 'id: !secret a-drill\nid: b').replace('rto: 10s', 'rto: 1')),
    );
    expect(found).toEqual([
      '2:5 tags (“!…”) are not used in these files',
      '3:1 the key “id” is there twice (first in line 2)',
      expect.stringContaining('10:20 expected a duration'),
    ]);
  });

  test('keys of Object are ordinary unknown keys', () => {
    const found = told(problemsOf(`${VALID}__proto__: { a: 1 }\ntoString: 1\nconstructor: 2\n`));
    expect(found.map((line) => line.split(' [')[0])).toEqual([
      '18:1 unknown key “__proto__”',
      '19:1 unknown key “toString”',
      '20:1 unknown key “constructor”',
    ]);
  });

  test('an empty file, and one that is no map', () => {
    expect(told(problemsOf(''))[0]).toMatch(/^1:1 expected a drill: .* found nothing/);
    expect(told(problemsOf('- a'))[0]).toMatch(/^1:3 expected a drill: .* found a list/);
    expect(told(problemsOf('5'))[0]).toMatch(/^1:1 expected a drill: .* found the number/);
  });
});

describe('renderProblems', () => {
  test('file, place, message, source, caret, hint', () => {
    const text = VALID.replace('on: { role: leader }', 'on: { role: leder }');
    expect(renderProblems(problemsOf(text), 'en')).toBe(
      [
        'x.drill.yaml:13:19 error “leder” is no role of a node',
        '  13 |       on: { role: leder }',
        '     |                   ^^^^^',
        '     = hint: did you mean “leader”?',
      ].join('\n'),
    );
    expect(renderProblems(problemsOf(text), 'zh')).toContain('error “leder”不是节点角色\n');
  });

  test('Han characters take two cells', () => {
    const [, source = '', caret = ''] = renderProblems(
      problemsOf(
        VALID.replace('title: A drill', 'title: { en: A, zh: 主节点 }').replace('within: 10s', '{ 主节点: 1 }'),
      ).slice(0, 1),
      'zh',
    ).split('\n');
    expect(caret.indexOf('^')).toBeGreaterThan(0);
    expect(source.length).toBeGreaterThan(0);
    const rendered = renderProblems(
      problemsOf(
        VALID.replace(
          '- check: registry.writable',
          '- title: 等待主节点恢复\n      主节点: 1\n      check: registry.writable',
        ),
      ),
      'en',
    ).split('\n');
    expect(rendered[2]).toBe('     |       ^^^^^^');
    const inline = renderProblems(
      problemsOf(
        VALID.replace('- check: registry.writable\n      within: 10s', '- { title: 等待主节点, 主: 1, wait: 1s }'),
      ),
      'en',
    ).split('\n');
    expect(inline[1]).toBe('  14 |     - { title: 等待主节点, 主: 1, wait: 1s }');
    expect(stringWidth(inline[1]?.slice(0, inline[1].indexOf('主: 1')) ?? '')).toBe(inline[2]?.indexOf('^'));
    expect(inline[2]?.match(/\^+/)?.[0]).toBe('^^');
  });

  test('a long line is cut around the place', () => {
    const text = VALID.replace('rto: 10s', `rto: 10s, step: ${'x'.repeat(500)}, bad: 1, operation: register`);
    const rows = renderProblems(
      problemsOf(text).filter(({ message }) => message.en.includes('bad')),
      'en',
    ).split('\n');
    for (const row of rows.slice(1, 3)) expect(stringWidth(row)).toBeLessThan(115);
    const at = rows[2]?.indexOf('^') ?? 0;
    expect(rows[1]?.slice(at, at + 3)).toBe('bad');
  });

  test('what the user wrote cannot drive the terminal', () => {
    const evil = '\u001b[31m\u202eevil\u0007';
    const text = `${VALID}"${evil.replace('\u001b', '\\e').replace('\u0007', '\\a')}": 1\n# ${evil}\n${evil}: 2\n`;
    for (const lang of LANGS) {
      const rendered = renderProblems(problemsOf(text), lang);
      expect(rendered).toContain('␛[31m<U+202E>evil␇');
      expect(rendered).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
  });

  test('the caret never leaves its line, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (value) => {
        const text = VALID.replace('level: P1', () => `level: ${JSON.stringify(value)}`);
        const found = problems(() => load(text));
        for (const rows of found.map((problem) => renderProblems([problem], 'en').split('\n'))) {
          const [, source = '', caret = ''] = rows;
          if (source === '' || !caret.includes('^')) continue;
          expect(cells(caret)).toBeLessThanOrEqual(Math.max(cells(source), caret.indexOf('^') + 1));
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('places', () => {
  const document = parse('a:\n  - b: 1\n    主: [x, y]\n  - {}\nc: "q"\n');
  test.each([
    [['a'], 'value', '1:1'],
    [['a', 0], 'value', '2:5'],
    [['a', 0, 'b'], 'key', '2:5'],
    [['a', 0, 'b'], 'value', '2:8'],
    [['a', 0, '主', 1], 'value', '3:12'],
    [['a', 0, 'none'], 'value', '2:5'],
    [['a', 1, 'none', 'deeper'], 'value', '4:5'],
    [['c'], 'value', '5:4'],
    [['none'], 'value', '1:1'],
    [[], 'value', '1:1'],
  ] as const)('%j %s', (path, what, place) => {
    const { line, column } = document.locate(path, what);
    expect(`${line}:${column}`).toBe(place);
  });
});
