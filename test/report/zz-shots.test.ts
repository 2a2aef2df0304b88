import { mkdirSync, writeFileSync } from 'node:fs';
import { it } from 'vitest';
import { renderAll } from '../../src/report/index.js';
import { fixture, refusedInput } from './fixture.js';
import { buildResult } from '../../src/report/index.js';
it('writes', () => {
  for (const [dir, input] of [['full', fixture()], ['refused', { result: buildResult(refusedInput()), events: refusedInput().events }], ['hostile', fixture({ name: '</script><img src=x onerror=alert(1)>\u001b[31m\u202Egnp.exe|`x`\nzwei & "q"' })]] as const) {
    mkdirSync(`/tmp/fd/${dir}`, { recursive: true });
    for (const { fileName, text } of renderAll(input)) { writeFileSync(`/tmp/fd/${dir}/${fileName}`, text); console.log(dir, fileName, text.length); }
  }
});
