import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildResult, formats } from '../../src/report/index.js';
import { type Browsing, MISSING_CHROMIUM, shownText, startBrowser } from './browser.js';
import { fixture, refusedInput } from './fixture.js';

const HOSTILE =
  '</script><img src=x onerror="alert(1)"><svg onload=alert(2)>\u001b[31mred\u202Egnp.exe {{constructor}} \'"`';
const html = (input: ReturnType<typeof fixture>): string => formats.find('html')?.render(input) ?? '';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe.skipIf(MISSING_CHROMIUM !== '')(
  `the page in a browser${MISSING_CHROMIUM && ` (skipped: ${MISSING_CHROMIUM})`}`,
  () => {
    let browsing: Browsing;
    const page = html(fixture());
    beforeAll(async () => {
      browsing = await startBrowser();
    });
    afterAll(async () => {
      await browsing?.close();
    });

    it('opens from file:// without a request, a dialog or an error', async () => {
      const { page: tab, noise } = await browsing.visit(page);
      await tab.locator('#filter').waitFor({ state: 'visible' });
      expect(noise).toEqual([]);
    });

    it('keeps hostile text as text', async () => {
      const { page: tab, noise } = await browsing.visit(html(fixture({ name: HOSTILE })));
      expect(noise).toEqual([]);
      expect(await tab.locator('img').count()).toBe(0);
      expect(await tab.locator('svg[onload]').count()).toBe(0);
      const shown = await shownText(tab.locator('.drill-title'));
      expect(shown).toContain('</script><img src=x onerror="alert(1)">');
      expect(shown).toContain('␛[31mred[U+202E]gnp.exe {{constructor}}');
    });

    it('shows hostile attempts as text when they are unpacked', async () => {
      const { page: tab, noise } = await browsing.visit(html(fixture({ name: HOSTILE })));
      await tab.locator('#filter-text').fill('no answer in');
      await tab.locator('#attempts-open').click();
      await tab.locator('#attempts-rows tr').first().waitFor();
      expect(await shownText(tab.locator('#attempts-rows tr').first())).toContain('<img src=x');
      expect(await tab.locator('img').count()).toBe(0);
      expect(noise).toEqual([]);
    });

    it('unpacks every attempt as the journal has it', async () => {
      const input = fixture();
      const { page: tab } = await browsing.visit(html(input));
      await tab.locator('#attempts-open').click();
      const attempts = input.events.filter((event) => event.type === 'attempt');
      await expect
        .poll(() => shownText(tab.locator('#attempts-count')))
        .toBe(`500 / ${attempts.length} (${attempts.length})`);
      const wanted = attempts[321];
      if (wanted?.type !== 'attempt') throw new Error('the fixture has too few attempts');
      await tab.locator('#filter-text').fill(`e${wanted.seq} `);
      const cells = await tab.locator('#attempts-rows tr').first().locator('td').allInnerTexts();
      expect(cells).toEqual([
        `e${wanted.seq}`,
        wanted.op,
        wanted.entry,
        'n1',
        wanted.dueMs.toFixed(1),
        '0.3',
        (wanted.endedMs - wanted.issuedMs).toFixed(1),
        wanted.outcome,
        wanted.reason ?? '',
      ]);
    });

    it('shows everything with JavaScript off', async () => {
      const { page: tab } = await browsing.visit(page, { javaScriptEnabled: false });
      for (const id of ['verdict-title', 'objectives', 'rubric', 'chart-timeline', 'issues', 'steps', 'log']) {
        expect(await tab.locator(`#${id}`).isVisible(), id).toBe(true);
      }
      expect(await tab.locator('.verdict .card').count()).toBe(3);
      expect(await tab.locator('.timeline .fault-bar').count()).toBe(2);
      expect(await tab.locator('#filter').isVisible()).toBe(false);
    });

    it('changes language without a script', async () => {
      const { page: tab } = await browsing.visit(page, { javaScriptEnabled: false });
      expect(await shownText(tab.locator('#verdict-title'))).toBe('Passed');
      await tab.locator('label[for=lang-zh]').click();
      expect(await shownText(tab.locator('#verdict-title'))).toBe('通过');
      const text = await shownText(tab.locator('#objectives'));
      expect(text).toContain('恢复时间');
      expect(text).not.toContain('Recovery');
      expect(await tab.title()).toContain('主节点丢失与数据全失');
    });

    it('filters the event log and follows evidence into a filtered row', async () => {
      const { page: tab } = await browsing.visit(page);
      await tab.locator('#filter-text').fill('node.kill');
      expect(await tab.locator('#log tbody tr:visible').count()).toBeLessThan(6);
      const evidence = tab.locator('#objectives .evidence a').nth(2);
      const target = (await evidence.getAttribute('href')) ?? '';
      await evidence.click();
      await tab.locator(target).waitFor({ state: 'visible' });
    });

    it('links all evidence of the page to rows that exist', async () => {
      const { page: tab } = await browsing.visit(page);
      const dead = await tab.evaluate(
        `[...document.querySelectorAll('a[href^="#"]')].filter((a) => document.querySelector(a.getAttribute('href')) === null).length`,
      );
      expect(dead).toBe(0);
      expect(await tab.locator('a[href^="#e"]').count()).toBeGreaterThan(20);
      const ids = await tab.evaluate<string[]>(`[...document.querySelectorAll('[id]')].map((e) => e.id)`);
      expect(new Set(ids).size).toBe(ids.length);
    });

    for (const [what, input] of [
      ['the full run', fixture()],
      ['a refused run', refused()],
    ] as const) {
      it(`has no horizontal scroll at 360 px: ${what}`, async () => {
        const { page: tab } = await browsing.visit(html(input), { viewport: { width: 360, height: 800 } });
        for (const lang of ['lang-en', 'lang-zh']) {
          await tab.locator(`label[for=${lang}]`).click();
          expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(360);
        }
      });
    }

    for (const scheme of ['light', 'dark'] as const) {
      for (const lang of ['en', 'zh'] as const) {
        it(`has no accessibility violations: ${scheme}, ${lang}`, async () => {
          const { page: tab } = await browsing.visit(page, { bypassCSP: true, colorScheme: scheme });
          await tab.locator(`label[for=lang-${lang}]`).click();
          await tab.evaluate(`document.querySelectorAll('details').forEach((fold) => { fold.open = true; })`);
          await tab.addScriptTag({ content: AXE });
          const found = await tab.evaluate(
            'axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes[0].html].join(": ")))',
          );
          expect(found).toEqual([]);
        });
      }
    }

    it('follows the theme switch against the system', async () => {
      const { page: tab } = await browsing.visit(page, { colorScheme: 'dark' });
      const ground = () => tab.evaluate('getComputedStyle(document.body).backgroundColor');
      const dark = await ground();
      await tab.locator('label[for=theme-light]').click();
      expect(await ground()).not.toBe(dark);
    });

    it('prints with folds open, on light ground', async () => {
      const { page: tab } = await browsing.visit(page, { colorScheme: 'dark' });
      await tab.emulateMedia({ media: 'print', colorScheme: 'dark' });
      expect(await tab.locator('details table').first().isVisible()).toBe(true);
      const pdf = await tab.pdf({ preferCSSPageSize: true, printBackground: true });
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
      expect(pdf.length).toBeGreaterThan(50_000);
    });
  },
);

function refused(): ReturnType<typeof fixture> {
  const input = refusedInput();
  return { result: buildResult(input), events: input.events };
}
