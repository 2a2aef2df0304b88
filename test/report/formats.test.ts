import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { buildResult, formats, renderAll } from '../../src/report/index.js';
import { fixture, refusedInput } from './fixture.js';

const render = (name: string, input: ReturnType<typeof fixture> = fixture()): string =>
  formats.find(name)?.render(input) ?? '';
const refused = (): ReturnType<typeof fixture> => ({
  result: buildResult(refusedInput()),
  events: refusedInput().events,
});
const schemaFile = new URL('../../templates/schema/result.schema.json', import.meta.url);

describe('every format', () => {
  it('has its own file and gives the same bytes twice', () => {
    expect(formats.all.map((format) => format.fileName)).toEqual([
      'result.json',
      'report.md',
      'report.html',
      'issues.md',
      'issues.json',
      'junit.xml',
    ]);
    expect(renderAll(fixture())).toEqual(renderAll(fixture()));
  });

  it('gives the same bytes in another zone and locale', async () => {
    const script = new URL('./render-child.mjs', import.meta.url).pathname;
    const renderedIn = async (place: Record<string, string>): Promise<string> => {
      const env = { ...process.env, ...place };
      return (await promisify(execFile)(process.execPath, [script], { env })).stdout;
    };
    const [here, there] = await Promise.all([
      renderedIn({ TZ: 'UTC', LC_ALL: 'C' }),
      renderedIn({ TZ: 'America/St_Johns', LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' }),
    ]);
    expect(here).toMatch(/^report.html [0-9a-f]{64}$/m);
    expect(there).toBe(here);
  });
});

describe('result.json', () => {
  const schema: object = JSON.parse(readFileSync(schemaFile, 'utf8'));
  it.each([
    ['the full run', fixture()],
    ['a refused run', refused()],
  ])('fits the published schema: %s', (_, input) => {
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);
    validate(JSON.parse(render('result', input)));
    expect(validate.errors ?? []).toEqual([]);
  });

  it('has no name that the schema does not know', () => {
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(closed(schema));
    validate(JSON.parse(render('result')));
    expect(validate.errors ?? []).toEqual([]);
  });

  it('is refused without a name that stays', () => {
    const validate = new Ajv().compile(schema);
    const { objectives: _objectives, ...rest } = fixture().result;
    expect(validate(JSON.parse(JSON.stringify(rest)))).toBe(false);
  });
});

/** The schema with every listed object closed: unknown names become errors. */
function closed(schema: object): object {
  return JSON.parse(JSON.stringify(schema), (_key, value) =>
    typeof value === 'object' && value !== null && 'properties' in value && value.type === 'object'
      ? { ...value, additionalProperties: false }
      : value,
  );
}

describe('report.html', () => {
  it('allows exactly its own script', () => {
    const page = render('html');
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '';
    expect(script.length).toBeGreaterThan(500);
    const hash = createHash('sha256').update(script).digest('base64');
    expect(page.replaceAll('&#x3D;', '=')).toContain(
      `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`,
    );
  });

  it('needs nothing from anywhere', () => {
    const page = render('html');
    expect(page).not.toMatch(/\s(src|srcset|action)=/);
    expect(page).not.toMatch(/@import|@font-face|blob:|url\((?!#)/);
    expect([...page.matchAll(/href="([^"]*)"/g)].every(([, href]) => href?.startsWith('#'))).toBe(true);
  });

  it('stays within its size', () => {
    expect(Buffer.byteLength(render('html'))).toBeLessThan(500 * 1024);
    const long = fixture({ rate: 350 });
    expect(long.events.length).toBeGreaterThan(50_000);
    expect(Buffer.byteLength(render('html', long))).toBeLessThan(1.5 * 1024 * 1024);
  });

  it('says why each thing is empty', () => {
    const page = render('html', refused());
    expect(page).toContain('No timeline: no phase began.');
    expect(page).toContain('没有注入任何故障');
    expect(page).toContain('No ledger');
  });

  it('has both languages for every text of ours', () => {
    const page = render('html');
    const amount = (lang: string): number => page.split(`lang="${lang}"`).length;
    // The document itself is lang="en" and the switch for Chinese is written in Chinese once.
    expect(amount('en') - 1).toBe(amount('zh-CN') - 1);
  });
});

describe('templates', () => {
  const folder = new URL('../../templates/report/', import.meta.url);
  const files = readdirSync(folder);
  it.each(files)('%s escapes everything', (file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    expect(text).not.toMatch(/\{\{\{|\{\{~?&/);
    if (!file.endsWith('.hbs')) expect(text).not.toContain('{{');
  });

  it('uses SafeString once, for our own SVG, and never turns escaping off', () => {
    const sources = readdirSync(new URL('../../src/report/', import.meta.url), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(new URL(`../../src/report/${file}`, import.meta.url), 'utf8'))
      .join('\n');
    expect(sources.match(/new [\w.]*SafeString\(/g)).toEqual(['new Handlebars.SafeString(']);
    expect(sources).toContain('new Handlebars.SafeString(serialise(image))');
    expect(sources).not.toContain('noEscape');
  });
});

describe('report.md', () => {
  it('is as recorded', async () => {
    await expect(render('markdown')).toMatchFileSnapshot('./golden/report.md');
  });

  it('keeps its tables whole around hostile data', () => {
    const hostile = 'a|b\nc `d` <b>e</b> [x](http://y) \\| *f* \u001b[31m';
    const lines = render('markdown', fixture({ name: hostile })).split('\n');
    const cells = (line: string): number => line.replace(/\\\\/g, '').replace(/\\\|/g, '').split('|').length;
    let width = 0;
    for (const line of lines) {
      if (!line.startsWith('|')) width = 0;
      else if (width === 0) width = cells(line);
      else expect(cells(line), line).toBe(width);
    }
    const text = lines.join('\n');
    expect(text).not.toContain('<b>');
    expect(text).toContain('a\\|b<br>c \\`d\\` &lt;b&gt;e&lt;/b&gt; \\[x\\](http://y)');
    expect(text).not.toContain('\u001b');
  });

  it('says in both languages what the page says', () => {
    const text = render('markdown');
    const [english = '', chinese = ''] = text.split('\n---\n');
    const tables = (part: string): number => part.split('\n').filter((line) => line.startsWith('|')).length;
    expect(tables(english)).toBe(tables(chinese));
    expect(english.match(/e\d+/g)).toEqual(chinese.match(/e\d+/g));
    expect(english).toContain('12.14 ± 0.32 s');
    expect(chinese).toContain('12.14 ± 0.32 秒');
  });
});

describe('junit.xml', () => {
  it('is as recorded', async () => {
    await expect(render('junit')).toMatchFileSnapshot('./golden/junit.xml');
  });

  it('holds no character that XML forbids, and no markup of the data', () => {
    const xml = render('junit', fixture({ name: '<x a="1">&\u0000\u001b\ud800\uffff\n"\'' }));
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u);
    expect(xml).toContain('left out by &lt;x a=&quot;1&quot;&gt;&amp;␀␛�[U+FFFF]&#10;&quot;&apos;');
  });

  it('fails what failed and nothing else', () => {
    const xml = render('junit');
    expect(xml).toMatch(/<testsuite name="drill.verify" tests="4" failures="0" errors="0" skipped="1"/);
    expect(render('junit', refused())).toMatch(/name="the run is valid" time="0.000"><error message="the steady state/);
  });
});

describe('issues', () => {
  it('are as recorded', async () => {
    await expect(render('issues-markdown')).toMatchFileSnapshot('./golden/issues.md');
    const issues: unknown = JSON.parse(render('issues-json'));
    expect(issues).toMatchObject({ schemaVersion: 1, drill: 'etcd-leader-loss', issues: fixture().result.issues });
  });
});
