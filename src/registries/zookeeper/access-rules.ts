/** The access lists of the nodes below the prefix. Each node has its own: nothing is inherited. */
import { inParallel } from '../../core/parallel.js';
import type { Answer } from '../../core/registry.js';
import type { AccessAbility, AccessRule } from '../../core/registry-abilities.js';
import type { Access } from './access.js';
import { type Acl, OPEN, own, RIGHTS } from './ops.js';
import type { Place } from './snapshot-content.js';
import { isVeiled, type Tree } from './tree.js';

/** Requests at a time on the one connection. */
const AT_ONCE = 64;
/** As ZooKeeper's own command line writes them. */
const LETTERS = [
  ['c', RIGHTS.create],
  ['d', RIGHTS.delete],
  ['r', RIGHTS.read],
  ['w', RIGHTS.write],
  ['a', RIGHTS.admin],
] as const;
const DONE = { outcome: 'ok', value: null } as const;

export const zookeeperRules = (accessOf: (node: string) => Access, place: Place): AccessAbility => ({
  // Each node brings its own, and takes it away.
  rulesEndWithEntries: true,
  rules: (node, options) => accessOf(node).onTree(options, (tree) => rulesUnder(tree, place)),
  takeAway: (node, rules, options) =>
    accessOf(node).onTree(options, (tree) => {
      const veiled = rules.find((rule) => isVeiled(aclOf(rule)));
      if (veiled !== undefined) return Promise.resolve(cannotPutBack(veiled));
      return setAll(tree, pathsOf(rules), () => [onlyTheKey(tree)]);
    }),
  putBack: (node, rules, options) =>
    accessOf(node).onTree(options, (tree) => {
      const of = (path: string) => rules.filter(({ resource }) => resource === path).map(aclOf);
      return setAll(tree, pathsOf(rules), of);
    }),
});

const pathsOf = (rules: readonly AccessRule[]): readonly string[] => [
  ...new Set(rules.map(({ resource }) => resource)),
];

/** The right to put the rules back stays with us: without credentials we are anybody. */
const onlyTheKey = ({ user }: Tree): Acl =>
  user === null ? { rights: RIGHTS.admin, scheme: 'world', id: 'anyone' } : own(RIGHTS.admin);

const cannotPutBack = ({ resource }: AccessRule): Answer<never> => ({
  outcome: 'failed',
  reason: `the rules of ${resource} are shown without their hashes, so that they could not be put back: the right “admin” is needed there`,
});

async function rulesUnder(tree: Tree, { base, layout }: Place): Promise<Answer<readonly AccessRule[]>> {
  // What is recorded here is what will be put back: nothing older will do.
  const sync = await tree.sync(base);
  if (sync.outcome !== 'ok') return sync;
  const services = await tree.children(base);
  if (services.outcome !== 'ok') return services;
  const paths = [base];
  for (const child of [...(services.value ?? [])].sort()) {
    const folder = layout.folderOf(base, layout.serviceOf(child));
    const names = await tree.children(folder);
    if (names.outcome !== 'ok') return names;
    const between = folder === `${base}/${child}` ? [] : [`${base}/${child}`];
    paths.push(...between, folder, ...[...(names.value ?? [])].sort().map((name) => `${folder}/${name}`));
  }
  const answers = await inParallel(paths, AT_ONCE, async (path) => ({ path, answer: await tree.rules(path) }));
  const told: { readonly path: string; readonly rules: readonly Acl[] }[] = [];
  for (const { path, answer } of answers) {
    if (answer.outcome !== 'ok') return answer;
    // Gone between the two requests: then it has no rules.
    told.push({ path, rules: answer.value ?? [] });
  }
  return { outcome: 'ok', value: rulesAsTold(told) };
}

/** [] = everything is open to everybody. */
export function rulesAsTold(
  nodes: readonly { readonly path: string; readonly rules: readonly Acl[] }[],
): readonly AccessRule[] {
  const rules = nodes.flatMap(({ path, rules: acls }) => acls.map((acl) => ruleOf(path, acl)));
  return rules.every(isOpen) ? [] : rules;
}

async function setAll(
  tree: Tree,
  paths: readonly string[],
  listFor: (path: string) => readonly Acl[],
): Promise<Answer<null>> {
  // What is gone by now needs no rules.
  const answers = await inParallel(paths, AT_ONCE, (path) => tree.setRules(path, listFor(path)));
  const bad = answers.find(({ outcome }) => outcome !== 'ok');
  return bad === undefined || bad.outcome === 'ok' ? DONE : bad;
}

const ruleOf = (path: string, { scheme, id, rights }: Acl): AccessRule => ({
  subject: `${scheme}:${id}`,
  resource: path,
  rights: LETTERS.map(([letter, bit]) => ((rights & bit) === 0 ? '' : letter)).join(''),
});

function aclOf({ subject, rights }: AccessRule): Acl {
  const at = subject.indexOf(':');
  const bits = LETTERS.reduce((sum, [letter, bit]) => (rights.includes(letter) ? sum + bit : sum), 0);
  return { scheme: subject.slice(0, at), id: subject.slice(at + 1), rights: bits };
}

const isOpen = (rule: AccessRule): boolean =>
  OPEN.some(({ scheme, id }) => rule.subject === `${scheme}:${id}`) && rule.rights.length === LETTERS.length;
