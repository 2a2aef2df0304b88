/**
 * SVG as a tree of plain values. Text and attributes become markup in `serialise` only, where both are escaped, so a
 * hostile name cannot leave its place; the page accepts no other markup.
 */
import { type Bilingual, LANGS } from '../../core/text.js';

export interface SvgNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly (SvgNode | string)[];
}

type SvgName = 'svg' | 'g' | 'defs' | 'pattern' | 'path' | 'rect' | 'line' | 'circle' | 'polygon' | 'text' | 'title';

export const el = (
  name: SvgName,
  attributes: SvgNode['attributes'],
  ...children: readonly (SvgNode | string)[]
): SvgNode => ({ name, attributes, children });

const LANG_TAGS = { en: 'en', zh: 'zh-CN' } as const;

/** A label in both languages; the page's CSS shows one. The same text in both is written once. */
export function label(attributes: SvgNode['attributes'], text: Bilingual): readonly SvgNode[] {
  if (text.en === text.zh) return [el('text', attributes, text.en)];
  return LANGS.map((lang) => el('text', { ...attributes, lang: LANG_TAGS[lang] }, text[lang]));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};
const escapeMarkup = (text: string): string => text.replace(/[&<>"'`]/g, (char) => ESCAPES[char] ?? char);

export function serialise(node: SvgNode | string): string {
  if (typeof node === 'string') return escapeMarkup(node);
  const attributes = Object.entries(node.attributes)
    .map(([key, value]) => ` ${key}="${escapeMarkup(typeof value === 'number' ? rounded(value) : value)}"`)
    .join('');
  return `<${node.name}${attributes}>${node.children.map(serialise).join('')}</${node.name}>`;
}

const rounded = (value: number): string => String(Math.round(value * 100) / 100);
