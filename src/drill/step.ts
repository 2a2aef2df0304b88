import { nearestName } from '../core/catalog.js';
import { type Condition, LEVELS, type Step, type StepCommon, type Verb } from '../core/drill.js';
import { OUTCOMES } from '../core/outcome.js';
import {
  boolean,
  complain,
  didYouMean,
  isMapValue,
  nameOf,
  type Place,
  refTo,
  type Shape,
  text,
  wrongType,
} from '../core/shape.js';
import { type Fields, object, oneOrMore, optional, readFields, reportKeys, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';
import { pathText } from '../core/yaml-document.js';
import type { DrillCatalogs } from './catalogs.js';
import { stepSchema } from './step-schema.js';
import type { VerbSpec } from './verb.js';
import { verbTable } from './verbs.js';
import { anyDuration, stepId, word } from './words.js';

const ended = object(
  {
    step: required(stepId, 'id of an earlier step', '先前步骤的标识'),
    is: required(nameOf(OUTCOMES, bi('an outcome', '结果')), 'how that step must have ended', '该步骤须有的结果'),
  },
  bi('a condition { step, is }', '条件 { step, is }'),
);

const decided = object(
  {
    decision: required(stepId, 'id of an earlier decide step', '先前 decide 步骤的标识'),
    is: required(
      oneOrMore(stepId, bi('an outcome of its tree, or a list of them', '其决策树的结果，或结果列表')),
      'an outcome of its tree, or a list of them',
      '其决策树的结果，或结果列表',
    ),
  },
  bi('a condition { decision, is }', '条件 { decision, is }'),
);

const when: Shape<Condition> = {
  schema: { anyOf: [ended.schema, decided.schema] },
  read: (place) => {
    const ofDecision = isMapValue(place.value) && Object.hasOwn(place.value, 'decision');
    return ofDecision ? decided.read(place) : ended.read(place);
  },
};

/** What every step may say, whatever its verb. */
const commonFields = {
  id: optional(
    stepId,
    'name of the step; default: verb and object, as in inject-node.kill',
    '步骤名；默认由动词与对象组成，如 inject-node.kill',
  ),
  title: optional(text, 'what the step is for', '步骤的目的'),
  by: optional(stepId, 'role that has to do it', '负责执行的角色'),
  within: optional(anyDuration, 'deadline: later is a failure', '期限：超时即失败'),
  expect: optional(anyDuration, 'planned time: longer is a finding', '计划用时：超出会记为发现项'),
  milestone: optional(word, 'milestone of the recovery plan, such as T+5m', '恢复预案的里程碑，例如 T+5m'),
  when: optional(
    when,
    'runs only when an earlier step ended so, or an earlier decision came out so',
    '仅当先前步骤为此结果、或先前决策得出此结果时执行',
  ),
  continueOnFailure: optional(boolean, 'the drill goes on when this step fails', '此步骤失败时演练继续'),
  severity: optional(
    nameOf(LEVELS, bi('a priority', '优先级')),
    'priority of the issue if it fails',
    '失败时所生成问题的优先级',
  ),
};

/** Path of a step in the file → its id, given or made. */
export type StepIds = ReadonlyMap<string, string>;

/** One step, dispatched by its verb: one mistake gives one message, not one for every verb. */
export function stepShape(catalogs: DrillCatalogs, ids: StepIds): Shape<Step> {
  const shape: Shape<Step> = {
    // A member of a group is any step again.
    schema: refTo('step'),
    read: (place) => readStep(place, table, ids),
  };
  const table = verbTable(catalogs, shape);
  return shape;
}

export const stepDefinition = (catalogs: DrillCatalogs) =>
  stepSchema(verbTable(catalogs, stepShape(catalogs, new Map())), commonFields);

function readStep(place: Place, table: readonly VerbSpec[], ids: StepIds): Step | undefined {
  const spec = verbOf(place, table);
  if (spec === null) return undefined;
  const common = Object.fromEntries(Object.entries(commonFields).filter(([key]) => !(key in spec.fields)));
  const known = reportKeys(place, { ...common, ...spec.fields });
  const rest = readCommon(place, common, ids);
  const action = spec.read(place);
  return known && rest !== undefined && action !== undefined ? { ...rest, ...action } : undefined;
}

function readCommon(place: Place, fields: Fields, ids: StepIds): StepCommon | undefined {
  const read = readFields(place, fields as typeof commonFields);
  const id = ids.get(pathText(place.path));
  if (read === undefined || id === undefined) return undefined;
  const { within, expect, continueOnFailure = false, ...rest } = read;
  return {
    ...rest,
    id,
    continueOnFailure,
    ...(within === undefined ? {} : { withinMs: within }),
    ...(expect === undefined ? {} : { expectMs: expect }),
  };
}

/** The one verb of a step; null after it was reported that there is none, or more than one. */
function verbOf(place: Place, table: readonly VerbSpec[]): VerbSpec | null {
  const { value, document, path } = place;
  const names = table.map((spec) => spec.verb);
  if (!isMapValue(value)) {
    wrongType(place, bi('a step with one verb', '带有一个动词的步骤'), verbsHint(names));
    return null;
  }
  const [first, second] = Object.keys(value).filter((key) => names.some((verb) => verb === key));
  if (first !== undefined && second === undefined) return table.find((spec) => spec.verb === first) ?? null;
  if (first !== undefined && second !== undefined) {
    const message = bi(
      `a step has one verb, this one has two: “${first}” and “${second}”`,
      `每个步骤只能有一个动词，此处有两个：“${first}”和“${second}”`,
    );
    document.report({ path: [...path, second], what: 'key', message });
    return null;
  }
  reportNoVerb(place, value, names);
  return null;
}

function reportNoVerb(place: Place, value: Readonly<Record<string, unknown>>, verbs: readonly Verb[]): void {
  const strangers = Object.keys(value).filter((key) => !(key in commonFields));
  const typo = strangers.find((key) => nearestName(key.toLowerCase(), verbs) !== null) ?? strangers[0];
  if (typo === undefined) {
    complain(place, bi('this step has no verb', '此步骤缺少动词'), verbsHint(verbs));
    return;
  }
  const near = nearestName(typo.toLowerCase(), verbs);
  place.document.report({
    path: [...place.path, typo],
    what: 'key',
    message: bi(`${quoted(typo)} is no verb of a step`, `${quoted(typo)}不是步骤的动词`),
    hint: near === null ? verbsHint(verbs) : didYouMean(near),
  });
}

const verbsHint = (verbs: readonly Verb[]) => bi(`verbs: ${verbs.join(', ')}`, `动词：${verbs.join('、')}`);
