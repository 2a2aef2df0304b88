import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rubric } from '../core/rubric.js';
import { parseRubric } from '../score/index.js';
import { packageRoot } from './context.js';

export const readRubric = (): Rubric =>
  parseRubric(readFileSync(join(packageRoot, 'templates', 'rubrics', 'default.yaml'), 'utf8'));
