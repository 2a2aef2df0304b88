import { createHash } from 'node:crypto';
import type { TargetSpec } from '../core/drill.js';
import { InputError, type InputProblem, InvariantError, invariant, WorldError } from '../core/errors.js';
import type { LoadedDrill } from '../core/plan.js';
import type { RecoveryPlan } from '../core/recovery-plan.js';
import { isMapValue, type Shape } from '../core/shape.js';
import { object, required } from '../core/shape-object.js';
import { type Bilingual, bi } from '../core/text.js';
import { type InputFile, inOrder, openYaml, type YamlDocument } from '../core/yaml-document.js';
import { buildDrill } from './build.js';
import type { DrillCatalogs } from './catalogs.js';
import { drillFile } from './file-shape.js';
import { checkKind } from './kinds.js';
import { checkLimits } from './limits.js';
import { idsOf, outlineOf } from './outline.js';
import { checkReferences } from './references.js';
import { stepShape } from './step.js';
import { targetShape } from './target-shape.js';

export type DrillInput = InputFile &
  DrillCatalogs & {
    /** The recovery plan that the drill names, or the built-in one. May throw InputError. */
    readonly recoveryPlan: (relativePath: string | undefined) => RecoveryPlan;
  };

/** load → validate. Throws InputError with every problem of the drill (and of its recovery plan), in order. */
export function loadDrill(input: DrillInput): LoadedDrill {
  const { document, text } = openYaml(input);
  const value = isMapValue(document.value) ? document.value : {};
  const outline = outlineOf(value);
  const planProblems: InputProblem[] = [];
  const plan = planOf(input, { document, given: value.recoveryPlan, planProblems });
  const shape = drillFile(input, stepShape(input, idsOf(outline)));
  const file = shape.read({ document, path: [], value: document.value });
  const checked = { document, value, outline, plan };
  if (isMapValue(document.value)) {
    checkReferences(checked);
    checkKind(checked, input);
    checkLimits(checked);
  }
  const problems = [...document.problems, ...planProblems];
  if (problems.length > 0) throw new InputError(inOrder(problems));
  invariant(file !== undefined && plan !== null, 'a drill without problems was not read');
  const drill = buildDrill(file, plan);
  return { drill, path: input.path, source: text, sha256: createHash('sha256').update(text).digest('hex') };
}

function planOf(
  { recoveryPlan }: DrillInput,
  at: { readonly document: YamlDocument; readonly given: unknown; readonly planProblems: InputProblem[] },
): RecoveryPlan | null {
  const { document, given, planProblems } = at;
  if (given !== undefined && (typeof given !== 'string' || given === '')) return null;
  try {
    return recoveryPlan(given);
  } catch (error) {
    if (error instanceof InvariantError) throw error;
    if (error instanceof InputError) planProblems.push(...error.problems);
    else document.report({ path: ['recoveryPlan'], message: unreadable(error) });
    return null;
  }
}

function unreadable(error: unknown): Bilingual {
  if (error instanceof WorldError) return error.text;
  const why = error instanceof Error ? error.message : String(error);
  return bi(`the recovery plan cannot be read: ${why}`, `无法读取恢复预案：${why}`);
}

/** The target of a drill file, or of a file that holds only a `target`. Throws InputError. */
export function loadTarget(input: InputFile & Pick<DrillCatalogs, 'labs' | 'dir'>): TargetSpec {
  const { document } = openYaml(input);
  const target: Shape<TargetSpec> = targetShape(input);
  const holder = isMapValue(document.value) ? { target: document.value.target } : document.value;
  const present = isMapValue(document.value) && !Object.hasOwn(document.value, 'target') ? {} : holder;
  const shape = object(
    { target: required(target, 'the registry', '注册中心') },
    bi('a map with “target”', '带有“target”的映射'),
  );
  const read = shape.read({ document, path: [], value: present });
  if (document.problems.length > 0) throw new InputError(inOrder(document.problems));
  invariant(read !== undefined, 'a target without problems was not read');
  return read.target;
}
