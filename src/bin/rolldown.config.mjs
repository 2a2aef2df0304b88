/** Bundles `dist/cli/main.js` for a quick start; what does not change after the build is worked out here, once. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { defineConfig } from 'rolldown';

/** `*.built.js` is run now, and the bundle holds the values that it exports. */
const builtValues = {
  name: 'built-values',
  async load(id) {
    if (!id.endsWith('.built.js')) return null;
    const values = Object.entries(await import(id));
    return values.map(([name, value]) => `export const ${name} = ${literal(value)};`).join('\n');
  },
};

/** A value as source text. Only what templates and JSON are made of: a function must not use what surrounds it. */
function literal(value) {
  if (typeof value === 'function') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  const parts = Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${literal(part)}`);
  return `{ ${parts.join(', ')} }`;
}

/** The cache of an older bundle never meets a newer one. */
const codeCache = {
  name: 'code-cache',
  buildStart: () => rmSync('dist/bin/firedrill.cjs.cache', { force: true }),
  writeBundle: () => void execFileSync(process.execPath, ['src/bin/code-cache.mjs'], { stdio: 'pipe' }),
};

export default defineConfig({
  input: 'dist/cli/main.js',
  platform: 'node',
  // Loaded only when a container is drilled, and parts of it are compiled code.
  external: ['dockerode'],
  plugins: [builtValues, codeCache],
  // The templates are compiled by now: of Handlebars only what fills them in is needed.
  resolve: { alias: { handlebars: 'handlebars/runtime.js' } },
  output: { file: 'dist/bin/firedrill.cjs', format: 'cjs', codeSplitting: false },
  logLevel: 'warn',
});
