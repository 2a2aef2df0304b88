import { readFileSync } from 'node:fs';

/** Of Firedrill itself, from package.json. */
export const version = (): string => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
};
