import { InputError, invariant } from '../core/errors.js';
import type { RecoveryPlan } from '../core/recovery-plan.js';
import { isMapValue, type JsonSchema, TEXT_DEFINITION } from '../core/shape.js';
import { type InputFile, inOrder, openYaml } from '../core/yaml-document.js';
import { planFile } from './file.js';
import { checkReferences } from './references.js';

/** Throws InputError with every problem of the file. */
export function loadRecoveryPlan(input: InputFile): RecoveryPlan {
  const { document } = openYaml(input);
  const plan = planFile.read({ document, path: [], value: document.value });
  if (isMapValue(document.value)) checkReferences(document, document.value);
  if (document.problems.length > 0) throw new InputError(inOrder(document.problems));
  invariant(plan !== undefined, 'a recovery plan without problems was not read');
  return plan;
}

/** JSON Schema (draft-07) of a recovery plan file. */
export const recoveryPlanSchema = (): JsonSchema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Firedrill recovery plan',
  description: 'Who decides what and when, where backups are kept and how the registry comes back: recovery-plan.yaml',
  'x-description-zh': '恢复预案：谁在何时决定什么、备份存放在哪里、注册中心如何恢复',
  ...planFile.schema,
  definitions: { text: TEXT_DEFINITION },
});
