// Renders the fixture in this process's own zone and locale and prints a hash per file.
import { createHash } from 'node:crypto';
import { register } from 'node:module';

register('./typescript-loader.mjs', import.meta.url);
const { renderAll } = await import('../../src/report/index.ts');
const { fixture } = await import('./fixture.ts');
for (const { fileName, text } of renderAll(fixture())) {
  process.stdout.write(`${fileName} ${createHash('sha256').update(text).digest('hex')}\n`);
}
