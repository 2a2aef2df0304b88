import Handlebars from 'handlebars';
import type { Bilingual } from '../../core/text.js';
import { type SvgNode, serialise } from '../svg/element.js';
import { templates } from './templates.built.js';

/** Makes the page of a view. Anything the templates print is escaped by Handlebars. */
export type PageTemplate = (view: object, helpers: Handlebars.RuntimeOptions['helpers']) => string;

/** `page.hbs` with every other template as a partial. */
export function pageTemplate(): PageTemplate {
  const handlebars = Handlebars.create();
  for (const [name, template] of Object.entries(templates)) {
    handlebars.registerPartial(name, handlebars.template(template));
  }
  handlebars.registerHelper('same', (text: Bilingual) => text.en === text.zh);
  handlebars.registerHelper('svg', (image: SvgNode) => new Handlebars.SafeString(serialise(image)));
  handlebars.registerHelper('long', (text: Bilingual) => Math.max(text.en.length, text.zh.length) > 26);
  handlebars.registerHelper('join', (first: unknown, second: unknown) => `${first}-${second}`);
  const page = handlebars.partials.page;
  return (view, helpers) => page(view, helpers === undefined ? {} : { helpers });
}
