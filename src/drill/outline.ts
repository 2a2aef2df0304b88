/**
 * The steps of a file as far as they can be told without knowing whether it is valid: ids, order and references are
 * checked even where something else is wrong, so that all problems show at once.
 */
import { PHASES, type PhaseName, type Verb } from '../core/drill.js';
import { isMapValue } from '../core/shape.js';
import { type DocumentPath, pathText } from '../core/yaml-document.js';
import { STEP_ID_PATTERN } from './words.js';

export interface OutlineStep {
  readonly path: DocumentPath;
  readonly phase: PhaseName;
  /** Given or made; two given ones may be equal, which is a problem for references.ts. */
  readonly id: string;
  readonly given: boolean;
  readonly verb: Verb | null;
  readonly raw: Readonly<Record<string, unknown>>;
  /** The parallel groups around it, outermost first. */
  readonly groups: readonly OutlineStep[];
}

const VERBS: readonly Verb[] = [
  'inject',
  'heal',
  'recover',
  'backup',
  'restore',
  'check',
  'manual',
  'document',
  'situation',
  'problem',
  'parallel',
  'run',
  'wait',
];

export function outlineOf(value: unknown): readonly OutlineStep[] {
  const found: Omit<OutlineStep, 'id' | 'given'>[] = [];
  const phases = isMapValue(value) && isMapValue(value.phases) ? value.phases : {};
  for (const phase of PHASES) {
    const raw = phases[phase];
    const nested = isMapValue(raw) ? ['steps'] : [];
    collect({ list: isMapValue(raw) ? raw.steps : raw, path: ['phases', phase, ...nested], phase, groups: [] }, found);
  }
  return withIds(found);
}

export const idsOf = (outline: readonly OutlineStep[]): ReadonlyMap<string, string> =>
  new Map(outline.map((step) => [pathText(step.path), step.id]));

type Unnamed = Omit<OutlineStep, 'id' | 'given'>;

function collect(
  at: {
    readonly list: unknown;
    readonly path: DocumentPath;
    readonly phase: PhaseName;
    readonly groups: readonly Unnamed[];
  },
  found: Unnamed[],
): void {
  if (!Array.isArray(at.list)) return;
  const items: readonly unknown[] = at.list;
  for (const [index, item] of items.entries()) {
    const raw = isMapValue(item) ? item : {};
    const path = [...at.path, index];
    const verb = VERBS.find((name) => Object.hasOwn(raw, name)) ?? null;
    const step: Unnamed = { path, phase: at.phase, verb, raw, groups: [] };
    found.push(step);
    collect({ list: raw.parallel, path: [...path, 'parallel'], phase: at.phase, groups: [...at.groups, step] }, found);
  }
}
