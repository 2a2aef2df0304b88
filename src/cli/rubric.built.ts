import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { templatesDir } from '../core/package-root.js';
import type { Rubric } from '../core/rubric.js';
import { parseRubric } from '../score/index.js';

/** The rubric that comes with Firedrill. */
export const defaultRubric: Rubric = parseRubric(readFileSync(join(templatesDir, 'rubrics', 'default.yaml'), 'utf8'));
