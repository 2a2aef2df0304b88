import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { runInThisContext } from 'node:vm';
import Handlebars from 'handlebars';
import { templatesDir } from '../../core/package-root.js';

const FOLDER = join(templatesDir, 'report');
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const compiled = (source: string): TemplateSpecification => runInThisContext(`(${Handlebars.precompile(source)})`);

/** By name. Style and script are partials, so that no text needs to skip escaping. */
export const templates: Readonly<Record<string, TemplateSpecification>> = {
  ...Object.fromEntries(
    readdirSync(FOLDER)
      .filter((file) => extname(file) === '.hbs')
      .map((file) => [basename(file, '.hbs'), compiled(read(file))]),
  ),
  style: compiled(read('report.css')),
  script: compiled(read('report.js')),
};

/** Of the one inline script, for the Content-Security-Policy. */
export const scriptHash: string = createHash('sha256').update(read('report.js')).digest('base64');
