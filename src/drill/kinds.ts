/** What each kind of drill needs and must not have (semantics.md, "What counts as a valid run"). */

import type { Catalog } from '../core/catalog.js';
import { DRILL_KINDS, type DrillKind, type Verb } from '../core/drill.js';
import type { Fault } from '../core/fault.js';
import type { Probe } from '../core/probe.js';
import { isMapValue } from '../core/shape.js';
import { type Bilingual, bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';
import type { Checked } from './earlier-step.js';
import type { OutlineStep } from './outline.js';

const TOUCHES_WORLD: readonly Verb[] = ['inject', 'heal', 'recover', 'backup', 'restore', 'degrade'];

export function checkKind(
  checked: Checked,
  catalogs: { readonly faults: Catalog<Fault>; readonly probes: Catalog<Probe> },
): void {
  const kind = DRILL_KINDS.find((name) => name === checked.value.kind);
  if (kind === undefined) return;
  if (kind === 'tabletop') checkTabletop(checked, catalogs.probes);
  else checkLive(checked, kind);
  for (const step of checked.outline) checkFaultNodes(checked, step, catalogs.faults);
}

function checkTabletop({ document, value, outline }: Checked, probes: Catalog<Probe>): void {
  for (const key of ['target', 'traffic', 'steadyState'].filter((name) => Object.hasOwn(value, name))) {
    const message = bi(`a tabletop has no “${key}”: nothing is touched`, `桌面推演不能有“${key}”：不触碰任何系统`);
    document.report({ path: [key], what: 'key', message });
  }
  for (const step of outline) {
    const { verb } = step;
    if (verb === null) continue;
    const probe = verb === 'check' ? probes.find(String(step.raw.check)) : undefined;
    if (!TOUCHES_WORLD.includes(verb) && probe?.needs !== 'cluster') continue;
    const what = probe === undefined ? verb : `${verb}: ${probe.name}`;
    const message = bi(
      `a tabletop cannot have ${quoted(what)}: nothing is touched`,
      `桌面推演不能有${quoted(what)}：不触碰任何系统`,
    );
    document.report({ path: [...step.path, verb], what: 'key', message });
  }
  if (!outline.some((step) => step.verb === 'situation')) {
    needs(document, bi('a tabletop needs at least one “situation”', '桌面推演至少需要一个“situation”'));
  }
}

function checkLive({ document, value, outline }: Checked, kind: Exclude<DrillKind, 'tabletop'>): void {
  const uses = (...verbs: readonly Verb[]): boolean =>
    outline.some(({ verb }) => verb !== null && verbs.includes(verb));
  const need = (there: boolean, message: Bilingual, hint?: Bilingual): void => {
    if (!there) needs(document, message, hint);
  };
  const what = bi(`a ${kind} drill needs`, `${kind} 演练需要`);
  need(Object.hasOwn(value, 'target'), bi(`${what.en} a “target”`, `${what.zh}“target”`), TARGET_HINT);
  checkEnvironment(document, value);
  if (kind === 'partial') {
    need(
      uses('inject', 'restore', 'recover', 'check'),
      bi(
        `${what.en} an “inject”, “restore”, “recover” or “check” step`,
        `${what.zh}“inject”、“restore”、“recover”或“check”步骤`,
      ),
    );
    return;
  }
  need(uses('inject'), bi(`${what.en} an “inject” step`, `${what.zh}“inject”步骤`));
  need(Object.hasOwn(value, 'traffic'), bi(`${what.en} “traffic”`, `${what.zh}“traffic”`), TRAFFIC_HINT);
  if (kind !== 'full-flow') return;
  const full = outline.some(({ verb, raw }) => verb === 'restore' && !Object.hasOwn(raw, 'service'));
  need(full, bi(`${what.en} a “restore” of the whole registry`, `${what.zh}对整个注册中心的“restore”`), RESTORE_HINT);
}

const TARGET_HINT = bi(
  'for example target: { registry: etcd, lab: antietcd-3 }',
  '例如 target: { registry: etcd, lab: antietcd-3 }',
);
const TRAFFIC_HINT = bi('“traffic: {}” takes the defaults', '“traffic: {}”表示使用默认值');
const RESTORE_HINT = bi('“- restore: latest”, without “service”', '“- restore: latest”，且不带“service”');

/** Breaking something outside a lab is confirmed with the name of its environment: it must have one. */
function checkEnvironment(document: Checked['document'], value: Checked['value']): void {
  const own = isMapValue(value.target) && Object.hasOwn(value.target, 'nodes');
  if (!own || Object.hasOwn(value, 'environment')) return;
  needs(
    document,
    bi(
      'a drill on your own nodes needs an “environment” with a name',
      '在自己的节点上演练需要写明“environment”及其名称',
    ),
    bi(
      'for example environment: { name: staging, production: false }',
      '例如 environment: { name: staging, production: false }',
    ),
  );
}

function checkFaultNodes({ document }: Checked, step: OutlineStep, faults: Catalog<Fault>): void {
  const fault = step.verb === 'inject' ? faults.find(String(step.raw.inject)) : undefined;
  if (fault === undefined) return;
  const chosen = Object.hasOwn(step.raw, 'on');
  if (fault.scope === 'node' && !chosen) {
    const message = bi(
      `the fault ${quoted(fault.name)} needs nodes: the key “on” is missing`,
      `故障${quoted(fault.name)}需要指定节点：缺少键“on”`,
    );
    const hint = bi('for example on: { role: leader }', '例如 on: { role: leader }');
    document.report({ path: [...step.path, 'inject'], message, hint });
  }
  if (fault.scope === 'data' && chosen) {
    const message = bi(
      `the fault ${quoted(fault.name)} acts on the content of the registry and takes no “on”`,
      `故障${quoted(fault.name)}作用于注册中心的数据，不能带“on”`,
    );
    document.report({ path: [...step.path, 'on'], what: 'key', message });
  }
}

const needs = (document: Checked['document'], message: Bilingual, hint?: Bilingual): void =>
  document.report({ path: ['kind'], message, hint });
