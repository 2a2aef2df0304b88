/** A step that speaks of an earlier one. */
import type { RecoveryPlan } from '../core/recovery-plan.js';
import { nameHint } from '../core/shape.js';
import { type Bilingual, bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';
import { type DocumentPath, pathText, type YamlDocument } from '../core/yaml-document.js';
import type { OutlineStep } from './outline.js';

export interface Checked {
  readonly document: YamlDocument;
  readonly value: Readonly<Record<string, unknown>>;
  readonly outline: readonly OutlineStep[];
  /** Null when it could not be loaded: what depends on it is not judged. */
  readonly plan: RecoveryPlan | null;
}

export interface Reference {
  readonly of: OutlineStep;
  readonly index: number;
  readonly wanted: unknown;
  readonly path: DocumentPath;
  readonly fits: (target: OutlineStep) => boolean;
  readonly misfit: Bilingual;
}

/** The step that is meant; null when it was reported, or when the name is not even a text. */
export function earlierStep({ document, outline }: Checked, reference: Reference): OutlineStep | null {
  const { of, index, wanted, path, fits, misfit } = reference;
  if (typeof wanted !== 'string') return null;
  const at = outline.findIndex((candidate) => candidate.id === wanted);
  const target = outline[at];
  const earlier = outline.slice(0, index).filter(fits);
  const complain = (message: Bilingual, hint?: Bilingual): null => {
    document.report({ path, message, hint });
    return null;
  };
  if (target === undefined) {
    const names = earlier.map((candidate) => candidate.id);
    return complain(
      bi(`no step has the id ${quoted(wanted)}`, `没有标识为${quoted(wanted)}的步骤`),
      nameHint(wanted, names),
    );
  }
  if (at === index) return complain(bi('a step cannot refer to itself', '步骤不能引用自身'));
  const { line } = document.locate(target.path);
  if (at > index) {
    return complain(
      bi(`the step ${quoted(wanted)} comes later (line ${line})`, `步骤${quoted(wanted)}在后面（第 ${line} 行）`),
    );
  }
  if (sideBySide(of, target)) {
    return complain(bi(`the step ${quoted(wanted)} runs at the same time`, `步骤${quoted(wanted)}与本步骤同时运行`));
  }
  return fits(target) ? target : complain(bi(`${quoted(wanted)}: ${misfit.en}`, `${quoted(wanted)}：${misfit.zh}`));
}

/** Members of one group, or a group and its own member. */
const sideBySide = (step: OutlineStep, target: OutlineStep): boolean =>
  target.groups.some((group) => step.groups.includes(group)) || step.groups.includes(pathText(target.path));
