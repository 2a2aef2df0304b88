/**
 * Data as harmless, visible text: a terminal code, a NUL or a direction override is shown as what it is instead of
 * acting. Line breaks and tabs stay; each format escapes its own syntax afterwards.
 */
export function clean(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, (char) => String.fromCharCode(0x2400 + char.charCodeAt(0)))
    .replace(/\u007f/g, '\u2421')
    .replace(/[\u0080-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/g, named)
    .replace(/\p{Surrogate}/gu, '\ufffd');
}

const named = (char: string): string => `[U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`;

/** Every string inside a view, cleaned; the shape stays. */
export function cleanDeep<T>(value: T): T;
export function cleanDeep(value: unknown): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map(cleanDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cleanDeep(item)]));
}
