/** Names inside a plan that must fit each other, looked at in the file itself: also when other parts of it cannot be read. */
import { isMapValue, nameHint } from '../core/shape.js';
import { type Bilingual, bi } from '../core/text.js';
import { quoted } from '../core/visible-text.js';
import type { DocumentPath, YamlDocument } from '../core/yaml-document.js';
import { checkTrees } from './tree-references.js';

export type Raw = Readonly<Record<string, unknown>>;

interface Reference {
  readonly path: DocumentPath;
  readonly name: unknown;
}

export function checkReferences(document: YamlDocument, plan: Raw): void {
  checkNames(document, { names: namesOf(plan.roles), what: bi('role', '角色') }, roleReferences(plan));
  checkNames(document, { names: namesOf(plan.sites), what: bi('site', '站点') }, tierSites(plan));
  checkNames(
    document,
    { names: namesOf(plan.distances), what: bi('distance', '距离') },
    siteReferences(plan, 'distance'),
  );
  checkNames(
    document,
    { names: namesOf(plan.syncModes), what: bi('sync mode', '同步方式') },
    siteReferences(plan, 'sync'),
  );
  checkNames(document, { names: namesOf(plan.presets), what: bi('objective preset', '目标预设') }, objective(plan));
  checkMilestones(document, plan);
  checkSites(document, plan);
  checkEncryption(document, plan);
  checkTrees(document, plan);
}

function checkNames(
  document: YamlDocument,
  known: { readonly names: readonly string[]; readonly what: Bilingual },
  references: readonly Reference[],
): void {
  for (const { path, name } of references) {
    if (typeof name !== 'string' || known.names.includes(name)) continue;
    const message = bi(
      `this plan has no ${known.what.en} ${quoted(name)}`,
      `本预案中没有${known.what.zh}${quoted(name)}`,
    );
    document.report({ path, message, hint: nameHint(name, known.names) });
  }
}

function roleReferences(plan: Raw): readonly Reference[] {
  const contacts = itemsOf(plan.contacts).map(({ role }, at) => ({ path: ['contacts', at, 'role'], name: role }));
  const milestones = itemsOf(plan.milestones).flatMap(({ by, actions }, at) => [
    { path: ['milestones', at, 'by'], name: by },
    ...itemsOf(actions).map((action, each) => ({ path: ['milestones', at, 'actions', each, 'by'], name: action.by })),
  ]);
  const trees = mapsOf(plan.decision).map(([tree, { by }]) => ({ path: ['decision', tree, 'by'], name: by }));
  return [...contacts, ...milestones, ...trees];
}

const tierSites = (plan: Raw): readonly Reference[] =>
  mapsOf(plan.tiers).map(([tier, { site }]) => ({ path: ['tiers', tier, 'site'], name: site }));

const siteReferences = (plan: Raw, key: 'distance' | 'sync'): readonly Reference[] =>
  mapsOf(plan.sites).map(([name, site]) =>
    key === 'distance'
      ? { path: ['sites', name, key], name: site.distance }
      : { path: ['sites', name, key, 'mode'], name: isMapValue(site.sync) ? site.sync.mode : undefined },
  );

const objective = (plan: Raw): readonly Reference[] =>
  isMapValue(plan.readiness) ? [{ path: ['readiness', 'objective'], name: plan.readiness.objective }] : [];

function checkMilestones(document: YamlDocument, plan: Raw): void {
  const seen = new Set<string>();
  for (const [index, { id }] of itemsOf(plan.milestones).entries()) {
    if (typeof id !== 'string') continue;
    if (seen.has(id)) {
      const message = bi(`two milestones have the id ${quoted(id)}`, `两个里程碑的标识都是${quoted(id)}`);
      document.report({ path: ['milestones', index, 'id'], message });
    }
    seen.add(id);
  }
}

function checkSites(document: YamlDocument, plan: Raw): void {
  if (!isMapValue(plan.sites)) return;
  const primaries = mapsOf(plan.sites).filter(([, { role }]) => role === 'primary');
  if (primaries.length === 1) return;
  const message = bi(
    `one site is the primary, not ${primaries.length}`,
    `主站点必须恰好一个，而不是 ${primaries.length} 个`,
  );
  document.report({ path: ['sites'], message });
}

function checkEncryption(document: YamlDocument, plan: Raw): void {
  if (plan.encryption !== undefined) return;
  for (const [tier, { encryption }] of mapsOf(plan.tiers)) {
    if (encryption !== undefined) continue;
    document.report({ path: ['tiers', tier], message: NO_KEY, hint: ENCRYPT });
  }
}

const NO_KEY = bi('nothing says how this tier is encrypted', '没有说明该层级如何加密');
const ENCRYPT = bi(
  'add “encryption: { recipients: FILE }” here or for the whole plan; plain text needs { none: why }',
  '请在此处或整个预案中添加“encryption: { recipients: 文件 }”；若不加密须写 { none: 理由 }',
);

const namesOf = (value: unknown): readonly string[] => (isMapValue(value) ? Object.keys(value) : []);

/** The entries of a map that are maps themselves. */
const mapsOf = (value: unknown): readonly (readonly [string, Raw])[] =>
  isMapValue(value)
    ? Object.entries(value).flatMap(([name, inner]) => (isMapValue(inner) ? [[name, inner] as const] : []))
    : [];

function itemsOf(value: unknown): readonly Raw[] {
  if (!Array.isArray(value)) return [];
  const items: readonly unknown[] = value;
  return items.map((item) => (isMapValue(item) ? item : {}));
}
