/** A real browser for the page: offline by design, so every request it makes is a finding. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';

const EXECUTABLE = process.env.FIREDRILL_CHROMIUM ?? '/usr/bin/chromium';

/** Why there is no browser here; empty = there is one. */
export const MISSING_CHROMIUM =
  process.env.FIREDRILL_MISSING_CHROMIUM ?? (existsSync(EXECUTABLE) ? '' : `there is no ${EXECUTABLE}`);

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Visit {
  readonly page: Page;
  /** Dialogs, requests but the page itself, script errors, CSP reports: all of them unwanted. */
  readonly noise: readonly string[];
}

export interface Browsing {
  readonly visit: (html: string, options?: BrowserContextOptions) => Promise<Visit>;
  readonly close: () => Promise<void>;
}

export async function startBrowser(): Promise<Browsing> {
  const browser: Browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGS });
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-report-'));
  let pages = 0;
  return {
    visit: async (html, options = {}) => {
      const file = join(folder, `report-${pages++}.html`);
      writeFileSync(file, html);
      const url = pathToFileURL(file).href;
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      const page = await context.newPage();
      const noise: string[] = [];
      page.on('dialog', (dialog) => {
        noise.push(`dialog ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => {
        if (request.url() !== url) noise.push(`request ${request.url()}`);
      });
      page.on('pageerror', (error) => noise.push(`error ${error.message}`));
      page.on('console', (message) => noise.push(`console ${message.text()}`));
      await page.goto(url);
      return { page, noise };
    },
    close: async () => {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a reader sees: text of the hidden language does not count. */
export const shownText = (place: Locator): Promise<string> => place.innerText();
