import { clean } from '../text/clean.js';

/** Text that stays text in GitHub-flavoured Markdown, on one line, also inside a table cell. */
export const mdText = (text: string): string =>
  mdHtml(text)
    .replace(/[\\`*_[\]|~$]/g, '\\$&')
    .replace(/\t/g, ' ');

/** Text inside an HTML tag that Markdown leaves alone, such as a summary. */
export const mdHtml = (text: string): string =>
  clean(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/\n/g, '<br>');

/** A line that must not turn into a heading or a list because of how it begins. */
export const mdLine = (line: string): string => line.replace(/^(\s*\d*)([#+.)-])/, '$1\\$2');
