import { InputError, invariant } from '../core/errors.js';
import type { RecoveryPlan } from '../core/recovery-plan.js';
import { isMapValue, type JsonSchema, nameHint, TEXT_DEFINITION } from '../core/shape.js';
import { bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';
import { type InputFile, inOrder, openYaml, type YamlDocument } from '../core/yaml-document.js';
import { planFile } from './file.js';

/** Throws InputError with every problem of the file. */
export function loadRecoveryPlan(input: InputFile): RecoveryPlan {
  const { document } = openYaml(input);
  const plan = planFile.read({ document, path: [], value: document.value });
  if (isMapValue(document.value)) {
    checkContacts(document, document.value);
    checkMilestones(document, document.value);
  }
  if (document.problems.length > 0) throw new InputError(inOrder(document.problems));
  invariant(plan !== undefined, 'a recovery plan without problems was not read');
  return plan;
}

/** JSON Schema (draft-07) of a recovery plan file. */
export const recoveryPlanSchema = (): JsonSchema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Firedrill recovery plan',
  description: 'Levels, roles, contacts, milestones and objective presets: recovery-plan.yaml',
  'x-description-zh': '恢复预案：级别、角色、联系人、里程碑与目标预设',
  ...planFile.schema,
  definitions: { text: TEXT_DEFINITION },
});

type Raw = Readonly<Record<string, unknown>>;

function checkContacts(document: YamlDocument, value: Raw): void {
  const roles = isMapValue(value.roles) ? Object.keys(value.roles) : [];
  for (const [index, contact] of itemsOf(value.contacts).entries()) {
    const { role } = contact;
    if (typeof role !== 'string' || roles.includes(role)) continue;
    const message = bi(`this plan has no role ${quoted(role)}`, `本预案中没有角色${quoted(role)}`);
    document.report({ path: ['contacts', index, 'role'], message, hint: nameHint(role, roles) });
  }
}

function checkMilestones(document: YamlDocument, value: Raw): void {
  const seen = new Set<string>();
  for (const [index, { id }] of itemsOf(value.milestones).entries()) {
    if (typeof id !== 'string') continue;
    if (seen.has(id)) {
      const message = bi(`two milestones have the id ${quoted(id)}`, `两个里程碑的标识都是${quoted(id)}`);
      document.report({ path: ['milestones', index, 'id'], message });
    }
    seen.add(id);
  }
}

function itemsOf(value: unknown): readonly Raw[] {
  if (!Array.isArray(value)) return [];
  const items: readonly unknown[] = value;
  return items.map((item) => (isMapValue(item) ? item : {}));
}
