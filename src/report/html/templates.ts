import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { templatesDir } from '../../core/package-root.js';
import type { Bilingual } from '../../core/text.js';
import { type SvgNode, serialise } from '../svg/element.js';

const FOLDER = join(templatesDir, 'report');
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

export interface Page {
  /** Anything the template prints is escaped by Handlebars. */
  readonly render: (view: object, helpers: Handlebars.RuntimeOptions['helpers']) => string;
  /** Of the one inline script, for the Content-Security-Policy. */
  readonly scriptHash: string;
}

let page: Page | undefined;

/** The templates, read and compiled once. Style and script are partials, so that no text needs to skip escaping. */
export function reportPage(): Page {
  page ??= compilePage();
  return page;
}

function compilePage(): Page {
  const handlebars = Handlebars.create();
  for (const file of readdirSync(FOLDER)) {
    if (file.endsWith('.hbs')) handlebars.registerPartial(file.slice(0, -'.hbs'.length), read(file));
  }
  const script = read('report.js');
  handlebars.registerPartial('style', read('report.css'));
  handlebars.registerPartial('script', script);
  handlebars.registerHelper('same', (text: Bilingual) => text.en === text.zh);
  handlebars.registerHelper('svg', (image: SvgNode) => new Handlebars.SafeString(serialise(image)));
  handlebars.registerHelper('long', (text: Bilingual) => Math.max(text.en.length, text.zh.length) > 26);
  handlebars.registerHelper('join', (first: unknown, second: unknown) => `${first}-${second}`);
  const template = handlebars.compile('{{> page}}', { strict: false });
  return {
    render: (view, helpers) => template(view, helpers === undefined ? {} : { helpers }),
    scriptHash: createHash('sha256').update(script).digest('base64'),
  };
}
