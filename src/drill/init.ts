import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DrillKind, NodeSpec, RegistryName } from '../core/drill.js';
import { templatesDir } from '../core/package-root.js';
import type { Lang } from '../core/text.js';
import { byContainer, fieldsOf } from './node-find.js';

export type InitWishes = {
  readonly registry: RegistryName;
  readonly kind: DrillKind;
  readonly lang: Lang;
  /** Folder with `init/` and `recovery-plan.yaml`; default: the one that comes with Firedrill. */
  readonly templates?: string;
} & (
  | { readonly lab: string; readonly nodes?: never }
  | { readonly nodes: readonly NodeSpec[]; readonly lab?: never; readonly environment?: string }
);

export interface NewFile {
  readonly path: string;
  readonly text: string;
}

const SCHEMAS = './node_modules/firedrill/templates/schema';

/** What `firedrill init` writes: a drill, a copy of the recovery plan, and lines for .gitignore. */
export function initFiles(wishes: InitWishes): readonly NewFile[] {
  const { kind, lang, templates = templatesDir } = wishes;
  const template = (name: string): string => readFileSync(join(templates, name), 'utf8');
  const file = `${kind}.drill.yaml`;
  const drill = fillIn(inLanguage(template(join('init', file)), lang), {
    schema: `${SCHEMAS}/drill.schema.json`,
    file,
    id: `first-${kind}`,
    environment: wishes.nodes === undefined ? 'lab' : JSON.stringify(wishes.environment ?? 'staging'),
    target: targetText(wishes),
  });
  const plan = template('recovery-plan.yaml').replace('$schema=./schema/', `$schema=${SCHEMAS}/`);
  return [
    { path: file, text: drill },
    { path: 'recovery-plan.yaml', text: plan },
    { path: '.gitignore', text: template(join('init', 'gitignore.txt')) },
  ];
}

/** Comments of a template stand there in both languages, marked `#en ` and `#zh `. */
const inLanguage = (text: string, lang: Lang): string =>
  text
    .split('\n')
    .filter((line) => !/^ *#(?:en|zh) /.test(line) || line.trimStart().startsWith(`#${lang} `))
    .map((line) => line.replace(/^( *)#(?:en|zh) /, '$1# '))
    .join('\n');

const fillIn = (text: string, values: Readonly<Record<string, string>>): string =>
  Object.entries(values).reduce((filled, [name, value]) => filled.replaceAll(`{{${name}}}`, () => value), text);

/** JSON is YAML: names and paths of any kind stay what they are. */
function targetText({ registry, lab, nodes }: InitWishes): string {
  if (nodes === undefined) return `target: { registry: ${registry}, lab: ${JSON.stringify(lab)} }`;
  const [first] = nodes;
  const driver =
    first?.find.by === 'command' ? 'command' : first !== undefined && byContainer(first.find) ? 'docker' : 'process';
  const rows = nodes.map(({ find, start, ...rest }) => {
    const started = start.length === 0 ? {} : { start };
    return `    - ${JSON.stringify({ ...rest, ...started, ...fieldsOf(find) })}`;
  });
  return [`target:`, `  registry: ${registry}`, `  driver: ${driver}`, `  nodes:`, ...rows].join('\n');
}
