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
  /** Paths of the parallel groups around it, as text, outermost first. */
  readonly groups: readonly string[];
}

type Unnamed = Omit<OutlineStep, 'id' | 'given'>;

const VERBS: readonly Verb[] = [
  'inject',
  'heal',
  'recover',
  'backup',
  'restore',
  'decide',
  'degrade',
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
  const phases = isMapValue(value) && isMapValue(value.phases) ? value.phases : {};
  const found = PHASES.flatMap((phase) => {
    const raw = phases[phase];
    return isMapValue(raw)
      ? stepsIn(raw.steps, { path: ['phases', phase, 'steps'], phase, groups: [] })
      : stepsIn(raw, { path: ['phases', phase], phase, groups: [] });
  });
  return withIds(found);
}

export const idsOf = (outline: readonly OutlineStep[]): ReadonlyMap<string, string> =>
  new Map(outline.map((step) => [pathText(step.path), step.id]));

function stepsIn(list: unknown, at: Pick<Unnamed, 'path' | 'phase' | 'groups'>): readonly Unnamed[] {
  if (!Array.isArray(list)) return [];
  const items: readonly unknown[] = list;
  return items.flatMap((item, index) => {
    const raw = isMapValue(item) ? item : {};
    const path = [...at.path, index];
    const verb = VERBS.find((name) => Object.hasOwn(raw, name)) ?? null;
    const inside = { path: [...path, 'parallel'], phase: at.phase, groups: [...at.groups, pathText(path)] };
    return [{ ...at, path, verb, raw }, ...stepsIn(raw.parallel, inside)];
  });
}

function withIds(steps: readonly Unnamed[]): readonly OutlineStep[] {
  const given = steps.map((step) => (typeof step.raw.id === 'string' ? step.raw.id : null));
  const taken = new Set(given.filter((id) => id !== null));
  return steps.map((step, index) => {
    const own = given[index] ?? null;
    if (own !== null) return { ...step, id: own, given: true };
    const id = firstFree(defaultId(step), taken);
    taken.add(id);
    return { ...step, id, given: false };
  });
}

function firstFree(base: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(id)) return id;
  }
}

/** Verb and object: `inject-node.kill`. An object that is no plain word (a path, a sentence) is left out. */
function defaultId({ verb, raw }: Unnamed): string {
  if (verb === null) return 'step';
  const value = raw[verb];
  const object = isMapValue(value) ? value.id : verb === 'degrade' ? String(value) : value;
  const speaks =
    verb !== 'manual' && verb !== 'wait' && typeof object === 'string' && new RegExp(STEP_ID_PATTERN).test(object);
  return speaks ? `${verb}-${object}` : verb;
}
