/** Everything a person reads exists in both languages; a missing one does not compile. */
export const LANGS = ['en', 'zh'] as const;
export type Lang = (typeof LANGS)[number];

/** A text of Firedrill's own: always both languages. */
export type Bilingual = Readonly<Record<Lang, string>>;

/** A text out of a drill or plan file: one string for both languages, or one per language. */
export type Text = string | Bilingual;

export const bi = (en: string, zh: string): Bilingual => ({ en, zh });

export const textIn = (text: Text, lang: Lang): string => (typeof text === 'string' ? text : text[lang]);

/** A person's text as both languages: a plain string reads the same in each. */
export const bilingual = (text: Text): Bilingual => (typeof text === 'string' ? { en: text, zh: text } : text);
