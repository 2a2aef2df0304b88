import type { Selector } from '../core/drill.js';
import { complain, integer, isMapValue, type JsonSchema, nameOf, refTo, type Shape, wrongType } from '../core/shape.js';
import { object, oneOrMore, optional, recordOf } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { count, name, stepId, word } from './words.js';

const ROLES = ['leader', 'follower', 'any'] as const;
const WORDS = bi(
  'a way of choosing nodes: { role }, { name }, { site }, { label }, { step } or { random }',
  '选择节点的方式：{ role }、{ name }、{ site }、{ label }、{ step } 或 { random }',
);

const fields = {
  role: optional(
    nameOf(ROLES, bi('a role of a node', '节点角色')),
    'leader, follower or any',
    'leader、follower 或 any',
  ),
  name: optional(
    oneOrMore(name, bi('a list of names', '名称列表')),
    'node name, or a list of them',
    '节点名，或节点名列表',
  ),
  site: optional(name, 'all nodes of this site', '该站点的所有节点'),
  label: optional(
    recordOf(word, { key: name, what: bi('one label { key: value }', '一个标签 { 键: 值 }') }),
    'all nodes with this label { key: value }',
    '带有此标签 { 键: 值 } 的所有节点',
  ),
  step: optional(stepId, 'the nodes that this earlier step chose', '先前某步骤所选的节点'),
  random: optional(
    integer(0, Number.MAX_SAFE_INTEGER),
    'by chance, from this seed: the same seed chooses the same nodes',
    '按此种子随机选择：同一种子选出同样的节点',
  ),
  count: optional(
    count,
    'how many of them; default: all by name, site, label or step, else one',
    '取其中几个；默认：按名称、站点、标签或步骤时为全部，否则为一个',
  ),
};

const read = object(fields, WORDS);

export const selectorDefinition = (): JsonSchema => ({
  ...read.schema,
  oneOf: Object.keys(fields)
    .filter((key) => key !== 'count')
    .map((key) => ({ required: [key] })),
});

export const selector: Shape<Selector> = {
  schema: refTo('selector'),
  read: (place) => {
    const whole = read.read(place);
    if (whole === undefined || !isMapValue(place.value)) return undefined;
    const ways = Object.keys(place.value).filter((key) => key !== 'count');
    if (ways.length !== 1) return wrongType(place, bi(`exactly one ${WORDS.en.slice(2)}`, `恰好一种${WORDS.zh}`));
    const by = chosenBy(whole);
    if (by === null) return complain(place, bi('one label, not several', '只能写一个标签'));
    return { by, ...(whole.count === undefined ? {} : { count: whole.count }) };
  },
};

type Read = NonNullable<ReturnType<typeof read.read>>;

function chosenBy(whole: Read): Selector['by'] | null {
  if (whole.role !== undefined) return { kind: 'role', role: whole.role };
  if (whole.name !== undefined) return { kind: 'name', names: [...new Set(whole.name)] };
  if (whole.site !== undefined) return { kind: 'site', site: whole.site };
  if (whole.step !== undefined) return { kind: 'step', step: whole.step };
  if (whole.random !== undefined) return { kind: 'random', seed: whole.random };
  const labels = Object.entries(whole.label ?? {});
  const [first] = labels;
  return labels.length === 1 && first !== undefined ? { kind: 'label', label: first[0], value: first[1] } : null;
}
