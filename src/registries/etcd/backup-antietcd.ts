import { open } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { WorldError } from '../../core/errors.js';
import type { NativeBackup } from '../../core/registry.js';
import { bi } from '../../core/text.js';
import { readAnswer, within } from './answer.js';
import { dumpProblem, persistentPart } from './dump.js';
import type { Gateway } from './gateway.js';
import { isObject } from './json.js';
import { dataOf } from './node-data.js';

export const ANTIETCD_COPY = 'antietcd-dump.json.gz';

/** antietcd keeps its data in one file, gzipped JSON; a dump without what is leased is the same thing. */
export const antietcdBackup = (gatewayOf: (node: string) => Gateway): NativeBackup => ({
  fileName: ANTIETCD_COPY,
  exportFrom: (node, options) =>
    within(options, async (signal) => {
      const answer = readAnswer(await gatewayOf(node).post('/dump', {}, signal));
      if (answer.outcome !== 'ok') return answer;
      const content = persistentPart(answer.value);
      const problem = isObject(answer.value.state) ? dumpProblem(content) : 'it has no `state`';
      if (problem !== null) return { outcome: 'unknown', reason: `the answer is not a dump: ${problem}` };
      return { outcome: 'ok', value: gzipSync(JSON.stringify(content, sortedKeys)) };
    }),
  check: dumpFileProblem,
  place: async (bytes, node) => {
    const path = dataOf(node);
    try {
      // `wx`: it never overwrites data that somebody forgot to clear.
      const file = await open(path, 'wx');
      await file.writeFile(bytes);
      await file.sync();
      await file.close();
    } catch (error) {
      throw new WorldError({
        code: 'place-failed',
        message: bi(
          `the data file ${path} of ${node.name} could not be written: ${error}`,
          `无法写入 ${node.name} 的数据文件 ${path}：${error}`,
        ),
        cause: error,
      });
    }
    return [path];
  },
});

/** Equal content gives equal bytes. */
const sortedKeys = (_: string, value: unknown): unknown =>
  isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;

export function dumpFileProblem(bytes: Uint8Array): string | null {
  try {
    return dumpProblem(JSON.parse(gunzipSync(bytes).toString()));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
