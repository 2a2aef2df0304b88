import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearestName } from '../../core/catalog.js';
import { templatesDir } from '../../core/package-root.js';
import { bi } from '../../core/text.js';
import type { Action } from '../command.js';
import { UsageError } from '../failure.js';

const NAMES = ['drill', 'recovery-plan', 'result'] as const;

/** `schema [NAME]`: the published file, byte for byte. */
export const schema: Action = async ({ ctx, args }) => {
  const asked = typeof args[0] === 'string' ? args[0] : 'drill';
  const name = NAMES.find((known) => known === asked);
  if (name === undefined) {
    const near = nearestName(asked, NAMES);
    throw new UsageError(
      bi(
        `There is no schema "${asked}"${near === null ? '' : `; did you mean "${near}"?`} Schemas: ${NAMES.join(', ')}.`,
        `没有名为 "${asked}" 的 schema${near === null ? '' : `，是否想写 "${near}"？`} 可用：${NAMES.join('、')}。`,
      ),
    );
  }
  ctx.out(readFileSync(join(templatesDir, 'schema', `${name}.schema.json`), 'utf8').trimEnd());
  return 0;
};
